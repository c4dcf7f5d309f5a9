"""A backtest as a user asks for it: an agent and a range, in; a stored run with figures, out.

Reads bars from the store once, runs the engine that fits, measures, and writes the three backtest tables
in one transaction. A bad range, an unknown agent or missing bars end in one clear error.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ztrade_core.backtest.decided_by import PLAIN_RUN, Mind, RecordingOf, RunOptions, mind_for
from ztrade_core.backtest.engines import EngineRun, run_agent
from ztrade_core.backtest.gaps import Gaps, gaps_between, no_bars, refuse_gaps
from ztrade_core.backtest.loop import LoopInput, LoopOutput, Progress
from ztrade_core.backtest.mood import Mood, mood_of
from ztrade_core.backtest.news_ticks import news_ticks
from ztrade_core.backtest.ranges import parse_range
from ztrade_core.backtest.run_notes import LEFT_OUT
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint
from ztrade_core.domain.bars import BarSeries, joined
from ztrade_core.domain.canonical import canonical_json, plain, sha256_hex
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import (
    MICROSECOND,
    from_micros,
    iso_z,
)
from ztrade_core.errors import ConfigError, InputError, NoDataError
from ztrade_core.market_data.soundness import refuse_unsound
from ztrade_core.market_data.splits import SplitAwareBars, marked
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.metrics import CostsPaid, measure
from ztrade_core.performance.trades import Figures
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.clock import Calendar, Clock
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.ports.sentiment import BreakingNews, SentimentHistory
from ztrade_core.ports.splits import SplitStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a backtest is run with.

    `kernel_folder` keeps compiled kernels; None: the event loop only. `worth_bars` is from how many bars
    on a kernel is compiled for. `recording_of` reads an agent's recording from where a run says.
    `sentiment` is what was known of symbols; None: nothing ever. `breaking` tells which stories run an
    agent that listens between its bars; None: none does. `is_deaf`: asked to leave both out.
    """

    company: Company
    bars: BarStore
    backtests: BacktestStore
    calendar: Calendar
    clock: Clock
    maker_of: Callable[[AgentConfig], DecisionMaker]
    kernel_folder: Path | None = None
    worth_bars: int = 0
    recording_of: RecordingOf | None = None
    sentiment: SentimentHistory | None = None
    splits: SplitStore | None = None
    breaking: BreakingNews | None = None
    is_deaf: bool = False

    def deaf(self) -> "Bench":
        """Return the bench as if no news had ever been known; its runs say so."""
        return replace(self, sentiment=None, breaking=None, is_deaf=True)

    @property
    def deafness(self) -> dict[str, object]:
        """What a run keeps of sentiment that was left out as asked; nothing where it was not."""
        return {"sentiment": LEFT_OUT} if self.is_deaf else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """A finished run with all that is shown of it; `series` are each agent's bars decided on."""

    run: BacktestRun
    trades: list[BacktestFill]
    equity: Sequence[EquityPoint]
    baseline: Sequence[EquityPoint]
    series: Sequence[BarSeries] = field(compare=False)


def known_range(bench: Bench, start: str, end: str) -> tuple[datetime, datetime]:
    """Parse a range that ends no later than now; InputError for one that begins later than that."""
    begins, ends = parse_range(start, end)
    now = bench.clock.now()
    if begins >= now:
        raise InputError(
            f"start {start} lies in the future: it is {iso_z(now.replace(microsecond=0))}"
        )
    return begins, min(ends, now)


def run_and_store(
    bench: Bench,
    agent_id: str,
    start: str,
    end: str,
    progress: Progress | None = None,
    *,
    options: RunOptions = PLAIN_RUN,
) -> BacktestResult:
    """Run an agent over a range of stored bars and keep the result."""
    agent = bench.company.agent(agent_id)
    if agent is None:
        known = ", ".join(a.agent_id for a in bench.company.agents) or "none"
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    result = run_once(bench, agent, (start, end), progress, options=options)
    bench.backtests.save(result.run, result.trades, result.equity)
    return result


def run_once(
    bench: Bench,
    agent: AgentConfig,
    asked: tuple[str, str],
    progress: Progress | None = None,
    *,
    options: RunOptions = PLAIN_RUN,
) -> BacktestResult:
    """Run an agent as it is given over a range of stored bars; nothing is kept."""
    if not agent.allocated_usd > 0.0:
        raise ConfigError(f"{agent.agent_id}: allocated_usd: must be above 0 to be backtested")
    begins, ends = known_range(bench, *asked)
    mind = mind_for(agent, options, bench.maker_of, bench.recording_of)
    series, first, source = load_bars(bench, agent, begins, ends, mind.maker.lookback_bars(agent))
    if options.strict:
        decided = series.window(first, len(series))
        refuse_gaps(gaps_in(bench, agent, decided), decided)
    news = news_ticks(bench.breaking, bench.calendar, agent, series, first=first)
    mood = mood_of(bench.sentiment, bench.calendar, series, first, news=news)
    done = run_agent(
        LoopInput(
            company=bench.company,
            agent=agent,
            maker=mind.maker,
            wake=mind.wake,
            calendar=bench.calendar,
            series=series,
            first=first,
            source=source,
            sentiment=mood.series,
            news=news,
        ),
        bench.kernel_folder,
        progress,
        worth_bars=bench.worth_bars,
    )
    return _measured(bench, agent, (begins, ends), (series, first, source), (done, mind, mood))


