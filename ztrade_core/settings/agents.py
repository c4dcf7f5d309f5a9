"""The agents: one YAML file each, with a personality beside it. A file more is an agent more."""

from dataclasses import dataclass
from pathlib import Path

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.model_config import ModelsConfig
from ztrade_core.errors import ConfigError
from ztrade_core.settings.agent_file import AgentFile
from ztrade_core.settings.explain import validate
from ztrade_core.settings.language_models import check_prices
from ztrade_core.settings.project import shown_path
from ztrade_core.settings.words import one_line
from ztrade_core.settings.yaml_text import parse_mapping, read_text
from ztrade_core.strategies.registry import STRATEGIES, validate_strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedAgent:
    """An agent and the name of the file it was read from."""

    agent: AgentConfig
    shown: str


def load_agents(folder: Path, root: Path, models: ModelsConfig) -> tuple[LoadedAgent, ...]:
    """Return the agents of a folder in order of their ids; ConfigError names file and key."""
    files = [(path, _read(path, shown_path(path, root))) for path in _agent_files(folder, root)]
    _refuse_duplicate_ids([(shown_path(path, root), file) for path, file in files])
    loaded = [_load(path, file, root, models) for path, file in files]
    loaded.sort(key=lambda item: item.agent.agent_id)
    _refuse_shared_symbols(loaded)
    check_prices([(item.shown, item.agent) for item in loaded], models)
    return tuple(loaded)


def _agent_files(folder: Path, root: Path) -> list[Path]:
    shown = shown_path(folder, root)
    if not folder.is_dir():
        raise ConfigError(f"{shown}: no such folder; write one YAML file an agent into it")
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in entries:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            raise ConfigError(f"{shown_path(path, root)}: would be ignored; rename it to .yaml")
    files = [path for path in entries if path.suffix == ".yaml"]
    if not files:
        raise ConfigError(f"{shown}: no agent; write one YAML file an agent into it")
    return files


def _read(path: Path, shown: str) -> AgentFile:
    return validate(AgentFile, parse_mapping(read_text(path, shown), shown), shown)


def _load(path: Path, file: AgentFile, root: Path, models: ModelsConfig) -> LoadedAgent:
    shown = shown_path(path, root)
    if path.stem != file.agent_id:
        raise ConfigError(
            f"{shown}: agent_id: {file.agent_id} is not the file's name; "
            f"rename the file to {file.agent_id}.yaml or change the id"
        )
    _check_sizes(file, shown)
    character = path.with_suffix(".md")
    personality = read_text(character, shown_path(character, root)).strip()
    if not personality:
        raise ConfigError(f"{shown_path(character, root)}: empty; write who the agent is")
    agent = file.to_domain(personality, _parameters(file, shown), models)
    return LoadedAgent(agent=agent, shown=shown)


def _parameters(file: AgentFile, shown: str) -> dict[str, float]:
    """Return the strategy's parameters, those that are not written at their defaults."""
    choice = file.strategy
    try:
        complete = validate_strategy(choice.name, choice.parameters)
        return {name: float(value) for name, value in complete.items()}
    except ConfigError as error:
        key = "parameters" if choice.name in STRATEGIES else "name"
        raise ConfigError(f"{shown}: strategy.{key}: {one_line(error)}") from error


def _check_sizes(file: AgentFile, shown: str) -> None:
    limits = file.limits
    if limits.position_usd > file.allocated_usd:
        raise ConfigError(
            f"{shown}: limits.position_usd: {limits.position_usd:g} is over "
            f"allocated_usd {file.allocated_usd:g}; lower it or allocate more"
        )
    if limits.risk_usd > limits.position_usd:
        raise ConfigError(
            f"{shown}: limits.risk_usd: {limits.risk_usd:g} is over "
            f"position_usd {limits.position_usd:g}; write position x stop"
        )


def _refuse_duplicate_ids(files: list[tuple[str, AgentFile]]) -> None:
    seen: dict[str, str] = {}
    for shown, file in files:
        if file.agent_id in seen:
            raise ConfigError(
                f"{shown}: agent_id: {file.agent_id} is already that of {seen[file.agent_id]}; "
                "give each agent its own id"
            )
        seen[file.agent_id] = shown


def _refuse_shared_symbols(loaded: list[LoadedAgent]) -> None:
    seen: dict[str, str] = {}
    for item in loaded:
        symbol = item.agent.symbol
        if symbol in seen:
            raise ConfigError(
                f"{item.shown}: symbol: {symbol} is already traded by {seen[symbol]}; "
                "one agent a symbol"
            )
        seen[symbol] = item.agent.agent_id
