"""A mind asked in between compiled bars: the session plays, the mind answers on the bars it wakes on.

The mind sees the very snapshot that the event loop would freeze for it, and its answers are taken
up as the loop takes them: both leave the same rows, to the last bit. Where the session cannot
decide, the loop runs instead and gets the answers that were given already: nobody is asked twice.
"""

from collections import Counter
from datetime import datetime

import numpy as np
from typing_extensions import override

from ztrade_core.backtest.desks import BACKTEST
from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.resuming import ASLEEP, NOWHERE
from ztrade_core.backtest.kernel.session import NOTHING, Held, Session, wake_arrays, wish_of
from ztrade_core.backtest.loop import LoopInput, Progress
from ztrade_core.backtest.reasons import VARIES
from ztrade_core.decision_makers.sleeping import lookback_asleep
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal, SlotKey
from ztrade_core.domain.orders import Side, entry_order_id
from ztrade_core.domain.snapshots import HeldPosition, MarketSnapshot
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.deciding import TARGET_PASSED, without_session
from ztrade_core.trading.judging import exit_at_work

TELL_EVERY = 1000


class Remembering(DecisionMaker):
    """Asks `inner` once a slot and knows its answer from then on."""

    def __init__(self, inner: DecisionMaker) -> None:
        self._inner = inner
        self._known: dict[str, Proposal] = {}

    @property
    @override
    def name(self) -> str:
        return self._inner.name

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self._inner.lookback_bars(agent)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        slot = snapshot.key.slot
        if slot not in self._known:
            self._known[slot] = self._inner.propose(snapshot, agent)
        return self._known[slot]


class Interview:
    """One run of a session with a mind beside it. `holds` counts why bars were held."""

    def __init__(self, given: LoopInput, session: Session) -> None:
        self._given = given
        self._session = session
        agent, maker = given.agent, given.maker
        self._lookback = (
            maker.lookback_bars(agent) if given.wake is None else lookback_asleep(maker, agent)
        )
        self._wake = wake_arrays(given.wake)
        self.holds: Counter[str] = Counter()

    def run(self, progress: Progress | None = None) -> None:
        """Play to the end; NotCompiledError where the loop has to run instead."""
        first, total = self._given.first, len(self._given.series) - self._given.first
        wish, told = NOTHING, 0
        while (bar := self._session.proceed(wish, self._wake)) != NOWHERE:
            done = bar - first
            if progress is not None and done - told >= TELL_EVERY:
                told = done
                progress(done, total)
            held = self._session.held
            snapshot = self._snapshot(bar, held)
            proposal = self._given.maker.propose(snapshot, self._given.agent)
            close = float(snapshot.bars.closes[-1])
            wish = wish_of(proposal, self._given.agent, close, held)
            self._count(snapshot, proposal, held, bar)
        self._count_the_rest()
        if progress is not None:
            progress(total, total)

    def _snapshot(self, bar: int, held: Held | None) -> MarketSnapshot:
        """Return what the loop freezes on this bar (`trading.observation`), open orders left out as there."""
        given, agent = self._given, self._given.agent
        calendar, asset_class = given.calendar, agent.instrument.asset_class
        opened, as_of = self._moments(bar)
        is_open, note = calendar.entry_session(asset_class, agent.timeframe, opened, as_of)
        return MarketSnapshot(
            key=self._key(opened),
            symbol=agent.symbol,
            as_of=as_of,
            bars=given.series.window(max(0, bar + 1 - self._lookback), bar + 1),
            bar_source=given.source,
            expected_bar=calendar.expected_bar(asset_class, agent.timeframe, as_of),
            session_open=is_open,
            session_note=note,
            sentiment=None if given.sentiment is None else given.sentiment.as_of(as_of),
            position=None if held is None else self._position(held),
            entry_pending=False,
            correlations=(),
            clock_skew_seconds=0.0,
            config_digest=given.company.digest,
        )

    def _position(self, held: Held) -> HeldPosition:
        agent = self._given.agent
        key = self._key(self._moments(held.entered_on)[0])
        return HeldPosition(
            position_id=entry_order_id(key, agent.symbol, Side.BUY, 1),
            quantity=held.quantity,
            average_price=held.price,
            stop_price=held.stop,
            target_price=held.target,
        )

    def _moments(self, bar: int) -> tuple[datetime, datetime]:
        """Return when a bar opened and when it was complete."""
        opened, completed, _ = self._session.laid.market[1]
        return from_micros(int(opened[bar])), from_micros(int(completed[bar]))

    def _key(self, opened: datetime) -> SlotKey:
        return SlotKey(
            account=BACKTEST,
            account_epoch=1,
            agent_id=self._given.agent.agent_id,
            slot=iso_z(opened),
        )

    def _count(
        self, snapshot: MarketSnapshot, proposal: Proposal, held: Held | None, bar: int
    ) -> None:
        reason = held_because(
            proposal, held, snapshot.session_note, enters=self._session.may_enter(bar)
        )
        if reason is not None:
            self.holds[reason] += 1

    def _count_the_rest(self) -> None:
        self.holds.update(unasked_holds(self._session))
        wake = self._given.wake
        slept = int(np.count_nonzero(self._session.output().reasons == ASLEEP))
        if wake is not None and slept:
            self.holds[wake.reason] += slept


def held_because(
    proposal: Proposal, held: Held | None, session_note: str, *, enters: bool
) -> str | None:
    """Return why an answer came to a hold, in the live cycle's words; None when it asks for an order."""
    if proposal.action is Action.BUY:
        return None if enters else without_session(session_note, proposal.rationale)
    if proposal.action is Action.HOLD:
        return proposal.rationale
    if held is None:
        return f"sell: nothing to sell: the agent is flat; {proposal.rationale}"
    return f"sell: {exit_at_work(VARIES)}; {proposal.rationale}" if held.leaving else None


def unasked_holds(session: Session) -> Counter[str]:
    """Count the exits of a passed target that were at work already."""
    output = session.output()
    asked = output.asked_rows[0]
    rows = asked[asked[:, at.ASKED_OUTCOME] == at.HELD_OUTCOME]
    codes = output.reasons[rows[:, at.ASKED_BAR] - output.given.legs[0].first]
    times = int(np.count_nonzero(codes == at.TARGET_PASSED))
    return Counter({f"sell: {exit_at_work(VARIES)}; {TARGET_PASSED}": times} if times else {})
