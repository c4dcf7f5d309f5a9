"""Studies and their trials in SQL."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.engine import Connection, Engine
from typing_extensions import override

from ztrade_core.domain.canonical import plain
from ztrade_core.domain.studies import OUT_OF_SAMPLE_PREFIX, Study, StudyKind, Trial
from ztrade_core.domain.time import new_york_date, new_york_midnight
from ztrade_core.errors import InputError
from ztrade_core.ports.backtests import Metrics
from ztrade_core.ports.studies import StudyStore
from ztrade_core.store.bulk import insert_rows
from ztrade_core.store.codecs import Row
from ztrade_core.store.tables.studies import STUDIES, STUDY_TRIALS
from ztrade_core.store.transactions import reading, writing

FINISHED = "finished"
CHOOSING = (StudyKind.SWEEP, StudyKind.WALK_FORWARD)
LONGEST_MONTH = timedelta(days=31)
_TRIAL = ("study_id", "number", "parameters", "metrics", "why_not_compiled")


class SqlStudyStore(StudyStore):
    """Keeps studies beside the backtests."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def save(self, study: Study, trials: Sequence[Trial]) -> None:
        rows = [_trial_row(study.study_id, trial) for trial in trials]
        with writing(self._engine, f"ztrade study {study.study_id}") as connection:
            _delete(connection, study.study_id)
            connection.execute(STUDIES.insert(), _study_row(study))
            insert_rows(connection, STUDY_TRIALS, _TRIAL, rows)

    @override
    def studies(
        self, agent_id: str | None = None, kind: StudyKind | None = None, limit: int = 50
    ) -> list[Study]:
        found = STUDIES.select().order_by(STUDIES.c.created_at.desc(), STUDIES.c.id)
        if agent_id is not None:
            found = found.where(STUDIES.c.agent_id == agent_id)
        if kind is not None:
            found = found.where(STUDIES.c.kind == kind.value)
        with reading(self._engine) as connection:
            return [_study_of(row) for row in connection.execute(found.limit(limit)).mappings()]

    @override
    def study(self, study_id: str) -> Study | None:
        ids = STUDIES.c.id
        found = STUDIES.select().where(ids.startswith(study_id, autoescape=True)).order_by(ids)
        with reading(self._engine) as connection:
            rows = connection.execute(found.limit(5)).mappings().all()
        studies = [_study_of(row) for row in rows if row["id"].startswith(study_id)]
        exact = [study for study in studies if study.study_id == study_id]
        if not exact and len(studies) > 1:
            names = ", ".join(study.study_id for study in studies)
            raise InputError(f"study {study_id!r} is ambiguous ({names}): give more of its id")
        return next(iter(exact or studies), None)

    @override
    def trials(self, study_id: str) -> list[Trial]:
        table = STUDY_TRIALS
        found = table.select().where(table.c.study_id == study_id).order_by(table.c.number)
        with reading(self._engine) as connection:
            return [_trial_of(row) for row in connection.execute(found).mappings()]


def chosen_among(agent_id: str, start: datetime, end: datetime, by: datetime | None) -> Select[Any]:
    """Select range and metrics of what an agent's finished studies tried, oldest first, in order.

    Only studies that were there at `by` (None: all), and may have tried something within
    `start <= t < end`: a walk-forward's trials ran on its range and on the month after it. Studies of
    costs and of sentiment choose nothing.
    """
    columns = STUDIES.c
    is_walked = columns.kind == StudyKind.WALK_FORWARD.value
    found = (
        select(
            columns.part,
            columns.start_date,
            columns.end_date,
            columns.created_at,
            STUDY_TRIALS.c.metrics,
        )
        .join(STUDIES, STUDY_TRIALS.c.study_id == columns.id)
        .where(columns.agent_id == agent_id, columns.status == FINISHED)
        .where(columns.kind.in_([kind.value for kind in CHOOSING]))
        .where(columns.start_date < end)
        .where(
            (columns.end_date > start) | (is_walked & (columns.end_date > start - LONGEST_MONTH))
        )
        .order_by(columns.created_at, columns.id, STUDY_TRIALS.c.number)
    )
    return found if by is None else found.where(columns.created_at <= by)


def tried_within(row: Any, start: datetime, end: datetime, by: datetime | None) -> Metrics | None:
    """Return the figures that a trial of `chosen_among` has within a range; None: it has none there.

    In sample, else those of the judged month where they are stored. The latter were known when the
    study was finished: a run made before that, the study's own too, was not chosen by them.
    """
    metrics: Metrics = row["metrics"]
    if row["start_date"] < end and row["end_date"] > start:
        return metrics
    if not row["part"] or (by is not None and row["created_at"] >= by):
        return None
    if row["end_date"] >= end or _month_end(row["end_date"]) <= start:
        return None
    outside = {
        name.removeprefix(OUT_OF_SAMPLE_PREFIX): value
        for name, value in metrics.items()
        if name.startswith(OUT_OF_SAMPLE_PREFIX)
    }
    return outside or None


def _month_end(begins: datetime) -> datetime:
    """Return the end of the New York month that begins then."""
    inside_next = new_york_date(begins) + LONGEST_MONTH
    return new_york_midnight(inside_next.replace(day=1))


def _delete(connection: Connection, study_id: str) -> None:
    for column in (STUDY_TRIALS.c.study_id, STUDIES.c.id):
        connection.execute(column.table.delete().where(column == study_id))


def _study_row(study: Study) -> Row:
    return {
        "id": study.study_id,
        "kind": study.kind.value,
        "agent_id": study.agent_id,
        "part": study.part,
        "start_date": study.start,
        "end_date": study.end,
        "config": study.config,
        "summary": study.summary,
        "run_id": study.run_id,
        "status": study.status,
        "created_at": study.created_at,
    }


def _study_of(row: Any) -> Study:
    return Study(
        study_id=row["id"],
        kind=StudyKind(row["kind"]),
        agent_id=row["agent_id"],
        part=row["part"],
        start=row["start_date"],
        end=row["end_date"],
        config=row["config"],
        summary=row["summary"],
        run_id=row["run_id"],
        status=row["status"],
        created_at=row["created_at"],
    )


def _trial_row(study_id: str, trial: Trial) -> tuple[Any, ...]:
    """Return a row as the drivers take it: JSON as text, in the form of `StrictJson`."""
    parameters = json.dumps(plain(dict(trial.parameters)))
    metrics = json.dumps(plain(trial.metrics))
    return (study_id, trial.number, parameters, metrics, trial.why_not_compiled)


def _trial_of(row: Any) -> Trial:
    return Trial(
        number=row["number"],
        parameters=tuple(sorted((name, float(v)) for name, v in row["parameters"].items())),
        metrics=row["metrics"],
        why_not_compiled=row["why_not_compiled"],
    )
