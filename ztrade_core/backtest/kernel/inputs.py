"""What a compiled run is made of, and why a run cannot be compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.minds.dispatch import KINDS
from ztrade_core.backtest.kernel.schedule import bar_schedule, midnights_between
from ztrade_core.backtest.kernel.terms import agent_terms, company_terms, kinds_of, strategy_terms
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.news_ticks import why_loop
from ztrade_core.domain.bars import IntArray
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.time import from_micros, new_york_date, to_micros
from ztrade_core.indicators.ticks import MAX_PRICE, to_ticks
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.risk.arithmetic import is_correlated

Arrays = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KernelInput:
    """The kernel's arguments but its output: plain arrays (see `kernel.portfolio.run`)."""

    market: Arrays
    spans: Arrays
    rules: Arrays
    beside: Arrays
    minds: Arrays
    events: int


def why_not(given: PortfolioInput) -> str | None:
    """Return why these agents cannot run compiled, or None."""
    symbols = [leg.agent.symbol for leg in given.legs]
    if len(set(symbols)) < len(symbols):
        return "two agents trade one symbol"
    for leg in given.legs:
        if leg.news:
            return why_loop(leg.agent, leg.news)
        if leg.agent.strategy.name not in KINDS:
            return f"strategy {leg.agent.strategy.name} has no compiled form"
        lows, highs = leg.series.lows, leg.series.highs
        if len(lows) and not (lows.min() > 0.0 and highs.max() <= MAX_PRICE):
            return f"a price of {leg.agent.symbol} is not within 0 < price <= {MAX_PRICE:g}"
    return None


def kernel_input(given: PortfolioInput) -> KernelInput:
    """Lay everything out flat; one agent's bars are taken as they are, not copied.

    Raises ValueError when bars do not complete one after another.
    """
    legs, house = given.legs, given.house
    agents = tuple(leg.agent for leg in legs)
    parts = [
        bar_schedule(given.calendar, leg.agent.instrument.asset_class, leg.series) for leg in legs
    ]
    for leg, (completed, _) in zip(legs, parts, strict=True):
        if np.any(completed[1:] <= completed[:-1]):
            raise ValueError(f"bars of {leg.agent.symbol} do not complete one after another")
    lengths = [len(leg.series) for leg in legs]
    starts = np.cumsum([0, *lengths[:-1]]).astype(np.int64)
    firsts = starts + np.array([leg.first for leg in legs], dtype=np.int64)
    when = (
        _flat([leg.series.timestamps for leg in legs]),
        _flat([completed for completed, _ in parts]),
        _flat([flags for _, flags in parts]),
    )
    ends = starts + np.array(lengths, dtype=np.int64)
    decided = [when[1][first:end] for first, end in zip(firsts, ends, strict=True)]
    opened = min(int(when[0][first]) for first in firsts)
    last = max(int(part[-1]) for part in decided)
    return KernelInput(
        market=((*_bars(legs), *_sentiment(legs, [completed for completed, _ in parts])), when),
        spans=(starts, firsts, ends, midnights_between(opened, last)),
        rules=(agent_terms(house, agents), company_terms(house)),
        beside=(
            *_correlations(given, min(int(part[0]) for part in decided), last),
            *_rings(house, len(legs)),
        ),
        minds=(*strategy_terms(agents), kinds_of(agents)),
        events=sum(len(part) for part in decided),
    )


def _bars(legs: Sequence[Leg]) -> Arrays:
    names = ("opens", "highs", "lows", "closes", "volumes")
    arrays = [_flat([getattr(leg.series, name) for leg in legs]) for name in names]
    in_ticks = any(leg.agent.strategy.name == "mean_reversion" for leg in legs)
    ticks = to_ticks(arrays[3]) if in_ticks else np.zeros(0, dtype=np.int64)
    return (*arrays, ticks)


def _sentiment(legs: Sequence[Leg], completed: Sequence[IntArray]) -> Arrays:
    """Return score and confidence known when each bar completes, NaN: none; empty: no agent has any."""
    if all(leg.sentiment is None for leg in legs):
        return np.zeros(0), np.zeros(0)
    found = [
        (np.full(len(moments), np.nan),) * 2
        if leg.sentiment is None
        else leg.sentiment.at_each(moments)
        for leg, moments in zip(legs, completed, strict=True)
    ]
    return _flat([scores for scores, _ in found]), _flat([weights for _, weights in found])


def _flat(parts: Sequence[Any]) -> Any:
    return np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)


def _rings(company: Company, count: int) -> Arrays:
    risk = company.risk
    minute = np.full((risk.max_entries_per_minute or 0) + 1, at.NEVER, dtype=np.int64)
    hours = np.full((count, (risk.max_agent_entries_per_hour or 0) + 1), at.NEVER, dtype=np.int64)
    minute[-1] = 0
    hours[:, -1] = 0
    return minute, hours


def _correlations(given: PortfolioInput, first: int, last: int) -> Arrays:
    """Return which symbols count as correlated, a matrix a session, and when each begins to stand.

    The live path's own function is asked once a session: what it says changes at a close only.
    """
    legs, risk = given.legs, given.company.risk
    count = len(legs)
    if risk.max_correlated_positions is None or count <= risk.max_correlated_positions:
        return np.ones((1, 1, 1), dtype=np.bool_), np.array([at.NEVER, at.END], dtype=np.int64)
    market = ArrayMarket([leg.series for leg in legs], given.calendar)
    pairs = [(leg.agent.symbol, leg.agent.timeframe) for leg in legs]
    begins, ends = from_micros(first), from_micros(last)
    closes = given.calendar.session_closes(new_york_date(begins), new_york_date(ends))
    moments = [begins, *(close for close in closes if begins < close <= ends)]
    place = {leg.agent.symbol: number for number, leg in enumerate(legs)}
    matrices = np.ones((len(moments), count, count), dtype=np.bool_)
    for matrix, moment in zip(matrices, moments, strict=True):
        view = market.view(moment)
        for pair in view.correlations(
            pairs, risk.correlation_returns, risk.correlation_min_overlap
        ):
            value = float("nan") if pair.value is None else pair.value
            one, other = place[pair.first], place[pair.second]
            together = is_correlated(value, risk.correlation_threshold)
            matrix[one, other] = matrix[other, one] = together
    since = [to_micros(moment) for moment in moments]
    return matrices, np.array([*since, at.END], dtype=np.int64)
