"""The sensor of decisions by file: what waits for an answer, what was refused, and tidy folders.

It asks nobody, decides nothing and launches nothing: an answer belongs to the run that waits for it, and a
run that died is gone on with by its schedule's next tick or a person. So it runs from the start, and
`ztrade loop stop` does not touch it: that stops the asking, and what was asked still gets tidied.
"""

import dagster as dg

from ztrade_core.errors import StoreError
from ztrade_core.logs import get_logger
from ztrade_pipelines.resources import Ztrade

DECISION_FILES = "decision_files"
SECONDS = 15
log = get_logger(__name__)


@dg.sensor(
    name=DECISION_FILES,
    minimum_interval_seconds=SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks every 15 seconds into the folder `oversight` of the data folder: says which requests"
    " wait and until when, what was refused since its last look and why, and which folder is not safe; puts"
    " dead runs' requests and nobody's answers away, and deletes what was kept long enough. Decides and"
    " launches nothing.",
)
def decision_files(
    context: dg.SensorEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
) -> dg.SensorResult:
    """Look once; what is new is logged, the state is the tick's reason."""
    from ztrade_core.decision_makers.files.folders import Oversight  # noqa: PLC0415  (only who looks)
    from ztrade_core.decision_makers.files.watching import look  # noqa: PLC0415

    try:
        settings = ztrade.workshop().settings
    except StoreError as error:
        return dg.SensorResult(skip_reason=f"could not look: {error}", cursor=context.cursor)
    config = settings.company.models.subagent
    place = Oversight(settings.data_dir, answerers=config.answerers)
    seen = look(place, ztrade.now(), context.cursor, keep_days=config.keep_days)
    for line in seen.news:
        context.log.warning(line)
        log.warning("decision_files", told=line)
    return dg.SensorResult(skip_reason=seen.note, cursor=seen.mark)
