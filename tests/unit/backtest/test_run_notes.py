"""What a run says against itself: halts that lifted by themselves, on every way it is shown."""

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.unit.backtest.stored import stored_run
from tests.unit.backtest.test_tear_sheet import Page, sheet_for
from ztrade_core.backtest.overfit import guards_of
from ztrade_core.backtest.portfolio_report import COMPANY, halted_party
from ztrade_core.backtest.run_notes import halts_note
from ztrade_core.backtest.tear_sheet import page
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_pipelines.cli.backtest_guards import reasons_table

SAID = (
    "3 halts were lifted the next day, as config/risk_limits.yaml says (on_halt: next_day);"
    " live they hold until a person resumes"
)


def halted(run: BacktestRun, halts: dict[str, int], on_halt: str = "next_day") -> BacktestRun:
    """The run as if so many halts of each kind had begun in it."""
    config: dict[str, Any] = {**run.config, "halts": halts, "risk": {"on_halt": on_halt}}
    return replace(run, config=config, metrics={**run.metrics, "halts": sum(halts.values())})


def test_halts_that_lift_by_themselves_are_a_warning(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests)
    run = halted(stored.result.run, {"daily_loss": 2, "consecutive_losses": 1})
    assert SAID in guards_of(run, [], backtests).warnings
    assert SAID not in guards_of(stored.result.run, [], backtests).warnings
    (one,) = halts_note(halted(run, {"daily_loss": 1}))
    assert one.startswith("1 halt was lifted")
    assert one.endswith("live it holds until a person resumes")


def test_halts_that_stand_to_the_end_are_as_live(backtests: SqlBacktestStore) -> None:
    run = stored_run(backtests).result.run
    assert halts_note(halted(run, {"drawdown": 1}, on_halt="stop")) == []
    assert halts_note(halted(run, {})) == []


def test_the_sheet_warns_and_explains(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests)
    run = halted(stored.result.run, {"daily_loss": 3})
    sheet = replace(sheet_for(stored), run=run, guards=guards_of(run, [], backtests))
    text = Page(page(sheet)).text
    assert text.count(SAID) == 2
    assert f"{SAID}." in text.split("What every bar came to")[1]


@pytest.mark.parametrize(
    ("agents", "breaker", "party"),
    [
        (("agent_btc", "agent_tsla"), "daily_loss", COMPANY),
        (("agent_btc", "agent_tsla"), "drawdown", COMPANY),
        (("agent_btc", "agent_tsla"), "consecutive_losses", "an agent"),
        (("agent_btc", "agent_tsla"), "runaway", "an agent"),
        (("agent_tsla",), "runaway", "agent_tsla"),
        ((), "daily_loss", COMPANY),
        ((), "consecutive_losses", "agent_tsla"),
    ],
)
def test_a_halt_stands_with_whom_it_stopped(
    backtests: SqlBacktestStore, agents: tuple[str, ...], breaker: str, party: str
) -> None:
    run = halted(stored_run(backtests).result.run, {breaker: 1})
    listed = [{"agent": {"agent_id": each}} for each in agents]
    run = replace(run, config={**run.config, **({"agents": listed} if agents else {})})
    assert halted_party(run, breaker) == party
    made = reasons_table(run)
    assert made is not None
    screen = Console(width=120)
    with screen.capture() as shown:
        screen.print(made)
    (line,) = [each for each in shown.get().splitlines() if "halted by" in each]
    assert line.split("halted by")[0].strip() == (party if agents else "")
