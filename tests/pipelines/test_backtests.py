"""Backtests as assets."""

from dataclasses import replace
from pathlib import Path

import dagster as dg

from tests.pipelines.conftest import AGENT, House
from tests.pipelines.markets import fill_all
from tests.unit.backtest.stored import NOW, SERIES, TRADING, stored_run
from ztrade_core.backtest.portfolio_report import agent_parts
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
    sheet, path = kept_sheet(house.workshop, kept)
    # Three days are too few for them.
    guards = replace(sheet.guards, deflated_sharpe=0.25, sharpe_by_luck=0.5)
    run = replace(kept.run, metrics={**kept.run.metrics, "probabilistic_sharpe": 0.75})
    metadata = backtest_metadata(replace(kept, run=run), replace(sheet, guards=guards), path)
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


def test_every_number_keeps_its_kind_over_materializations(house: House) -> None:
    """A run that traded and one that did not: what the page plots is a float, or `-` in its place."""
    floats: set[str] = set()
    for answers in (TRADING, {}):
        kept = stored_run(house.workshop.backtests, answers).result
        metadata = backtest_metadata(kept, *kept_sheet(house.workshop, kept))
        for name, value in metadata.items():
            if (
                name.partition("/")[0] in ("metric", "overfit", "monte_carlo")
                and "seed" not in name
            ):
                is_absent = isinstance(value, dg.TextMetadataValue) and value.text == "-"
                assert is_absent or isinstance(value, dg.FloatMetadataValue), (name, value)
                floats |= set() if is_absent else {name}
    assert {"metric/win_rate", "metric/fills", "overfit/trials"} <= floats


def test_the_page_shows_the_months_and_the_trades_on_the_price(house: House) -> None:
    kept = stored_run(house.workshop.backtests).result
    house.workshop.bars.upsert([SERIES], source="test", ingested_at=NOW, replace=True)
    metadata = backtest_metadata(kept, *kept_sheet(house.workshop, kept))
    assert metadata["monthly_returns"].value.startswith("| year | Jan |")
    assert "| 2022 |" in metadata["monthly_returns"].value
    assert metadata["trades_on_price"].value.startswith(
        "![trades on the price of TSLA](data:image/png"
    )


def test_several_agents_in_one_account_are_an_asset_of_their_own(house: House) -> None:
    """Three flat markets: one row an agent, and each says why it did not trade."""
    fill_all(house.workshop)
    result = house.run("portfolio_backtest", {**RANGE, "agents": []})
    assert result.success
    assert house.materialized(result) == ["backtests/company"]
    metadata = house._metadata(result, dg.AssetKey(["backtests", "company"]))
    [run] = house.workshop.backtests.runs("company")
    assert metadata["run_id"] == run.run_id
    assert metadata["metric/capital_usd"] == house.settings.company.capital_usd
    assert metadata["metric/agent_tsla/trades"] == 0.0
    rows = [record.data for record in metadata["agents"].records]
    assert [row["agent"] for row in rows] == ["agent_btc", "agent_iwm", "agent_tsla"]
    assert [row["instrument"] for row in rows] == ["BTC/USD 1h", "IWM 15m", "TSLA 5m"]
    assert metadata["most_often_held_because"].count("- agent_") == 3
    assert len(metadata["correlations"].records) == 3
    sheet = Path(str(metadata["tear_sheet"])).read_text(encoding="utf-8")
    assert "3 agents in one account: BTC/USD 1h, IWM 15m, TSLA 5m" in sheet
    assert "Why there was no closed trade" in sheet


def test_chosen_agents_share_the_account(house: House) -> None:
    fill_all(house.workshop)
    chosen = ["agent_tsla", "agent_iwm"]
    assert house.run("portfolio_backtest", {**RANGE, "agents": chosen}).success
    [run] = house.workshop.backtests.runs("company")
    assert [each.agent_id for each in agent_parts(run)] == sorted(chosen)


def test_an_agent_without_bars_fails_the_companys_run_in_one_line(house: House) -> None:
    result = house.run("portfolio_backtest", RANGE)  # only TSLA has bars
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    said = str(event.step_failure_data.user_failure_data.description)
    assert said.startswith("agent_btc: no bars of BTC/USD 1h")
    assert "\n" not in said


def test_the_backtest_of_agents_leaves_the_companys_out(house: House) -> None:
    """It has a configuration of its own."""
    keys = house.definitions.resolve_job_def("backtest").asset_layer.executable_asset_keys
    agents = {agent.agent_id for agent in house.settings.company.agents}
    assert {key.path[-1] for key in keys} == agents


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
