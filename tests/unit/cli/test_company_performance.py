"""What a rehearsed model earned is split at its training cutoff."""

from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.performance.trades import RoundTrip, trade_statistics
from ztrade_pipelines.cli.company_performance import AgentResult, agents_table, clean_result


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
    console = Console(width=120, record=True)
    console.print(agents_table([result]))
    return " ".join(console.export_text().split())


def test_only_trades_opened_after_the_cutoffs_new_york_day_are_clean() -> None:
    clean = clean_result(TRADES, Cutoff(models=("m-1",), day=date(2022, 12, 28)))
    assert (clean.realised_usd, clean.figures["trades"]) == (3.0, 2)
    assert clean.figures["win_rate"] == 0.5


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2022, 12, 28), "after 2022-12-28"), (None, "cutoff unknown: none is clean")],
)
def test_the_split_stands_under_the_agent(day: date | None, said: str) -> None:
    text = told(Cutoff(models=("m-1",), day=day))
    assert said in text
    assert "it may have known" in text
    assert ("+$3.00" in text) is (day is not None)


def test_an_agent_that_no_model_decides_for_has_one_row() -> None:
    assert "after" not in told(None)
