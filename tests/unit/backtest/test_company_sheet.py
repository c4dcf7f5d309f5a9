"""The tear sheet of several agents in one account."""

from dataclasses import replace

import pytest

from tests.unit.backtest.shared_account import (
    BUY,
    FIRST,
    LAST,
    TRADING,
    TSLA,
    Answers,
    calendar,
    house,
    market,
    rising,
    shared_bench,
)
from tests.unit.backtest.test_tear_sheet import Page
from ztrade_core.backtest.portfolio_runs import run_portfolio_and_store
from ztrade_core.backtest.runs import BacktestResult
from ztrade_core.backtest.tear_sheet import page
from ztrade_core.backtest.tear_sheet_content import Archive, Sheet, read_sheet
from ztrade_core.store.backtests import SqlBacktestStore


def made(
    backtests: SqlBacktestStore, answers: Answers, **rules: object
) -> tuple[Archive, BacktestResult]:
    bench = shared_bench(backtests, market(), answers, **rules)
    result = run_portfolio_and_store(bench, (), "2022-12-28", "2022-12-29")
    archive = Archive(company=house(), bars=bench.bars, backtests=backtests, calendar=calendar())
    return archive, result


@pytest.fixture
def sheet(backtests: SqlBacktestStore) -> Sheet:
    archive, result = made(backtests, TRADING)
    return read_sheet(archive, result.run)


def test_it_has_a_row_an_agent_and_a_price_a_symbol(sheet: Sheet) -> None:
    found = Page(page(sheet))
    assert "3 agents in one account: BTC/USD 1h, IWM 15m, TSLA 5m" in found.text
    assert found.text.split("\n").count("Agents") == 1
    assert len(found.addresses) == 4  # the curve, and three prices
    assert "IWM and TSLA" in found.text
    assert "agent_tsla/total_return" not in found.text.split("The whole configuration")[0]


def test_buy_and_hold_of_all_instruments_is_the_runs_own(backtests: SqlBacktestStore) -> None:
    archive, result = made(backtests, TRADING)
    assert list(read_sheet(archive, result.run).baseline) == result.baseline


def test_bars_that_changed_since_leave_buy_and_hold_out(backtests: SqlBacktestStore) -> None:
    archive, result = made(backtests, TRADING)
    other = rising(TSLA, FIRST, LAST, 77.0)
    archive.bars.upsert([other], source="test", ingested_at=LAST, replace=True)
    sheet = read_sheet(archive, result.run)
    assert list(sheet.baseline) == []
    assert any("no longer those the run saw" in warning for warning in sheet.warnings)


def test_without_a_trade_every_agent_says_why(backtests: SqlBacktestStore) -> None:
    archive, result = made(backtests, {})
    text = Page(page(read_sheet(archive, result.run))).text
    assert "Why there was no closed trade" in text
    section = text.split("Why there was no closed trade")[1].split("Equity, drawdown")[0]
    for agent_id in ("agent_btc", "agent_iwm", "agent_tsla"):
        assert agent_id in section


def test_a_denial_is_told_with_its_agent_and_share(backtests: SqlBacktestStore) -> None:
    answers = {"agent_iwm": {28: BUY}, "agent_tsla": {90: BUY}}
    archive, result = made(backtests, answers, max_gross_exposure_fraction=0.0185)
    text = Page(page(read_sheet(archive, result.run))).text
    assert "RULE_006 100 %" in text
    assert "RULE_006 failed. It asks:" in text


def test_invented_bars_of_one_agent_are_a_warning(
    sheet: Sheet, backtests: SqlBacktestStore
) -> None:
    archive, result = made(backtests, {})
    config = dict(result.run.config)
    config["data"] = {**config["data"], "source": "file:a.csv, synthetic:v1:7"}  # type: ignore[dict-item]
    warned = read_sheet(archive, replace(result.run, config=config)).warnings
    assert any("invented" in warning for warning in warned)
    assert not any("invented" in warning for warning in sheet.warnings)
