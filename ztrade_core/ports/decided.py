"""What was answered to decided slots, without what the rules said of it: many rows, quickly."""

from datetime import datetime
from typing import Protocol

from ztrade_core.domain.decisions import DecidedAnswer


class DecidedAnswers(Protocol):
    """The answers in the ledger."""

    def answers_between(
        self, account: str, agent_id: str, start: datetime, stop: datetime
    ) -> list[DecidedAnswer]:
        """Return an agent's with `start <= as_of < stop`, of every epoch, in order of sequence.

        LedgerBrokenError where one cannot be read.
        """
        ...
