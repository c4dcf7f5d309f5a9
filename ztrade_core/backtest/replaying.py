"""A recording repeated by the compiled session: it stops only where an order was asked for.

No snapshot is made, because a recording looks at none. The rows are those of the event loop with the
same recording, to the last bit.
"""

from collections import Counter

import numpy as np

from ztrade_core.backtest.asking import held_because, unasked_holds
from ztrade_core.backtest.kernel.resuming import ASLEEP, NOWHERE
from ztrade_core.backtest.kernel.session import NOTHING, Session, wake_arrays, wish_of
from ztrade_core.backtest.loop import LoopInput
from ztrade_core.decision_makers.recorded import RecordedMaker
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.time import from_micros, iso_z


class Replay:
    """One run of a session with a recording beside it. `holds` counts why bars were held."""

    def __init__(self, given: LoopInput, session: Session, maker: RecordedMaker) -> None:
        self._given = given
        self._session = session
        stamps = given.series.timestamps[given.first :].tolist()
        self._answers = [maker.answer(iso_z(from_micros(stamp))) for stamp in stamps]
        self.holds: Counter[str] = Counter()

    def run(self) -> None:
        """Play to the end; NotCompiledError where the loop has to run instead."""
        first, agent, closes = self._given.first, self._given.agent, self._given.series.closes
        flags = np.zeros(len(self._given.series), dtype=np.int8)
        flags[first:] = [_asks(answer) for answer in self._answers]
        wake, wish = wake_arrays(None, flags), NOTHING
        while (bar := self._session.proceed(wish, wake)) != NOWHERE:
            answer, held = self._answers[bar - first], self._session.held
            wish = wish_of(answer, agent, float(closes[bar]), held)
            enters = self._session.may_enter(bar)
            note = "" if enters else self._session_note(bar)
            reason = held_because(answer, held, note, enters=enters)
            if reason is not None:
                self.holds[reason] += 1
        slept = np.flatnonzero(self._session.output().reasons == ASLEEP).tolist()
        self.holds.update(self._answers[number].rationale for number in slept)
        self.holds.update(unasked_holds(self._session))

    def _session_note(self, bar: int) -> str:
        agent, (opened, completed, _) = self._given.agent, self._session.laid.market[1]
        _, note = self._given.calendar.entry_session(
            agent.instrument.asset_class,
            agent.timeframe,
            from_micros(int(opened[bar])),
            from_micros(int(completed[bar])),
        )
        return note


def _asks(answer: Proposal) -> bool:
    """Return whether an answer has to be taken up: any but a plain hold."""
    return answer.action is not Action.HOLD or answer.is_invalid
