"""What watches between runs: protection every ten seconds, and failed runs.

The protection sensor mends in place, inside the warm code server, through core; it launches
`reconcile` only to record what it did. `ztrade loop stop` does not touch it.
"""

import re
from threading import Lock

import dagster as dg

from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.domain.orders import ORDER_PREFIX
from ztrade_core.errors import BrokerError, StoreError
from ztrade_core.logs import get_logger
from ztrade_pipelines import keys
from ztrade_pipelines.operations.jobs import RECONCILE
from ztrade_pipelines.resources import PAPER, Ztrade

SECONDS = 10
HOLDER = "protection sensor"
ORDER_ID = re.compile(re.escape(ORDER_PREFIX) + "[0-9a-f]+")
_looking = Lock()
log = get_logger(__name__)


@dg.sensor(
    name="protection",
    job_name=RECONCILE,
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks after the paper account every ten seconds: book against broker, a stop for"
    " every position, no open entry while a halt stands. It mends at once, and asks for `reconcile`"
    " to record what it did. Cheap while nothing is held and nothing works.",
)
def protection(
    context: dg.SensorEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
) -> dg.RunRequest | dg.SkipReason:
    """Look once; while another look of this process is still at it, it is left alone."""
    if not _looking.acquire(blocking=False):
        return dg.SkipReason("the look before this one is still at work")
    try:
        return _look(context, ztrade)
    finally:
        _looking.release()


def _look(context: dg.SensorEvaluationContext, ztrade: Ztrade) -> dg.RunRequest | dg.SkipReason:
    from ztrade_core.trading.watch import watch  # noqa: PLC0415  (the trading floor)

    try:
        desk = ztrade.watch_desk()
        at = desk.clock.now()
        seen = watch(desk, at, holder=HOLDER)
    except (StoreError, BrokerError) as error:
        log.warning("watch_failed", error=str(error))
        return dg.SkipReason(f"could not look: {error}")
    if not seen.did:
        return dg.SkipReason(seen.note)
    did = "; ".join(seen.did)
    context.log.warning(did)
    # The same trouble is recorded once an hour, not every ten seconds: under whatever order ids.
    told = ORDER_ID.sub(ORDER_PREFIX, did)
    run_key = f"protection:{at:%Y-%m-%dT%H}:{sha256_hex(told)[:16]}"
    tags = {keys.ACCOUNT_TAG: PAPER, keys.REASON_TAG: "protection"}
    return dg.RunRequest(run_key=run_key, tags=tags)


@dg.run_failure_sensor(
    name="run_failures",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Writes every failed run to the log with its job, agent and error.",
)
def run_failures(context: dg.RunFailureSensorContext) -> None:
    """Log one failed run."""
    run = context.dagster_run
    log.error(
        "run_failed",
        job=run.job_name,
        run_id=run.run_id,
        agent_id=run.tags.get(keys.AGENT_TAG),
        error=context.failure_event.message,
    )