def load_bars(
    bench: Bench, agent: AgentConfig, begins: datetime, ends: datetime, lookback: int
) -> tuple[BarSeries, int, str]:
    """Return stored bars with their warm-up, the index of the first decided on, and their source.

    All in the units of the range's last day; the source says so where that changed any.
    """
    symbol, timeframe = agent.symbol, agent.timeframe
    bars, day = SplitAwareBars(bench.bars, bench.splits), ends - MICROSECOND
    found = bars.read(symbol, timeframe, start=begins, stop=ends)
    wanted = found.as_of(day)
    asset_class = agent.instrument.asset_class
    complete = bench.calendar.complete_count(asset_class, timeframe, wanted.timestamps, ends)
    wanted = wanted.window(0, complete)
    if len(wanted) == 0:
        raise NoDataError(no_bars(bench.bars, symbol, timeframe, begins, ends))
    warm_up = bars.read(symbol, timeframe, stop=begins, last=lookback)
    source = bench.bars.source_at(symbol, timeframe, wanted.last_open)
    source = marked(source, [found, warm_up], day)
    series = joined(warm_up.as_of(day), wanted)
    refuse_unsound(series, origin="the store's bars")
    return series, len(warm_up.stored), source


def _measured(
    bench: Bench,
    agent: AgentConfig,
    asked: tuple[datetime, datetime],
    data: tuple[BarSeries, int, str],
    ran: tuple[EngineRun, Mind, Mood],
) -> BacktestResult:
    (series, first, source), (done, mind, mood) = data, ran
    output = done.output
    decided = series.window(first, len(series))
    baseline = buy_and_hold(
        decided,
        curve_of(output.equity).timestamps,
        capital_usd=agent.allocated_usd,
        costs=bench.company.broker.costs,
    )
    gaps = gaps_in(bench, agent, decided)
    config = _config(bench, agent, (series, first, source, gaps), done) | mind.told(agent, decided)
    config |= mood.entry | bench.deafness
    created = bench.clock.now().astimezone(UTC)
    identity = canonical_json({"config": config, "asked": list(asked), "created": created})
    run = BacktestRun(
        run_id="bt-" + sha256_hex(identity)[:12],
        agent_id=agent.agent_id,
        start=asked[0],
        end=asked[1],
        metrics={
            **_figures(agent, output, baseline),
            "bars": len(decided),
            "missing_bars": gaps["missing_bars"],
            "halts": sum(output.halts.values()),
            **mind.figures(agent, output),
        },
        config=config,
        status="finished",
        created_at=created,
    )
    return BacktestResult(
        run=run, trades=output.fills, equity=output.equity, baseline=baseline, series=[decided]
    )


def _figures(agent: AgentConfig, output: LoopOutput, baseline: Sequence[EquityPoint]) -> Figures:
    return measure(
        output.equity,
        output.fills,
        capital_usd=agent.allocated_usd,
        asset_class=agent.instrument.asset_class,
        buy_and_hold=baseline,
        costs=CostsPaid(commission_usd=output.commission_usd, coin_fees_usd=output.coin_fees_usd),
    )


def _config(
    bench: Bench, agent: AgentConfig, data: tuple[BarSeries, int, str, Gaps], done: EngineRun
) -> dict[str, object]:
    series, first, source, gaps = data
    decided, company = series.window(first, len(series)), bench.company
    content: dict[str, object] = plain(
        {
            "engine": done.engine,
            "why_not_compiled": done.why_not_compiled,
            "agent": {**asdict(agent), "personality": sha256_hex(agent.personality)},
            "risk": asdict(company.risk),
            "costs": asdict(company.broker.costs),
            "config_digest": company.digest,
            "company_capital_usd": company.capital_usd,
            "annualised_with_days": 252 if _is_stock(agent) else 365,
            "data": {
                "symbol": agent.symbol,
                "timeframe": agent.timeframe,
                "source": source,
                "first_bar": from_micros(int(decided.timestamps[0])),
                "last_bar": decided.last_open,
                "bars": len(decided),
                "digest": series_digest(decided),
                "warm_up_digest": series_digest(series.window(0, first)),
                **gaps,
            },
            "outcomes": done.output.outcomes,
            "denials": done.output.denials,
            "holds": done.output.holds,
            "halts": done.output.halts,
        }
    )
    return content


def gaps_in(bench: Bench, agent: AgentConfig, decided: BarSeries) -> Gaps:
    """Return how many bars the calendar expects that are not there, and the longest gap's ends."""
    first, last = from_micros(int(decided.timestamps[0])), decided.last_open
    asset_class = agent.instrument.asset_class
    expected = bench.calendar.expected_stamps(asset_class, agent.timeframe, first, last)
    return gaps_between(expected, decided.timestamps)


def _is_stock(agent: AgentConfig) -> bool:
    return agent.instrument.asset_class is AssetClass.STOCK


def series_digest(series: BarSeries) -> str:
    """Return a digest of the bars' exact content, to tell whether two runs saw the same data."""
    arrays = (
        series.timestamps,
        series.opens,
        series.highs,
        series.lows,
        series.closes,
        series.volumes,
    )
    return sha256_hex("|".join(array.tobytes().hex() for array in arrays))
