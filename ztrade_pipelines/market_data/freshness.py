"""Freshness by policy: a series that somebody keeps fresh has the bar that is due by now.

Kept fresh is a series whose agent's loop or whose refresh schedule is switched on; of others nothing is
expected, so that a load of old days raises no alarm. What is due, the exchange calendar knows. (Dagster's
own freshness policies count from the last materialization: they know no holidays, take a backfill of an
old day for news, and do not see what agents' runs bring.)
A load evaluates the check; so does the sensor `fresh_bars`, whenever what it says has changed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import iso_z
from ztrade_pipelines import keys, ui
from ztrade_pipelines.market_data.checks import CHECKS, FRESHNESS
from ztrade_pipelines.market_data.jobs import refresh_name
from ztrade_pipelines.resources import Ztrade

if TYPE_CHECKING:
    from ztrade_core.market_data.staleness import NewestBar

FRESH_BARS = "fresh_bars"
OFF, FRESH, LATE = "off", "fresh", "late"


def keeper_names(agent: AgentConfig) -> tuple[str, str]:
    """Return the schedules that keep an agent's series fresh: its loop, and its refresh."""
    return f"{agent.agent_id}_loop", refresh_name(agent)


def freshness_of(ztrade: Ztrade, agent: AgentConfig) -> "NewestBar":
    """Return the newest bar of an agent's series, and the one that is due now."""
    from ztrade_core.market_data.staleness import newest_bar  # noqa: PLC0415

    workshop = ztrade.workshop()
    return newest_bar(
        workshop.bars,
        workshop.calendar,
        symbol=agent.symbol,
        timeframe=agent.timeframe,
        at=workshop.clock.now(),
    )


def keepers_of(instance: dg.DagsterInstance, agent: AgentConfig) -> tuple[str, ...]:
    """Return the running schedules that keep an agent's series fresh.

    An instance in memory has no schedules.
    """
    if instance.schedule_storage is None:
        return ()
    running = {one.instigator_name for one in instance.all_instigator_state() if one.is_running}
    return tuple(name for name in keeper_names(agent) if name in running)


def state_of(newest: "NewestBar", keepers: Sequence[str]) -> str:
    """Return `off` where nobody keeps the series fresh, else `late` or `fresh`."""
    if not keepers:
        return OFF
    return LATE if newest.is_late else FRESH


def evaluation_of(
    agent: AgentConfig, newest: "NewestBar", keepers: Sequence[str]
) -> dict[str, Any]:
    """Return what a result or an evaluation of the check is made of.

    A failed one is a warning: RULE_012 is what denies entries.
    """
    return {
        "asset_key": keys.bars_key(agent),
        "check_name": CHECKS[FRESHNESS][0],
        "passed": state_of(newest, keepers) != LATE,
        "severity": dg.AssetCheckSeverity.WARN,
        "description": sentence(newest, keepers),
        "metadata": {
            "newest_bar": ui.moment(newest.opened),
            "due_bar": ui.moment(newest.due),
            "due_after_minutes": newest.grace // timedelta(minutes=1),
            "kept_fresh_by": ", ".join(keepers) or ui.ABSENT,
        },
    }


def sentence(newest: "NewestBar", keepers: Sequence[str]) -> str:
    """Say what there is, what should be, and who sees to it."""
    last = "there is no bar" if newest.opened is None else f"the newest is {iso_z(newest.opened)}"
    if not keepers:
        return f"{last}; its loop and its refresh are off: nothing need be fresh"
    by = " and ".join(keepers)
    if newest.due is None:
        return f"{last}; none is due yet"
    if newest.is_late:
        return f"the bar of {iso_z(newest.due)} is late, {last}; {by} should have brought it"
    return f"{last}, as due; {by} keeps it so"
