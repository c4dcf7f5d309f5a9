"""Who launches runs: Dagster's queue, but a person's hand does not wait in it.

`dagster.yaml` names this class. Halts, resumes and flattens start at once in the process that asks for
them, so they work while the daemon is down and while the queue is full of agents' runs. Loaded by the
web server, the daemon and the command line: it imports nothing of ours that is heavy.
"""

from dagster import DagsterRun, DagsterRunStatus
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from typing_extensions import override

from ztrade_pipelines.keys import OVERRIDES


class OverridesFirst(QueuedRunCoordinator):
    """Queues everything but the jobs of OVERRIDES, which it launches."""

    @override
    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Launch an override, queue anything else."""
        run = context.dagster_run
        if run.job_name not in OVERRIDES or run.status is not DagsterRunStatus.NOT_STARTED:
            return super().submit_run(context)
        return self._instance.launch_run(run.run_id, context.workspace)
