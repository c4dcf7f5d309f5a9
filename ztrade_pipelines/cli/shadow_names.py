"""Who an agent's shadows are, in a few words; free of Dagster, which is slow to import."""

from ztrade_core.domain.configuration import AgentConfig


def shadow_names(agent: AgentConfig) -> list[str]:
    """Return the names of an agent's shadows."""
    return [mind.name for mind in agent.shadows]
