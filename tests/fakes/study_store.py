"""A store of studies in memory, with the contract of `ztrade_core.ports.studies.StudyStore`."""

from collections.abc import Sequence

from typing_extensions import override

from ztrade_core.domain.studies import Study, StudyKind, Trial
from ztrade_core.errors import InputError
from ztrade_core.ports.studies import StudyStore


class MemoryStudyStore(StudyStore):
    """Studies by id, each with its trials."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Study, list[Trial]]] = {}

    @override
    def save(self, study: Study, trials: Sequence[Trial]) -> None:
        self._kept[study.study_id] = (study, list(trials))

    @override
    def studies(
        self, agent_id: str | None = None, kind: StudyKind | None = None, limit: int = 50
    ) -> list[Study]:
        found = [
            study
            for study, _ in self._kept.values()
            if agent_id in (None, study.agent_id) and kind in (None, study.kind)
        ]
        return sorted(found, key=lambda study: study.created_at, reverse=True)[:limit]

    @override
    def study(self, study_id: str) -> Study | None:
        found = [study for name, (study, _) in self._kept.items() if name.startswith(study_id)]
        exact = [study for study in found if study.study_id == study_id]
        if not exact and len(found) > 1:
            raise InputError(f"study {study_id!r} is ambiguous: give more of its id")
        return next(iter(exact or found), None)

    @override
    def trials(self, study_id: str) -> list[Trial]:
        kept = self._kept.get(study_id)
        return [] if kept is None else list(kept[1])
