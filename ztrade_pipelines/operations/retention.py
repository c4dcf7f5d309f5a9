"""The job `retention`: what config/market_data.yaml says is old goes, after the run's log said which."""

from collections import Counter
from typing import Any

import dagster as dg
from pydantic import Field

from ztrade_pipelines.resources import Ztrade, clear_failures

RETENTION = "retention"


class RetentionOpConfig(dg.Config):
    """Whether anything is deleted."""

    dry_run: bool = Field(default=False, description="Say what would go; delete nothing.")


@dg.op(
    name="delete_old_rows",
    description="Delete bars and backtests' equity curves that are older than config/market_data.yaml"
    " keeps them; never ledger, orders, fills or what an open position or a look-back needs.",
)
def delete_old_rows(
    context: dg.OpExecutionContext, config: RetentionOpConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Tell, then delete."""
    # SQLAlchemy: only who runs pays for it.
    from ztrade_core.assembly.retention import retention_tools  # noqa: PLC0415
    from ztrade_core.market_data.retention import apply_retention, plan_retention  # noqa: PLC0415

    with clear_failures():
        workshop = ztrade.workshop()
        tools = retention_tools(workshop)
        plan = plan_retention(tools, workshop.settings.company.market_data.retention)
        for one in plan.bars:
            context.log.info(one.said)
        context.log.info("equity curves of %d old backtests go", plan.curves.runs)
        deleted: Counter[str] = Counter()
        if not config.dry_run:
            for what, gone in apply_retention(tools, plan):
                deleted[what] += gone
        context.add_output_metadata(
            {
                "dry_run": config.dry_run,
                "planned_bars": sum(one.rows for one in plan.bars),
                "planned_curve_points": plan.curves.points,
                "deleted": dict(deleted),
            }
        )


def retention_job() -> dg.JobDefinition:
    """Return the job."""

    @dg.config_mapping
    def flat(config: RetentionOpConfig) -> dict[str, Any]:
        return {"ops": {delete_old_rows.name: {"config": config.model_dump()}}}

    @dg.job(
        name=RETENTION,
        config=flat,
        description=f"{delete_old_rows.description} Nothing is configured to go in the shipped file."
        " Config: dry_run.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        delete_old_rows()

    return job
