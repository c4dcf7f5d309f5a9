"""The plain event loop: the very cycle of live trading, bar by bar, on a simulated clock and broker.

It is the reference that a fast engine must equal: clarity before speed. Nothing here decides,
judges or fills: that is `trading`'s and `fills`'. Reads are point in time by construction: every
step sees the market through a view that ends at the bar's completion.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from ztrade_core.backtest.attention import Attention
from ztrade_core.backtest.desks import BACKTEST, simulated_desk
from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.news_ticks import NewsTick
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.sleeping import SleepingMaker
from ztrade_core.domain.backtests import BacktestFill, EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.orders import Fill, Side
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import from_micros, new_york_date, new_york_midnight
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest, TradingDesk

Progress = Callable[[int, int], None]
Watcher = Callable[[CycleResult], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopInput:
    """What a run is made of.

    `series` holds the agent's bars from a warm-up before the start to the end; `first` is the index
    of the first bar that is decided on. `source` is where the bars came from. `sentiment` is what was
    known of the agent's symbol; None: nothing ever. `wake` is when the mind is asked; None: on every
    bar. `news` runs it between bars.
    """

    company: Company
    agent: AgentConfig
    maker: DecisionMaker
    calendar: Calendar
    series: BarSeries
    first: int
    source: str
    sentiment: SentimentSeries | None = None
    wake: WakeConditions | None = None
    news: tuple[NewsTick, ...] = ()

    @property
    def leg(self) -> Leg:
        """The agent with its bars."""
        return Leg(
            agent=self.agent,
            series=self.series,
            first=self.first,
            source=self.source,
            sentiment=self.sentiment,
            news=self.news,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopOutput:
    """What a run left: executions, one equity point a bar, and how often what happened.

    `holds` counts the reasons of bars that were held (`reasons.counted_reasons`).
    """

    fills: list[BacktestFill]
    equity: Sequence[EquityPoint]
    outcomes: dict[str, int]
    denials: dict[str, int]
    halts: dict[str, int]
    commission_usd: float
    coin_fees_usd: float
    holds: dict[str, int] = field(default_factory=dict)


def run_loop(
    given: LoopInput, progress: Progress | None = None, *, watcher: Watcher | None = None
) -> LoopOutput:
    """Run the agent alone in the company's account over its bars.

    `progress` is told (bars done, bars in all), `watcher` what each cycle came to. News between two bars
    runs a cycle of its own; the equity is marked at bars only.
    """
    company = replace(given.company, agents=(given.agent,))
    clock = SimulatedClock(_opening(given))
    attention = Attention()
    desk = _desk(given, company, clock, attention)
    tally = Tally()
    equity: list[EquityPoint] = []

    def run(at: datetime, story: str | None) -> None:
        clock.advance_to(at)
        result = run_cycle(desk, _request(given.agent, at, story))
        tally.add(result)
        attention.add(result)
        if watcher is not None:
            watcher(result)

    total = len(given.series) - given.first
    asset_class = given.agent.instrument.asset_class
    news = deque(given.news)
    for step, index in enumerate(range(given.first, len(given.series))):
        opened = from_micros(int(given.series.timestamps[index]))
        as_of = given.calendar.completes_at(asset_class, given.agent.timeframe, opened)
        while news and news[0].at < as_of:
            tick = news.popleft()
            run(tick.at, tick.news_id)
        run(as_of, None)
        equity.append(_equity_point(desk, given.agent, as_of))
        if progress is not None:
            progress(step + 1, total)
    return _output(desk, equity, tally)


def _opening(given: LoopInput) -> datetime:
    first = from_micros(int(given.series.timestamps[given.first]))
    return new_york_midnight(new_york_date(first))


def _request(agent: AgentConfig, as_of: datetime, story: str | None) -> CycleRequest:
    """Return a cycle's request; whoever decides by hand live, the run's mind does here."""
    mode = Mode.RECORDED if agent.mode is Mode.MANUAL else None
    return CycleRequest(
        agent_id=agent.agent_id, as_of=as_of, holder=BACKTEST, mode=mode, story=story
    )


def _desk(
    given: LoopInput,
    company: Company,
    clock: SimulatedClock,
    attention: Attention | None = None,
) -> TradingDesk:
    counted, maker = attention or Attention(), given.maker
    if given.wake is not None:
        maker = SleepingMaker(maker, given.wake, counted.counts)
    desk = simulated_desk(company, given.calendar, (given.leg,), maker, clock)
    counted.watch(desk)
    return desk


def _equity_point(desk: TradingDesk, agent: AgentConfig, at: datetime) -> EquityPoint:
    """Mark the agent's allocated capital: allocation plus what the company's account gained."""
    with desk.store.reading() as uow:
        mark = uow.accounts.last_snapshot(desk.account, 1)
    capital = desk.company.capital_usd
    if mark is None:
        return EquityPoint(
            timestamp=at,
            portfolio_value=agent.allocated_usd,
            cash_balance=agent.allocated_usd,
        )
    value = agent.allocated_usd + (mark.equity - capital)
    return EquityPoint(
        timestamp=at, portfolio_value=value, cash_balance=value - mark.gross_exposure
    )


class Tally:
    """Counts what cycles came to."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.denials: Counter[str] = Counter()
        self.halts: Counter[str] = Counter()
        self.holds: Counter[str] = Counter()

    def add(self, result: CycleResult) -> None:
        """Count one cycle."""
        validated = result.validated
        self.outcomes[validated.outcome.value] += 1
        if validated.outcome.value == "held":
            self.holds[validated.reason] += 1
        if validated.outcome.value == "denied":
            for verdict in validated.verdicts:
                if not verdict.passed:
                    self.denials[verdict.rule_id] += 1
        if validated.admission is not None:
            for halt in validated.admission.halted:
                self.halts[halt.kind] += 1


