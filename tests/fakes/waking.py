"""One history for a mind that sleeps, run by run with nothing but the store between, and as a backtest.

`TRADER` and `COINER` are agents in a mode that sleeps. `live_cycles` plays a rehearsal's cycles, each on a desk of its
own as a process that has just started would; `backtest_cycles` runs the event loop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.desk import DAY_OPENS, DeskKit, at, bar, calendar
from tests.fakes.desk_makers import ScriptedMaker
from tests.unit.backtest.builders import COIN, STOCK, bars_of, wide_open
from tests.unit.brokers.builders import Row
from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.backtest.news_ticks import NewsTick
from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.decisions import NEWS_PREFIX
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk

TRADER = replace(STOCK, mode=Mode.AUTOMATED)
COINER = replace(COIN, mode=Mode.AUTOMATED)
FLAT: Row = (100.0, 100.5, 99.5, 100.0)


def house_of(
    wake: WakeConditions, house: Company | None = None, *, trader: AgentConfig = TRADER
) -> Company:
    """The company with the trader alone, which wakes on these conditions."""
    company = wide_open() if house is None else house
    return replace(company, agents=(replace(trader, wake=wake),))


def news_at(numbers: Iterable[float]) -> tuple[NewsTick, ...]:
    """A story that becomes known in each of these bars: 2.5 is in the middle of bar 2."""
    found = []
    for number in numbers:
        known = bar(0) + number * (bar(1) - bar(0))
        found.append(NewsTick(at=known, news_id=f"s{number}", known_at=known))
    return tuple(found)


def desk_of(kit: DeskKit, mind: DecisionMaker, as_of: datetime) -> TradingDesk:
    """The kit's desk with this mind."""
    return replace(kit.desk(as_of), makers=dict.fromkeys(Mode, mind))


def kit_for(
    kit: DeskKit,
    rows: Sequence[Row],
    company: Company,
    news: Sequence[NewsTick] = (),
) -> DeskKit:
    """A kit with the bars and stories of a history."""
    (agent,) = company.agents
    kit.bars.upsert([bars_of(rows, trader=agent)], source="test", ingested_at=DAY_OPENS)
    known = {(each.news_id, agent.symbol): each.known_at for each in news}
    return replace(
        kit, company=company, stories=lambda news_id, symbol: known.get((news_id, symbol))
    )


def live_cycles(
    kit: DeskKit,
    mind: DecisionMaker,
    count: int,
    *,
    news: Sequence[NewsTick] = (),
    missed: Iterable[int] = (),
) -> list[CycleResult]:
    """Run the cycles of `count` bars and of the stories between, in order of time."""
    ticks: list[tuple[datetime, str | None]] = [(each.at, each.news_id) for each in news]
    ticks += [(at(number), None) for number in range(count) if number not in set(missed)]
    results = []
    for as_of, story in sorted(ticks, key=lambda tick: tick[0]):
        (agent,) = kit.company.agents
        request = CycleRequest(
            agent_id=agent.agent_id, as_of=as_of, holder=f"run-{as_of}", story=story
        )
        results.append(run_cycle(desk_of(kit, mind, as_of), request))
    return results


def backtest_cycles(
    rows: Sequence[Row],
    mind: DecisionMaker,
    company: Company,
    news: Sequence[NewsTick] = (),
) -> list[CycleResult]:
    """Run the same history in the backtest's event loop."""
    (agent,) = company.agents
    given = LoopInput(
        company=company,
        agent=agent,
        maker=mind,
        calendar=calendar(),
        series=bars_of(rows, trader=agent),
        first=0,
        source="test",
        wake=agent.wake,
        news=tuple(news),
    )
    results: list[CycleResult] = []
    run_loop(given, watcher=results.append)
    return results


def asked(mind: ScriptedMaker) -> list[float | str]:
    """The asked slots: a bar by its number, a story by its id."""
    numbers = {iso_z(bar(number)): number for number in range(78)}
    return [slot if slot.startswith(NEWS_PREFIX) else numbers[slot] for _, slot in mind.asked]
