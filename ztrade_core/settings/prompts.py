"""The prompt's files in the configuration: known by one digest where a mind reads them.

A company whose agents and shadows are strategies and people needs none, and its digest says nothing of them.
"""

from collections.abc import Iterable
from pathlib import Path

from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.errors import ConfigError
from ztrade_core.settings.project import shown_path

READ_BY = frozenset({Mode.AUTOMATED, Mode.SUBAGENT})


def prompts_in(config_dir: Path) -> Path:
    """Return the folder of the prompt's files."""
    return config_dir / "prompts" / "automated"


def prompt_digest(config_dir: Path, root: Path, agents: Iterable[AgentConfig]) -> str:
    """Return the digest of the prompt's files; empty where no mind of the company reads them.

    Raises ConfigError for a file that is missing or does not tell exactly our fields.
    """
    if not any(_reads(agent) for agent in agents):
        return ""
    from ztrade_core.decision_makers.automated.prompt import (  # noqa: PLC0415 - only who reads them
        require_fields,
    )
    from ztrade_core.decision_makers.automated.prompt_files import (  # noqa: PLC0415 - as above
        load_prompts,
    )

    folder = prompts_in(config_dir)
    try:
        files = load_prompts(folder)
        require_fields(files)
    except ConfigError as error:
        told = str(error).replace(str(folder), shown_path(folder, root))
        raise ConfigError(told) from error
    return files.digest


def _reads(agent: AgentConfig) -> bool:
    modes = {agent.mode, *(mind.mode for mind in (*agent.members, *agent.shadows))}
    return not READ_BY.isdisjoint(modes)
