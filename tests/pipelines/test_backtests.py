"""Backtests as assets."""

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
