"""Where studies and their trials are kept."""

from collections.abc import Sequence
from typing import Protocol

from ztrade_core.domain.studies import Study, StudyKind, Trial


class StudyStore(Protocol):
    """Studies with their trials.

    Those of sweeps and walk-forwards count among an agent's trials (`BacktestStore.trials`).
    """

    def save(self, study: Study, trials: Sequence[Trial]) -> None:
        """Write a study whole, or not at all; the same study id is replaced."""
        ...

    def studies(
        self, agent_id: str | None = None, kind: StudyKind | None = None, limit: int = 50
    ) -> list[Study]:
        """Return the newest studies, newest first."""
        ...

    def study(self, study_id: str) -> Study | None:
        """Return a study by its id, or by an unambiguous beginning of it."""
        ...

    def trials(self, study_id: str) -> list[Trial]:
        """Return a study's trials in the order tried."""
        ...
