"""Three days on which a person bought and sold by hand, at prices that can be followed with a pencil.

Wednesday 2022-12-28 to Friday 2022-12-30, the first hour of each session in five-minute bars: $100 for four
bars, then the day's own price. Bought on bar 1 (filled at 100 x 1.0002 = 100.02), sold on bar 5 (filled at the
price x 0.9998), looked at once more on bar 7.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import MetaData, select
from sqlalchemy.engine import Engine
from typing_extensions import TypedDict, Unpack

from tests.fakes.by_hand import Said
from tests.fakes.desk import DeskKit, calendar
from tests.fakes.series import series_of_closes
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.studies.rule_trial import RuleTrial, TrialRequest, TrialRoom, run_rule_trial
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk

OPENS = tuple(datetime(2022, 12, day, 14, 30, tzinfo=UTC) for day in (28, 29, 30))
STEP = timedelta(minutes=5)
BARS_A_DAY = 12
NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
RISING_FIRST = (102.0, 99.0, 98.0)
PERIOD = {"first": "2022-12-28", "last": "2022-12-30"}
DeskAt = Callable[[datetime], TradingDesk]


def opened(day: int, number: int) -> datetime:
    """When bar `number` of a day opens."""
    return OPENS[day] + number * STEP


def at(day: int, number: int) -> datetime:
    """When bar `number` of a day is complete."""
    return opened(day, number) + STEP


def days_of(
    symbol: str, prices: Sequence[float], start: float = 100.0, bars: int = BARS_A_DAY
) -> list[BarSeries]:
    """The bars of each day: `start` for four bars, then the day's price."""
    return [
        series_of_closes(
            symbol,
            Timeframe.M5,
            [opened(day, number) for number in range(bars)],
            [start] * 4 + [price] * (bars - 4),
            volumes=[1e6] * bars,
        )
        for day, price in enumerate(prices)
    ]


class How(TypedDict, total=False):
    """How many are asked for, on which story, and who decides (a person, unless said)."""

    quantity: float
    story: str
    who: str


def by_hand(
    desk_at: DeskAt, as_of: datetime, action: str, agent_id: str = "agent_tsla", **how: Unpack[How]
) -> CycleResult:
    """Let a person decide at a moment, or whoever is said to."""
    said = Proposal(
        action=Action(action),
        confidence=0.9,
        rationale="a hunch",
        maker=how.get("who", "manual:ada"),
        quantity=how.get("quantity"),
    )
    request = CycleRequest(
        agent_id=agent_id, as_of=as_of, holder="run", writer=Said(said), story=how.get("story")
    )
    return run_cycle(desk_at(as_of), request)


def trade_day(desk_at: DeskAt, day: int, who: str = "manual:ada") -> None:
    """Buy ten on bar 1, sell on bar 5, look once more on bar 7."""
    by_hand(desk_at, at(day, 1), "buy", quantity=10.0, who=who)
    by_hand(desk_at, at(day, 5), "sell", who=who)
    by_hand(desk_at, at(day, 7), "hold", who=who)


def traded(
    kit: DeskKit, prices: Sequence[float] = RISING_FIRST, who: str = "manual:ada"
) -> DeskKit:
    """Store TSLA's three days and trade each of them."""
    kit.bars.upsert(days_of("TSLA", prices), source="test", ingested_at=NOW)
    for day in range(len(prices)):
        trade_day(kit.desk, day, who)
    return kit


class NoBacktests:
    """Stands where a trial must not write: whatever is asked of it fails."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a trial touched the backtests: {name}")


def room_of(kit: DeskKit, company: Company | None = None) -> TrialRoom:
    """What a trial of a kit reads."""
    backtests: BacktestStore = NoBacktests()  # type: ignore[assignment]
    bench = Bench(
        company=kit.company if company is None else company,
        bars=kit.bars,
        backtests=backtests,
        calendar=calendar(),
        clock=SimulatedClock(NOW),
        maker_of=lambda _: StrategyMaker(),
        splits=kit.splits,
    )
    return TrialRoom(store=kit.store, bench=bench)


def tried(
    kit: DeskKit,
    limits: Mapping[str, object],
    *,
    company: Company | None = None,
    **asked: object,
) -> RuleTrial:
    """Try limits that differ from the company's in these, on the three days unless said."""
    room = room_of(kit, company)
    risk = replace(room.bench.company.risk, **limits)  # type: ignore[arg-type]
    when = asked if {"days", "first"} & asked.keys() else {**PERIOD, **asked}
    request = TrialRequest(risk=risk, account=kit.account, live=False, **when)  # type: ignore[arg-type]
    return run_rule_trial(room, request)


def everything(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in tables.sorted_tables
        }
