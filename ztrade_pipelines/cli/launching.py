"""Runs launched from the terminal: executed in this process, recorded where the page shows them.

A run is created on the real instance with the origin that `workspace.yaml` names, so the page lists
it under its job and can run it again. `dagster job execute` leaves the origin out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import AssetKey, DagsterEvent, DagsterInstance, DagsterRun, JobDefinition
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import CodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)
from dagster._core.workspace.load_target import WorkspaceFileTarget

from ztrade_core import errors
from ztrade_core.errors import ConfigError, InputError, ZtradeError
from ztrade_core.settings.load import Settings
from ztrade_pipelines.cli.instance import LOCATION, dagster_instance
from ztrade_pipelines.cli.office import office

LAUNCHED_BY = "ztrade/launched_by"
REPOSITORY = "__repository__"  # what Dagster calls the repository of a `Definitions`
WORKSPACE = "workspace.yaml"
INTERRUPTED = (
    "DagsterExecutionInterruptedError",
    "KeyboardInterrupt",
)  # a person's Ctrl-C, in a step
Metadata = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One asset check of a run."""

    asset: str
    check: str
    passed: bool
    description: str
    metadata: Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """A finished run. `materialized` has the last metadata by asset key (`a/b`)."""

    run_id: str
    job_name: str
    success: bool
    materialized: Mapping[str, Metadata]
    evaluations: Sequence[Evaluation]
    skipped: Sequence[str]
    error: ZtradeError | None

    @property
    def page(self) -> str:
        """The run's path on the page."""
        return f"/runs/{self.run_id}"


class RunFailedError(ZtradeError):
    """A run ended in failure; the page has its log."""


def launch(
    settings: Settings,
    job_name: str,
    config: Mapping[str, Any],
    *,
    assets: Sequence[Sequence[str]] = (),
    watch: Callable[[str], None] | None = None,
    quiet: bool = True,
) -> Launched:
    """Run a job (or, with `assets`, only these of it) in this process and return what it left.

    `watch` is told the lines of the run's log. Raises what core raised inside the run, by the class
    it had there.
    """
    with dagster_instance(settings, quiet=quiet, watch=watch) as instance:
        launched = launch_on(instance, settings, job_name, config, assets=assets)
    if launched.error is not None:
        raise launched.error
    return launched


def launch_on(
    instance: DagsterInstance,
    settings: Settings,
    job_name: str,
    config: Mapping[str, Any],
    *,
    assets: Sequence[Sequence[str]] = (),
    days: tuple[str, str] | None = None,
) -> Launched:
    """Run a job on an open instance; a failure is returned in `error`, not raised.

    Only Ctrl-C is raised, as KeyboardInterrupt; Dagster has the run as failed then.
    `days` are the first and the last daily partition of a partitioned job, as one run.
    """
    keys = {AssetKey(list(parts)) for parts in assets}
    job = _job(job_name, keys)
    origin = RemoteRepositoryOrigin(location_origin(settings.project_root), REPOSITORY)
    run = instance.create_run_for_job(
        job_def=job,
        run_config=dict(config),
        asset_selection=keys or None,
        remote_job_origin=origin.get_job_origin(job_name),
        tags={**job.run_tags, LAUNCHED_BY: "ztrade", **_range_tags(days)},
    )
    result = execute_run(InMemoryJob(job), run, instance)
    return _launched(run, list(result.all_events), success=result.success)


def _range_tags(days: tuple[str, str] | None) -> dict[str, str]:
    if days is None:
        return {}
    return dict(
        zip((ASSET_PARTITION_RANGE_START_TAG, ASSET_PARTITION_RANGE_END_TAG), days, strict=True)
    )


def location_origin(root: Path) -> CodeLocationOrigin:
    """Return the code location as the workspace file names it, which is how the page knows it."""
    origins = list(WorkspaceFileTarget(paths=[str(root / WORKSPACE)]).create_origins())
    for origin in origins:
        if origin.location_name == LOCATION:
            return origin
    raise ConfigError(f"{WORKSPACE}: no code location {LOCATION}; the page would not find the runs")


def definitions() -> dg.Definitions:
    """Return the Dagster definitions of this invocation."""
    return office().definitions


def _job(job_name: str, keys: set[AssetKey]) -> JobDefinition:
    job = definitions().resolve_job_def(job_name)
    if not keys:
        return job
    missing = keys - set(job.asset_layer.executable_asset_keys)
    if missing:
        names = ", ".join(sorted(key.to_user_string() for key in missing))
        raise InputError(f"no asset {names} in the job {job_name}")
    return job.get_subset(asset_selection=keys)


def _launched(run: DagsterRun, events: Sequence[DagsterEvent], *, success: bool) -> Launched:
    materialized: dict[str, Metadata] = {}
    evaluations = []
    for event in events:
        if event.is_step_materialization:
            found = event.step_materialization_data.materialization
            materialized[found.asset_key.to_user_string()] = _plain(found.metadata)
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            evaluations.append(
                Evaluation(
                    asset=check.asset_key.to_user_string(),
                    check=check.check_name,
                    passed=check.passed,
                    description=check.description or "",
                    metadata=_plain(check.metadata),
                )
            )
    return Launched(
        run_id=run.run_id,
        job_name=run.job_name,
        success=success,
        materialized=materialized,
        evaluations=evaluations,
        skipped=[str(event.step_key) for event in events if event.is_step_skipped],
        error=None if success else _error(run, events),
    )


def _plain(metadata: Mapping[str, Any]) -> Metadata:
    return {name: getattr(value, "value", value) for name, value in metadata.items()}


def _error(run: DagsterRun, events: Sequence[DagsterEvent]) -> ZtradeError:
    """Return what went wrong, in the class that core raised where it did.

    Raises KeyboardInterrupt where a person stopped the run.
    """
    for event in events:
        if not event.is_step_failure:
            continue
        data = event.step_failure_data
        failure = data.user_failure_data
        if failure is not None:
            name = str(getattr(failure.metadata.get("error"), "value", ""))
            kind = getattr(errors, name, RunFailedError)
            return kind(str(failure.description))
        info = data.error
        while info is not None and info.cause is not None:
            info = info.cause
        if info is not None and info.cls_name in INTERRUPTED:
            raise KeyboardInterrupt
        text = "" if info is None else info.message.strip().splitlines()[0]
        return RunFailedError(f"{event.step_key} failed: {text}; see the run {run.run_id}")
    return RunFailedError(f"run {run.run_id} of {run.job_name} failed; its page has the log")
