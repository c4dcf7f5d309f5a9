"""The jobs of replays: one decision by its id, and whole days."""

from typing import Any

import dagster as dg
from pydantic import Field

from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures


class ReplayConfig(dg.Config):
    """Which decision."""

    decision_id: str = Field(description="As the decision's metadata shows it: d-...")


@dg.op(
    description="Decide and validate one stored decision again, offline, and compare it to the byte."
)
def replay_one(
    context: dg.OpExecutionContext, config: ReplayConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Fail, naming the fields, unless the replayed row is the stored one to the byte."""
    from ztrade_core.trading.replay import RangeReplay, Replayed, replay_decision  # noqa: PLC0415
    from ztrade_pipelines.replays import describe  # noqa: PLC0415 - the workshop

    with clear_failures():
        one = replay_decision(describe.replay_room(ztrade), config.decision_id)
    is_equal = one.outcome is Replayed.EQUAL
    done = RangeReplay(counts={one.outcome: 1}, unequal=() if is_equal else (one,))
    metadata = describe.replay_metadata(done)
    if not is_equal:
        fields = ", ".join(found.field for found in one.differences[:10])
        parts = [f"decision {config.decision_id}: {one.outcome.value}", fields, one.note]
        text = "; ".join(part for part in parts if part)
        raise dg.Failure(text, metadata=metadata, allow_retries=False)
    context.add_output_metadata(metadata)


def replay_jobs() -> list[Any]:
    """Return the job of one decision and the job of days."""
    return [_decision_job(), _day_job()]


def _decision_job() -> dg.JobDefinition:
    @dg.config_mapping
    def flat(config: ReplayConfig) -> dict[str, Any]:
        return {"ops": {replay_one.name: {"config": config.model_dump()}}}

    @dg.job(
        name="replay_decision",
        config=flat,
        description=f"{replay_one.description} Fails and names each field that differs. Config:"
        " decision_id.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        replay_one()

    return job


def _day_job() -> Any:
    return dg.define_asset_job(
        "replay_day",
        selection=dg.AssetSelection.assets(keys.REPLAY),
        description="Replay every stored decision of a day, or of a range of days in one run, offline."
        " Its check is red unless all are equal to the byte.",
        executor_def=dg.in_process_executor,
    )
