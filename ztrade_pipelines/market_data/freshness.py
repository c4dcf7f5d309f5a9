"""Freshness by policy: a series that somebody keeps fresh has the bar that is due by now.

Kept fresh is a series whose agent's loop or whose refresh schedule is switched on; of others nothing is
expected, so that a load of old days raises no alarm. What is due, the exchange calendar knows. (Dagster's
own freshness policies count from the last materialization: they know no holidays, take a backfill of an
old day for news, and do not see what agents' runs bring.)
A load evaluates the check; so does the sensor `fresh_bars`, whenever what it says has changed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

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
Keepers: TypeAlias = Mapping[str, datetime]
"""The running schedules that keep a series fresh, and when each was switched on."""


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


def keepers_of(instance: dg.DagsterInstance, agent: AgentConfig) -> Keepers:
    """Return the running schedules that keep an agent's series fresh.

    An instance in memory has no schedules.
    """
    if instance.schedule_storage is None:
        return {}
    wanted = keeper_names(agent)
    return {
        state.instigator_name: _started(state.instigator_data)
        for state in instance.all_instigator_state()
        if state.is_running and state.instigator_name in wanted
    }


def _started(data: object) -> datetime:
    began = getattr(data, "start_timestamp", None)  # its class is private to Dagster
    return datetime.fromtimestamp(began or 0.0, UTC)


def state_of(newest: "NewestBar", keepers: Keepers) -> str:
    """Return `off` where nobody keeps the series fresh, else `late` or `fresh`.

    What opened before a schedule was switched on, it brings along with its first bar.
    """
    if not keepers:
        return OFF
    is_theirs = newest.due is not None and newest.due >= min(keepers.values())
    return LATE if newest.is_late and is_theirs else FRESH


def evaluation_of(agent: AgentConfig, newest: "NewestBar", keepers: Keepers) -> dict[str, Any]:
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
            "due_after": f"{newest.grace // timedelta(minutes=1)} minutes after its close",
            "kept_fresh_by": ", ".join(keepers) or ui.ABSENT,
        },
    }


def sentence(newest: "NewestBar", keepers: Keepers) -> str:
    """Say what there is, what should be, and who sees to it."""
    last = "there is no bar" if newest.opened is None else f"the newest is {iso_z(newest.opened)}"
    if not keepers:
        return f"{last}; its loop and its refresh are off: nothing need be fresh"
    by = " and ".join(keepers)
    if newest.due is None or not newest.is_late:
        return f"{last}, as due; {by} keeps it so"
    if state_of(newest, keepers) == LATE:
        return f"the bar of {iso_z(newest.due)} is late, {last}; {by} should have brought it"
    return f"{last}; no bar is due yet since {by} was switched on"
