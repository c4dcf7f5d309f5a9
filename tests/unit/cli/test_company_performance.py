"""What a rehearsed model earned is split at its training cutoff."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from tests.fakes.desk import at, bar
from tests.unit.studies.scoreboard_cases import ACCOUNT, Case, model_of, said, trader
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.side_slots import member_slot
from ztrade_core.domain.time import iso_z
from ztrade_core.performance.trades import RoundTrip, trade_statistics
from ztrade_pipelines.cli.company_performance import (
    AgentResult,
    agents_table,
    clean_result,
    cutoff_of_answers,
)


def trade(day: int, hour: int, pnl_usd: float) -> RoundTrip:
    opened = datetime(2022, 12, day, hour, tzinfo=UTC)
    return RoundTrip(
        symbol="TSLA",
        opened_at=opened,
        closed_at=datetime(2022, 12, 30, 20, tzinfo=UTC),
        quantity=1.0,
        entry_price=100.0,
        exit_price=100.0 + pnl_usd,
        pnl_usd=pnl_usd,
    )


# 05:00 UTC is midnight in New York: the 28th ends there.
TRADES = [trade(28, 15, 40.0), trade(29, 4, 20.0), trade(29, 15, -5.0), trade(30, 15, 8.0)]


def told(cutoff: Cutoff | None) -> str:
    result = AgentResult(
        agent_id="agent_tsla",
        realised_usd=63.0,
        unrealised_usd=0.0,
        figures=trade_statistics(TRADES),
        clean=None if cutoff is None else clean_result(TRADES, cutoff),
    )
    console = Console(width=80, record=True)
    console.print(agents_table([result]))
    return " ".join(console.export_text().split())


def test_only_trades_opened_after_the_cutoffs_new_york_day_are_clean() -> None:
    clean = clean_result(TRADES, Cutoff(models=("m-1",), day=date(2022, 12, 28)))
    assert (clean.realised_usd, clean.figures["trades"]) == (3.0, 2)
    assert clean.figures["win_rate"] == 0.5


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2022, 12, 28), "after 2022-12-28"), (None, "none is clean")],
)
def test_the_split_stands_under_the_agent(day: date | None, said: str) -> None:
    text = told(Cutoff(models=("m-1",), day=day))
    assert said in text
    assert "realised open trades won factor a trade streak" in text, "whole, in 80 columns"
    assert "it may have known" in text
    assert ("+$3.00" in text) is (day is not None)


def test_an_agent_that_no_model_decides_for_has_one_row() -> None:
    assert "after" not in told(None)


def decided_by(*makers: str, agent: AgentConfig, voters: Sequence[str] = ()) -> Cutoff | None:
    """The cutoff of decisions by these makers, the last of which `voters` gave."""
    case = Case(trader=agent)
    case.decide(0, said("buy", maker="automated:of-another-epoch/a"))
    for number, maker in enumerate(makers):
        case.decide(number, said("buy", maker=maker), epoch=2)
    for number, voter in enumerate(voters):
        key = case.key(member_slot(f"no{number}", iso_z(bar(len(makers) - 1))), epoch=2)
        tape = Tape(
            key=key,
            snapshot_hash="",
            proposal=said("buy", maker=voter),
            mode="",
            run_id="",
            taped_at=at(0),
        )
        with case.store.locked() as uow:
            uow.tapes.put_first(tape)
    with case.store.reading() as uow:
        return cutoff_of_answers(uow, agent, account=ACCOUNT, epoch=2, until=at(5))


def test_whose_trades_they_were_says_the_ledger_not_the_file() -> None:
    """What another model did under the agent's name is not clean, whatever the file says now."""
    day = date(2022, 12, 28)
    model = trader(mode=Mode.AUTOMATED, model=model_of("m-1", day))
    assert decided_by("strategy:sma/1", agent=trader()) is None
    assert decided_by("automated:m-1/a", agent=model) == Cutoff(models=("m-1",), day=day)
    assert decided_by("automated:m-9/a", agent=model) == Cutoff(models=("m-9",), day=None)
    assert decided_by("automated:m-9/a", agent=trader()) == Cutoff(models=("m-9",), day=None)
    voted = ("strategy:sma/1", "ensemble:majority/1")
    found = decided_by(*voted, agent=trader(), voters=["automated:m-9/a", "strategy:sma/1"])
    assert found == Cutoff(models=("m-9",), day=None)
    assert decided_by(*voted, agent=trader(), voters=["strategy:sma/1"]) is None
