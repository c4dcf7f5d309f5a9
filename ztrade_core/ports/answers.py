"""The room of questions to minds outside this process, and of their answers: append-only."""

from datetime import datetime
from typing import Protocol

from ztrade_core.domain.answers import AnswerFigures, AskedQuestion, DaySpending, KeptAnswer
from ztrade_core.domain.decisions import SlotKey


class Answers(Protocol):
    """A question is reserved before it is asked; its answer is put beside the slot's tape.

    A question without an answer was asked by a run that is at it, or died of it: it counts as spent at
    most.
    """

    def next_attempt(self, key: SlotKey) -> int:
        """Return the number of the slot's next question or answer, from 1."""
        ...

    def reserved(self, key: SlotKey) -> int:
        """Count the slot's questions that were about to be asked."""
        ...

    def unanswered(self, key: SlotKey) -> list[AskedQuestion]:
        """Return the slot's questions that no answer is kept of, in order of their attempts."""
        ...

    def reserve(self, question: AskedQuestion) -> None:
        """Keep a question. Raises StoreError when its attempt exists."""
        ...

    def put(self, answer: KeptAnswer) -> None:
        """Keep an answer. Raises StoreError when its attempt has one."""
        ...

    def spending(self, since: datetime) -> DaySpending:
        """Return what the questions asked at or after `since` cost, of every account.

        One that is answered counts by its answer, one that is not by the most it may cost.
        """
        ...

    def spent_usd(self, since: datetime) -> float:
        """Return the sum of both."""
        return self.spending(since).spent_usd

    def of_slot(self, key: SlotKey) -> list[KeptAnswer]:
        """Return a slot's answers in order of their attempts."""
        ...

    def of_agent(
        self, account: str, account_epoch: int, agent_id: str, *, limit: int = 20
    ) -> list[KeptAnswer]:
        """Return an agent's newest answers, newest first, those of dry runs among them."""
        ...

    def figures(
        self, account: str, account_epoch: int, agent_id: str, *, since: datetime
    ) -> list[AnswerFigures]:
        """Return what an agent's answers took that were asked for at or after `since`, oldest first.

        Those of its shadows, of its ensemble's members and of dry runs are among them.
        """
        ...
