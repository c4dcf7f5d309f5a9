"""A project in a temporary folder: the repository's own config/, to be spoilt."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import Settings, load_settings

REPOSITORY = Path(__file__).resolve().parents[3]
NOTHING: Mapping[str, str] = {}


class Project:
    """A copy of the shipped configuration, with verbs to change it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(REPOSITORY / "config", root / "config")

    def path(self, name: str) -> Path:
        return self.root / name

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.path(name).write_text(text.replace(old, new))

    def append(self, name: str, text: str) -> None:
        self.path(name).write_text(self.path(name).read_text() + text)

    def add_agent(self, agent_id: str, symbol: str, *, source: str = "agent_tsla") -> None:
        agents = self.root / "config" / "agents"
        text = (agents / f"{source}.yaml").read_text()
        text = text.replace(f"agent_id: {source}", f"agent_id: {agent_id}")
        (agents / f"{agent_id}.yaml").write_text(text.replace("symbol: TSLA", f"symbol: {symbol}"))
        (agents / f"{agent_id}.md").write_text(f"# {agent_id}\n")

    def load(self, environ: Mapping[str, str] = NOTHING) -> Settings:
        return load_settings(self.root, environ)

    def refusal(self, environ: Mapping[str, str] = NOTHING) -> str:
        with pytest.raises(ConfigError) as caught:
            self.load(environ)
        message = str(caught.value)
        assert message.isprintable(), message
        assert len(message) < 400, message
        return message


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path.resolve())
