"""The event loop for several agents in one account: the cycle of live trading, bar by bar.

Cycles run in the order (completion, agent id), as DESIGN section 7 says. It is the reference that a
compiled run of several agents must equal; `backtest.loop` is the same for one agent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.backtest.attention import Attention
from ztrade_core.backtest.desks import BACKTEST, simulated_desk
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.backtest.loop import Tally
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.orders import Fill
from ztrade_core.domain.time import from_micros, new_york_date, new_york_midnight
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk

Watcher = Callable[[CycleResult], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPoint:
    """The account marked when an agent's bar completes: equity, and what of it is in positions."""

    timestamp: datetime
    agent_id: str
    equity: float
    exposure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioOutput:
    """What a run of several agents left, in the order it happened."""

    fills: list[Fill]
    points: list[AccountPoint]
    outcomes: dict[str, int]
    denials: dict[str, int]
    halts: dict[str, int]


def run_portfolio_loop(
    given: PortfolioInput,
    maker: DecisionMaker,
    *,
    watcher: Watcher | None = None,
    attentions: Sequence[Attention] = (),
) -> PortfolioOutput:
    """Run the agents in the company's account over their bars.

    `attentions` count what those among them may know whose minds sleep.
    """
    schedule = _schedule(given)
    opened = min(from_micros(int(leg.series.timestamps[leg.first])) for leg in given.legs)
    clock = SimulatedClock(new_york_midnight(new_york_date(opened)))
    desk = simulated_desk(given.house, given.calendar, given.legs, maker, clock)
    for each in attentions:
        each.watch(desk)
    tally, points = Tally(), list[AccountPoint]()
    for at, agent_id, story in schedule:
        clock.advance_to(at)
        request = CycleRequest(agent_id=agent_id, as_of=at, holder=BACKTEST, story=story or None)
        result = run_cycle(desk, request)
        tally.add(result)
        for each in attentions:
            each.add(result)
        if watcher is not None:
            watcher(result)
        if not story:
            points += _marked(desk, at, agent_id)
    with desk.store.reading() as uow:
        fills = uow.orders.fills(desk.account, 1)
    return PortfolioOutput(
        fills=fills,
        points=points,
        outcomes=dict(sorted(tally.outcomes.items())),
        denials=dict(sorted(tally.denials.items())),
        halts=dict(sorted(tally.halts.items())),
    )


def _marked(desk: TradingDesk, at: datetime, agent_id: str) -> list[AccountPoint]:
    with desk.store.reading() as uow:
        mark = uow.accounts.last_snapshot(desk.account, 1)
    if mark is None:
        return []
    return [
        AccountPoint(
            timestamp=at, agent_id=agent_id, equity=mark.equity, exposure=mark.gross_exposure
        )
    ]


def _schedule(given: PortfolioInput) -> list[tuple[datetime, str, str]]:
    """Return every decision's moment and agent, in order; the story that asks for it, if one does."""
    moments = []
    for leg in given.legs:
        agent, stamps = leg.agent, leg.series.timestamps
        asset_class = agent.instrument.asset_class
        moments += [
            (
                given.calendar.completes_at(asset_class, agent.timeframe, from_micros(int(stamp))),
                agent.agent_id,
                "",
            )
            for stamp in stamps[leg.first :]
        ]
        moments += [(tick.at, agent.agent_id, tick.news_id) for tick in leg.news]
    return sorted(moments)
