"""Whether the minds of an agent can answer within a run: their deadlines against `run_max_seconds`.

A run asks them one after another: the agent's own or its ensemble's members, then each shadow as often as it
has samples. What is left must do for the rest of the cycle. What does not belong here: the deadlines' bounds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ztrade_core.domain.configuration import AgentConfig, MindChoice, Mode
from ztrade_core.domain.model_config import ModelConfig, ModelsConfig
from ztrade_core.domain.words import counted
from ztrade_core.errors import ConfigError
from ztrade_core.settings.language_models import model_of

REST_SECONDS = 60
"""What the rest of a cycle is given: vendors' bars and news, the broker, the database, the stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """How long one mind may take in a run, under which key of the agent's file."""

    key: str
    seconds: float
    times: int = 1


def check_deadlines(
    agents: Sequence[tuple[str, AgentConfig]], models: ModelsConfig, run_max_seconds: int
) -> None:
    """Refuse minds that a run has no time for; ConfigError names the agent's file, its key and both numbers."""
    left = run_max_seconds - REST_SECONDS
    for shown, agent in agents:
        asked = list(_asked(agent, models))
        whole = _sum(asked)
        if asked and whole > left:
            key = _first_beyond(asked, left)
            times = counted(sum(each.times for each in asked), "question")
            raise ConfigError(
                f"{shown}: {key}: {times} in a run may take {whole:g} s, and run_max_seconds"
                f" {run_max_seconds} of broker.yaml leaves {max(left, 0)} (it less {REST_SECONDS} for the rest"
                " of a cycle): shorten deadlines, ask fewer, or raise run_max_seconds"
            )


def _asked(agent: AgentConfig, models: ModelsConfig) -> Iterator[_Asked]:
    if agent.mode is Mode.AUTOMATED:
        yield _Asked(key="model.deadline_seconds", seconds=model_of(agent, models).deadline_seconds)
    if agent.mode is Mode.SUBAGENT:
        key = "mode subagent (subagent.timeout_seconds of models.yaml)"
        yield _Asked(key=key, seconds=models.subagent.timeout_seconds)
    for where, minds in (("ensemble", agent.members), ("shadows", agent.shadows)):
        for mind in minds:
            seconds = _seconds(mind, models)
            if seconds > 0.0:
                yield _Asked(key=f"{where}: {mind.name}", seconds=seconds, times=mind.samples)


def _seconds(mind: MindChoice, models: ModelsConfig) -> float:
    if mind.mode is Mode.SUBAGENT:
        return models.subagent.timeout_seconds
    if mind.mode is not Mode.AUTOMATED:
        return 0.0
    return (mind.model or ModelConfig()).deadline_seconds


def _sum(asked: Iterable[_Asked]) -> float:
    whole = 0.0
    for each in asked:
        whole += each.seconds * each.times
    return whole


def _first_beyond(asked: Sequence[_Asked], left: float) -> str:
    """Return the key of the first mind that there is no time left for."""
    whole = 0.0
    for each in asked:
        whole += each.seconds * each.times
        if whole > left:
            return each.key
    raise AssertionError("they take longer together, so one of them is the first")
