"""The job `rule_trial`: other limits tried on recorded decisions, from the page. It stores nothing of ours."""

from pathlib import Path
from typing import Any

import dagster as dg

from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures
from ztrade_pipelines.rule_trials.config import RuleTrialConfig, request_of

RULE_TRIAL = "rule_trial"
MAX_SECONDS = 3600
TENTHS = 10


@dg.op(
    name="try_rules",
    pool=keys.BACKTEST_POOL,
    description="Try other limits on a period's recorded decisions: what would have been denied, and what"
    " it was worth, with a holdout. Reads only: nothing is stored, and no limit changes.",
)
def try_rules(
    context: dg.OpExecutionContext, config: RuleTrialConfig, ztrade: dg.ResourceParam[Ztrade]
) -> None:
    """Run the trial and show both views."""
    # The engines: only who runs them pays for them.
    from ztrade_core.assembly.rule_trials import proposed_file, trial_room  # noqa: PLC0415
    from ztrade_core.studies.rule_trial import run_rule_trial  # noqa: PLC0415
    from ztrade_pipelines.rule_trials.describe import trial_metadata  # noqa: PLC0415

    with clear_failures():
        workshop = ztrade.workshop()
        path = workshop.settings.project_root / Path(config.limits)
        proposed = proposed_file(workshop.settings, path)
        asked = request_of(config, proposed.risk)
        done = run_rule_trial(trial_room(workshop), asked, _Progress(context))
    context.add_output_metadata(trial_metadata(done, proposed.warnings))


class _Progress:
    """Writes a line to the run's log at each tenth."""

    def __init__(self, context: dg.OpExecutionContext) -> None:
        self._context = context
        self._told = 0

    def __call__(self, done: int, total: int) -> None:
        """Note how far the trial is."""
        tenth = TENTHS * done // max(total, 1)
        if tenth > self._told:
            self._told = tenth
            self._context.log.info("rule trial: %s of %s bars", done, total)


def rule_trial_job() -> dg.JobDefinition:
    """Return the job."""

    @dg.config_mapping
    def flat(config: RuleTrialConfig) -> dict[str, Any]:
        return {"ops": {try_rules.name: {"config": config.model_dump()}}}

    @dg.job(
        name=RULE_TRIAL,
        config=flat,
        description=f"{try_rules.description} Config: limits (a file), days or first and last, account,"
        " holdout, agents.",
        tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        try_rules()

    return job
