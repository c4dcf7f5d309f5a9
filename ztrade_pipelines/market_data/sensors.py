"""What watches the series between loads: whether the bars that are due have come.

It asks no vendor and launches nothing. A run on a bar that came late would change nothing either: the
agent's schedule has struck at the bar's close, and RULE_012 denies entries on any but the newest bar.
"""

import json

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.errors import StoreError
from ztrade_core.logs import get_logger
from ztrade_pipelines import keys
from ztrade_pipelines.market_data.freshness import (
    FRESH_BARS,
    LATE,
    OFF,
    evaluation_of,
    freshness_of,
    keepers_of,
    state_of,
)
from ztrade_pipelines.resources import Ztrade

SECONDS = 60
log = get_logger(__name__)


def fresh_bars_sensor(company: Company) -> dg.SensorDefinition:
    """Return the sensor that judges the freshness of every agent's series."""

    @dg.sensor(
        name=FRESH_BARS,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks every minute whether the series of agents that loop, and those whose"
        " refresh is on, have the bar that is due, by the exchange calendar. Evaluates"
        " `newest_bar_is_there` when that changed. Asks no vendor, launches nothing.",
    )
    def fresh_bars(
        context: dg.SensorEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.SensorResult:
        try:
            return _look(context, ztrade, company)
        except StoreError as error:
            log.warning("freshness_failed", error=str(error))
            return dg.SensorResult(skip_reason=f"could not look: {error}", cursor=context.cursor)

    return fresh_bars


def _look(context: dg.SensorEvaluationContext, ztrade: Ztrade, company: Company) -> dg.SensorResult:
    before: dict[str, str] = json.loads(context.cursor or "{}")
    now, told = dict[str, str](), list[dg.AssetCheckEvaluation]()
    for agent in company.agents:
        name = keys.bars_key(agent).to_user_string()
        newest, keepers = freshness_of(ztrade, agent), keepers_of(context.instance, agent)
        now[name] = state_of(newest, keepers)
        if now[name] != before.get(name, OFF):
            told.append(dg.AssetCheckEvaluation(**evaluation_of(agent, newest, keepers)))
    late = [name for name, state in now.items() if state == LATE]
    kept = sum(state != OFF for state in now.values())
    reason = f"late: {', '.join(late)}" if late else f"{kept} series are kept fresh, none is late"
    return dg.SensorResult(asset_events=told, skip_reason=reason, cursor=json.dumps(now))
