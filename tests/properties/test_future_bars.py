"""The future does not exist: bars after a decision never change it, and cannot be read at it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from tests.fakes.desk import DAY_OPENS, DeskKit, at, bar, calendar, kit_in_memory, kit_on
from tests.fakes.series import random_closes, series_of_closes
from tests.unit.risk.builders import IWM, TSLA, company
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.configuration import Company, Mode, StrategyChoice
from ztrade_core.domain.decisions import ChainedDecision
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import LookAheadError
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest

FIRST, KNOWN = 20, 30  # decided are bars FIRST to KNOWN - 1; no bar from KNOWN on is known
FUTURE = st.lists(
    st.floats(20.0, 500.0).map(lambda price: round(price, 2)), min_size=1, max_size=40
)
SEEDS = st.integers(0, 2**32 - 1)


def eager() -> Company:
    """Two agents that trade at small deviations, judged by every rule."""
    choice = StrategyChoice(
        name="mean_reversion", parameters=(("period", 4), ("entry_z", 0.3), ("exit_z", 0.0))
    )
    agents = [
        replace(each, strategy=choice, limits=replace(each.limits, min_confidence=0.5))
        for each in (TSLA, IWM)
    ]
    return company(*agents, correlation_min_overlap=10)


def put_past(made: DeskKit, seed: int) -> None:
    made.put_bars(
        {"TSLA": random_closes(seed, KNOWN), "IWM": random_closes(seed + 1, KNOWN)}, wick=0.002
    )
    put_days(made, seed, datetime(2022, 11, 2, tzinfo=UTC), DAY_OPENS)


def put_days(made: DeskKit, seed: int, start: datetime, stop: datetime) -> None:
    opened = calendar().expected_bars(AssetClass.STOCK, Timeframe.D1, start, stop)
    series = [
        series_of_closes(symbol, Timeframe.D1, opened, random_closes(seed + more, len(opened)))
        for more, symbol in enumerate(("TSLA", "IWM"))
    ]
    made.bars.upsert(series, source="test", ingested_at=DAY_OPENS)


def put_future(made: DeskKit, closes: list[float]) -> None:
    """More bars of the session, this very day's daily bar, and days after."""
    made.put_bars({"TSLA": closes, "IWM": closes[::-1]}, first=KNOWN)
    put_days(made, len(closes), DAY_OPENS, datetime(2023, 1, 14, tzinfo=UTC))


def decide_all(made: DeskKit) -> list[ChainedDecision]:
    """Run both agents over the known bars on a fresh account; return the ledger, digests included."""
    for number in range(FIRST, KNOWN):
        for agent in made.company.agents:
            desk = replace(made.desk(at(number)), makers={Mode.STRATEGY: StrategyMaker()})
            request = CycleRequest(agent_id=agent.agent_id, as_of=at(number), holder="run")
            run_cycle(desk, request)
    with made.store.reading() as uow:
        return list(uow.ledger.rows())


@given(seed=SEEDS, closes=FUTURE)
def test_bars_after_a_decision_never_change_it(seed: int, closes: list[float]) -> None:
    without, beside = kit_in_memory(company=eager()), kit_in_memory(company=eager())
    put_past(without, seed)
    put_past(beside, seed)
    put_future(beside, closes)
    assert decide_all(beside) == decide_all(without)


def test_bars_after_a_decision_never_change_it_in_a_database(engine: Engine) -> None:
    without, beside = kit_in_memory(company=eager()), kit_on(engine, company=eager())
    put_past(without, 11)
    put_past(beside, 11)
    put_future(beside, random_closes(5, 40, start=300.0))
    rows = decide_all(without)
    assert decide_all(beside) == rows
    assert {row.decision.outcome.value for row in rows} >= {"approved", "held"}


@given(seconds=st.integers(1, 10**7), after=st.integers(0, 10))
def test_a_read_past_as_of_is_a_look_ahead_error(seconds: int, after: int) -> None:
    made = kit_in_memory(company=eager())
    view = made.desk(at(after)).market.view(at(after))
    until = at(after) + timedelta(seconds=seconds)
    for read in (
        lambda: view.last_bars("TSLA", Timeframe.M5, 1, until=until),
        lambda: view.bars_after("TSLA", Timeframe.M5, bar(0), until=until),
        lambda: view.mark("TSLA", Timeframe.M5, until=until),
    ):
        with pytest.raises(LookAheadError):
            read()


@given(seed=SEEDS, seconds=st.integers(0, 20 * 300))
def test_no_bar_is_seen_before_it_is_complete(seed: int, seconds: int) -> None:
    made = kit_in_memory(company=eager())
    put_past(made, seed)
    as_of = bar(0) + timedelta(seconds=seconds)
    seen = made.desk(as_of).market.view(as_of).last_bars("TSLA", Timeframe.M5, KNOWN)
    assert len(seen) == seconds // 300
    assert date(2022, 12, 28) not in {
        stamp.date()
        for stamp in [
            made.desk(as_of).market.view(as_of).last_bars("TSLA", Timeframe.D1, 1).last_open
        ]
    }
