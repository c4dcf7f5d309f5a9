"""The circuit breakers between cycles: a loss that grows while no agent decides halts entries too.

An admission judges the same breakers on the same marks, so no entry ever got past one; between cycles it
is the entries that rest at the broker, and the person who should know, that cannot wait for the next bar.
It only halts, and so runs from the start; `ztrade loop stop` does not touch it.
"""

import dagster as dg

from ztrade_core.domain.canonical import sha256_hex
from ztrade_core.errors import BrokerError, StoreError
from ztrade_core.logs import get_logger
from ztrade_pipelines import keys
from ztrade_pipelines.operations.jobs import RECONCILE
from ztrade_pipelines.resources import PAPER, Ztrade

SECONDS = 60
log = get_logger(__name__)


@dg.sensor(
    name="circuit_breakers",
    job_name=RECONCILE,
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Marks the paper account every minute with the last stored closes; a breaker at its"
    " limit halts entries, and open ones are cancelled, as in a cycle. A halt that was set now is"
    " recorded by a `reconcile` run. Asks no vendor.",
)
def circuit_breakers(
    context: dg.SensorEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
) -> dg.RunRequest | dg.SkipReason:
    """Look once, and ask for one run when something tripped."""
    from ztrade_core.trading.tripping import trip_breakers  # noqa: PLC0415  (the trading floor)

    try:
        desk = ztrade.watch_desk()
        tripped = trip_breakers(desk, desk.clock.now())
    except (StoreError, BrokerError) as error:
        log.warning("breakers_failed", error=str(error))
        return dg.SkipReason(f"could not look: {error}")
    if not tripped.halts:
        return dg.SkipReason(tripped.waits or "no breaker tripped now")
    context.log.warning("; ".join(tripped.did))
    ids = sha256_hex("|".join(halt.halt_id for halt in tripped.halts))[:16]
    tags = {keys.ACCOUNT_TAG: PAPER, keys.REASON_TAG: "circuit_breaker"}
    return dg.RunRequest(run_key=f"circuit_breakers:{ids}", tags=tags)
