"""A mind that sleeps between wakes: asked when one of its conditions holds, else a hold for nothing.

Contract: the inner mind sees what it would see awake. One object serves one run of one agent: it
remembers the bar it was last asked on, which serves backtests; live, the store does (`trading.waking`).
What the account came to is asked of `counts`; whatever runs the cycles keeps them.
"""

from collections.abc import Callable

from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal, is_news_slot
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.waking import (
    MOVED,
    AccountCounts,
    WakeConditions,
    crosses_any,
    has_moved,
    wakes,
)
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.waking import asleep

LEAST_BARS = 2  # a crossed level needs the close before


class SleepingMaker(DecisionMaker):
    """Asks `inner` on the bars its conditions wake it on, and on breaking news."""

    def __init__(
        self, inner: DecisionMaker, conditions: WakeConditions, counts: Callable[[], AccountCounts]
    ) -> None:
        self._inner = inner
        self._conditions = conditions
        self._terms = conditions.terms
        self._counts = counts
        self._then: tuple[AccountCounts, float] | None = None

    @property
    @override
    def name(self) -> str:
        return self._inner.name

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return lookback_asleep(self._inner, agent)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        counts = self._counts()
        is_news = is_news_slot(snapshot.key.slot)
        if len(snapshot.bars) and not is_news and not self._is_awake(snapshot, counts):
            return asleep(self._conditions)
        if len(snapshot.bars):
            self._then = (counts, float(snapshot.bars.closes[-1]))
        return self._inner.propose(snapshot, agent)

    def _is_awake(self, snapshot: MarketSnapshot, now: AccountCounts) -> bool:
        if self._then is None:
            return True
        before, since = self._then
        closes = snapshot.bars.closes
        close = float(closes[-1])
        moved = has_moved(close, since, self._terms[MOVED])
        events = (now.fills > before.fills, now.had_risk_event(before))
        if wakes(self._terms, now.bars - before.bars, moved, events):
            return True
        levels = self._conditions.levels
        return len(closes) > 1 and crosses_any(float(closes[-2]), close, levels)


def lookback_asleep(inner: DecisionMaker, agent: AgentConfig) -> int:
    """Return how many bars the snapshots of a sleeping mind hold."""
    return max(LEAST_BARS, inner.lookback_bars(agent))
