"""Breaking news: what runs an agent between its bars.

The sensor asks no vendor: stories come with the agents' cycles and the symbols' refresh schedules. Which
stories are breaking, and that one a bar is decided on, is core's to say; what it asks for twice, core
refuses.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.errors import BrokerError, ConfigError, StoreError
from ztrade_core.logs import get_logger
from ztrade_pipelines import keys
from ztrade_pipelines.resources import PAPER, Ztrade

SECONDS = 30
BREAKING_NEWS = "breaking_news"
log = get_logger(__name__)


def breaking_news_sensor(company: Company, jobs: Mapping[str, Any]) -> dg.SensorDefinition:
    """Return the sensor of the agents that listen to breaking news; off until somebody starts it.

    `jobs` are the agents' jobs by their ids.
    """
    listening = [agent for agent in company.agents if agent.breaking_news]

    @dg.sensor(
        name=BREAKING_NEWS,
        jobs=[jobs[agent.agent_id] for agent in listening or company.agents],
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Runs an agent outside its schedule when a breaking story about its symbol became"
        " known in the bar in progress: at most once a bar, under every rule, on the paper account."
        " Only agents with `breaking_news: on` whose loop is on: `ztrade loop stop` stops these runs"
        " too. What is breaking, config/sentiment.yaml says.",
    )
    def breaking_news(
        context: dg.SensorEvaluationContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> dg.SensorResult:
        if not listening:
            return dg.SensorResult(skip_reason="no agent has `breaking_news: on`")
        return _look(context.instance, ztrade, listening)

    return breaking_news


def _look(
    instance: dg.DagsterInstance, ztrade: Ztrade, listening: Iterable[AgentConfig]
) -> dg.SensorResult:
    looping = _running(instance)
    requests, told = list[dg.RunRequest](), list[str]()
    for agent in listening:
        if f"{agent.agent_id}_loop" not in looping:
            told.append(f"{agent.agent_id}: its loop is off")
            continue
        found = _asked(ztrade, agent)
        if isinstance(found, str):
            told.append(f"{agent.agent_id}: {found}")
        else:
            requests.append(found)
    if requests:
        return dg.SensorResult(run_requests=requests)
    return dg.SensorResult(skip_reason="; ".join(told))


def _asked(ztrade: Ztrade, agent: AgentConfig) -> dg.RunRequest | str:
    """Return the run that a breaking story asks for, or why there is none."""
    from ztrade_core.trading.news_slots import look_for_news  # noqa: PLC0415  (the trading floor)

    try:
        desk = ztrade.watch_desk()
        news = ztrade.workshop().sentiment.stored
        look = look_for_news(desk, agent, news, desk.clock.now())
    except (StoreError, BrokerError, ConfigError) as error:
        log.warning("breaking_news_failed", agent_id=agent.agent_id, error=str(error))
        return f"could not look: {error}"
    if look.story is None:
        return look.reason
    story = look.story.news_id
    return dg.RunRequest(
        job_name=agent.agent_id,
        run_key=f"{agent.agent_id}:news:{story}",
        run_config={"story": story},
        tags={
            keys.AGENT_TAG: agent.agent_id,
            keys.ACCOUNT_TAG: PAPER,
            keys.REASON_TAG: BREAKING_NEWS,
        },
    )


def _running(instance: dg.DagsterInstance) -> frozenset[str]:
    """Return the schedules that are switched on; an instance in memory has none."""
    if instance.schedule_storage is None:
        return frozenset()
    states = instance.all_instigator_state()
    return frozenset(state.instigator_name for state in states if state.is_running)