def _output(desk: TradingDesk, equity: list[EquityPoint], tally: Tally) -> LoopOutput:
    with desk.store.reading() as uow:
        fills = uow.orders.fills(desk.account, 1)
    commission_usd, coin_fees_usd = costs_paid(fills)
    return LoopOutput(
        fills=backtest_fills(fills),
        equity=curve_of(equity),
        outcomes=dict(sorted(tally.outcomes.items())),
        denials=dict(sorted(tally.denials.items())),
        halts=dict(sorted(tally.halts.items())),
        commission_usd=commission_usd,
        coin_fees_usd=coin_fees_usd,
        holds=counted_reasons(tally.holds),
    )


def costs_paid(fills: Sequence[Fill]) -> tuple[float, float]:
    """Return commission in USD and fees taken in coins, at their fills' prices."""
    coins = [float(fill.fee_quantity) * float(fill.price) for fill in fills]
    return _total([float(fill.fee_usd) for fill in fills]), _total(coins)


def backtest_fills(fills: Sequence[Fill]) -> list[BacktestFill]:
    """Return executions as the backtest tables keep them; a sell carries its net result.

    The result of a sell is its proceeds less its share of what the position cost, all fees counted.
    """
    held: dict[str, tuple[Decimal, float]] = {}
    rows = []
    for fill in fills:
        quantity, price, fee = float(fill.quantity), float(fill.price), float(fill.fee_usd)
        before, cost = held.get(fill.position_id, (Decimal(0), 0.0))
        pnl = None
        if fill.side is Side.BUY:
            kept = fill.quantity - fill.fee_quantity
            held[fill.position_id] = (before + kept, cost + (quantity * price + fee))
        else:
            share = cost * (quantity / float(before))
            pnl = (quantity * price - fee) - share
            held[fill.position_id] = (before - fill.quantity, cost - share)
        action = fill.side.value if fill.side is Side.BUY else f"sell ({fill.role.value})"
        rows.append(
            BacktestFill(
                timestamp=fill.filled_at,
                action=action,
                symbol=fill.symbol,
                quantity=quantity,
                price=price,
                pnl=pnl,
            )
        )
    return rows


def _total(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total = total + value
    return total
