"""Backtests as assets."""

from dataclasses import replace
from pathlib import Path

import dagster as dg

from tests.pipelines.conftest import AGENT, House
from tests.unit.backtest.stored import stored_run
from ztrade_pipelines.backtests.describe import backtest_metadata
from ztrade_pipelines.backtests.sheets import kept_sheet

RANGE = {"start": "2022-12-28", "end": "2022-12-29"}


def test_a_backtest_is_stored_and_shown(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, **RANGE})

    assert result.success
    assert house.materialized(result) == [f"backtests/{AGENT}"]
    metadata = house._metadata(result, dg.AssetKey(["backtests", AGENT]))
    [run] = house.workshop.backtests.runs(AGENT)
    assert metadata["run_id"] == run.run_id
    assert metadata["metric/total_return"] == run.metrics["total_return"]
    assert "data:image/png;base64," in metadata["equity"]


def test_a_backtest_links_its_tear_sheet_and_shows_why_it_did_not_trade(house: House) -> None:
    """A flat market: every bar is held, and the page says for what reason."""
    result = house.run("backtest", {"agent_id": AGENT, **RANGE})

    metadata = house._metadata(result, dg.AssetKey(["backtests", AGENT]))
    [run] = house.workshop.backtests.runs(AGENT)
    sheet = house.settings.data_dir / "tear_sheets" / f"{run.run_id}.html"
    assert metadata["tear_sheet"] == str(sheet)
    assert "Why there was no closed trade" in sheet.read_text(encoding="utf-8")
    assert "most often held because" in metadata["bars_came_to"]
    assert metadata["overfit/trials"] == 0.0
    assert metadata["overfit/deflated_sharpe"] == metadata["metric/probabilistic_sharpe"] == "-"


def test_guards_and_quantiles_of_a_run_that_traded_are_numbers(house: House) -> None:
    """So that the page plots them over runs."""
    kept = stored_run(house.workshop.backtests).result
    metadata = backtest_metadata(kept, *kept_sheet(house.workshop, kept))
    for name in (
        "overfit/deflated_sharpe",
        "overfit/trials",
        "overfit/sharpe_by_luck",
        "metric/probabilistic_sharpe",
        "monte_carlo/bootstrap/total_return_50",
        "monte_carlo/bootstrap/probability_of_loss",
        "monte_carlo/shuffle/max_drawdown_95",
        "monte_carlo/shuffle/losing_streak_95",
    ):
        assert isinstance(metadata[name], dg.FloatMetadataValue), name
    assert "monte_carlo/shuffle/total_return_50" not in metadata
    assert "closed trades: 3, fewer than 30" in metadata["warnings"].value


def test_a_tear_sheet_that_cannot_be_written_does_not_fail_the_backtest(house: House) -> None:
    house.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (house.settings.data_dir / "tear_sheets").write_text("a file where the folder should be")

    result = house.run("backtest", {"agent_id": AGENT, **RANGE})

    assert result.success
    metadata = house._metadata(result, dg.AssetKey(["backtests", AGENT]))
    assert str(metadata["tear_sheet"]).startswith("not written: cannot write ")


def test_a_range_without_bars_fails_and_says_what_the_store_has(house: House) -> None:
    result = house.run("backtest", {"agent_id": AGENT, "start": "2019-01-01", "end": "2019-02-01"})

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "the store has" in str(event.step_failure_data.user_failure_data.description)


def test_a_selected_agent_is_run_without_naming_it(house: House) -> None:
    result = house.run("backtest", RANGE, asset_selection=[dg.AssetKey(["backtests", AGENT])])

    assert result.success
    assert house.materialized(result) == [f"backtests/{AGENT}"]


def test_a_recording_is_named_in_the_run_config_and_told_on_the_page(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "tape.jsonl"
    path.write_text('{"slot": "2022-12-28T14:55:00Z", "action": "buy", "confidence": 0.9}')
    config = {"agent_id": AGENT, **RANGE, "recorded": str(path)}
    result = house.run("backtest", config)

    assert result.success
    metadata = house._metadata(result, dg.AssetKey(["backtests", AGENT]))
    assert metadata["answered"] == "1 of 156 bars"
    assert metadata["repeats"].startswith("file tape.jsonl (")
    assert metadata["metric/fills"] == 1.0


def test_a_file_is_one_agents(house: House, tmp_path: Path) -> None:
    result = house.run("backtest", {**RANGE, "recorded": str(tmp_path / "tape.jsonl")})

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "name the agent" in str(event.step_failure_data.user_failure_data.description)


def test_a_models_cost_and_what_it_may_have_known_are_told_on_the_page(house: House) -> None:
    kept = stored_run(house.workshop.backtests).result
    model = {"name": "m-1", "training_cutoff": "2022-12-27", "budget_usd": 2.0, "unasked": 0}
    own = {
        "model_cost_usd": 0.5,
        "model_calls": 36,
        "contaminated_bars": 12,
        "clean_bars": 24,
        "clean/total_return": 0.01,
        "clean/sharpe": None,
        "clean/max_drawdown": 0.002,
    }
    run = replace(
        kept.run, config={**kept.run.config, "model": model}, metrics={**kept.run.metrics, **own}
    )
    told = replace(kept, run=run)
    metadata = backtest_metadata(told, *kept_sheet(house.workshop, told))
    assert metadata["model"] == "m-1, trained on data up to 2022-12-27"
    assert metadata["model_cost"] == "$0.50 of $2.00 for 36 answers"
    assert metadata["contaminated"] == (
        "12 bars; the 24 clean ones alone: return 1.00 %, sharpe -, drawdown 0.20 %"
    )
    assert metadata["metric/clean/total_return"].value == 0.01
