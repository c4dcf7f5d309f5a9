"""What a run sees of sentiment: the readings at its decision moments, and how much there was to read.

The same function as live: `SentimentHistory` at each bar's completion. A symbol without a story has
neither a series nor a document: its run is what it was before there was news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ztrade_core.backtest.kernel.schedule import bar_schedule
from ztrade_core.backtest.legs import Leg
from ztrade_core.backtest.news_ticks import NewsTick, news_entry
from ztrade_core.domain.bars import BarSeries, IntArray
from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import to_micros
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.sentiment import SentimentHistory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mood:
    """A symbol's readings over a run (None: nothing ever), and what the run says of them.

    `news` is what ran the agent between its bars, `left_out` how often it would have: a study does not.
    """

    series: SentimentSeries | None = None
    document: Mapping[str, object] | None = None
    news: tuple[NewsTick, ...] = ()
    left_out: int = 0

    @property
    def entry(self) -> dict[str, object]:
        """What goes into a run's configuration: nothing where the symbol has no stories."""
        told = {} if self.document is None else {"sentiment": dict(self.document)}
        return told | news_entry(self.news, self.left_out)


NO_MOOD = Mood()


def mood_of(
    history: SentimentHistory | None,
    calendar: Calendar,
    series: BarSeries,
    first: int,
    *,
    news: tuple[NewsTick, ...] = (),
) -> Mood:
    """Return what was known of a series' symbol when each bar from `first` on completed, and at `news`."""
    if history is None:
        return Mood(news=news)
    decided = _decided(calendar, series, first)
    return replace(mood_at(history, series.symbol, decided, news=news), news=news)


def mood_at(
    history: SentimentHistory, symbol: str, moments: IntArray, *, news: Sequence[NewsTick] = ()
) -> Mood:
    """Return what was known of a symbol at ascending moments (microseconds), and at those of `news`."""
    coverage = history.coverage(symbol, moments)
    between = np.array([to_micros(tick.at) for tick in news], dtype=np.int64)
    known = history.series(symbol, np.union1d(moments, between) if len(between) else moments)
    if known is None and not coverage.unscored:
        return NO_MOOD
    seen = 0
    if known is not None:
        scores, _ = known.at_each(moments)
        seen = int(np.count_nonzero(~np.isnan(scores)))
    document = {
        "scorer": coverage.scorer,
        "stories": coverage.stories,
        "unscored": coverage.unscored,
        "bars_with_sentiment": seen,
        "bars": len(moments),
        "digest": "" if known is None else _digest(known),
    }
    return Mood(series=known, document=document)


def with_moods(
    history: SentimentHistory | None, calendar: Calendar, legs: Sequence[Leg]
) -> tuple[tuple[Leg, ...], dict[str, Mood]]:
    """Return the legs with what was known of their symbols, and the moods by agent id.

    Agents on one symbol share one series, at the moments of all of them.
    """
    if history is None:
        return tuple(legs), {leg.agent.agent_id: Mood(news=leg.news) for leg in legs}
    decided = {leg.agent.agent_id: _decided(calendar, leg.series, leg.first) for leg in legs}
    moments: dict[str, IntArray] = {}
    for leg in legs:
        symbol, own = leg.agent.symbol, decided[leg.agent.agent_id]
        moments[symbol] = np.union1d(moments[symbol], own) if symbol in moments else own
    news: dict[str, list[NewsTick]] = {symbol: [] for symbol in moments}
    for leg in legs:
        news[leg.agent.symbol] += leg.news
    known = {
        symbol: mood_at(history, symbol, at, news=news[symbol]) for symbol, at in moments.items()
    }
    moods = {leg.agent.agent_id: replace(known[leg.agent.symbol], news=leg.news) for leg in legs}
    return tuple(replace(leg, sentiment=moods[leg.agent.agent_id].series) for leg in legs), moods


def _digest(known: SentimentSeries) -> str:
    arrays = (known.known_at, known.scores, known.confidences)
    return sha256_hex("|".join(array.tobytes().hex() for array in arrays))


def _decided(calendar: Calendar, series: BarSeries, first: int) -> IntArray:
    asset_class = instrument_of(series.symbol).asset_class
    return bar_schedule(calendar, asset_class, series)[0][first:]
