"""Ctrl-C within a run of Dagster is an interruption, not a failure of the step it fell into."""

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from ztrade_pipelines.cli.launching import RunFailedError, _error


@pytest.mark.parametrize("stop", [DagsterExecutionInterruptedError, KeyboardInterrupt])
def test_a_run_that_a_person_stopped_is_interrupted(
    stop: type[BaseException], instance: dg.DagsterInstance
) -> None:
    run, events = failed_run(stop(), instance)
    with pytest.raises(KeyboardInterrupt):
        _error(run, events)


def test_any_other_error_is_a_failed_run(instance: dg.DagsterInstance) -> None:
    run, events = failed_run(RuntimeError("storm"), instance)
    assert isinstance(_error(run, events), RunFailedError)
    assert "RuntimeError: storm" in str(_error(run, events))


def failed_run(
    error: BaseException, instance: dg.DagsterInstance
) -> tuple[dg.DagsterRun, list[dg.DagsterEvent]]:
    """Run one op that raises, and return what Dagster keeps of it."""

    @dg.op
    def raises() -> None:
        raise error

    @dg.job(executor_def=dg.in_process_executor)
    def stopped() -> None:
        raises()

    run_id = stopped.execute_in_process(instance=instance, raise_on_error=False).run_id
    run = instance.get_run_by_id(run_id)
    assert run is not None
    logs = instance.all_logs(run_id)
    return run, [log.dagster_event for log in logs if log.dagster_event is not None]
