"""`ztrade replay` after a limit was changed: not proved under the new files, proved again under the old."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.fakes.terminal import PROJECT, Terminal
from tests.pipelines.rehearsed import buy_in_rehearsal

DAY = "2022-12-28"
STRATEGYS_TURN = "2022-12-28T15:15:00Z"


def changed_limits(folder: Path) -> Path:
    """Return a copy of the configuration in which no order is small enough."""
    copy = Path(shutil.copytree(PROJECT / "config", folder))
    limits = copy / "risk_limits.yaml"
    before = limits.read_text(encoding="utf-8")
    lines = [
        "max_order_usd: 1.0" if line.startswith("max_order_usd:") else line
        for line in before.splitlines()
    ]
    limits.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert limits.read_text(encoding="utf-8") != before
    return copy


def test_decisions_of_an_old_configuration_are_proved_with_its_files(
    tmp_path: Path, sqlite_template: Path
) -> None:
    terminal = Terminal(tmp_path, width=160)
    terminal.use_database(sqlite_template)
    buy_in_rehearsal(terminal)
    ran = terminal.spawn("agent", "run", "agent_tsla", "--as-of", STRATEGYS_TURN, "--json")
    assert ran.code == 0, ran.err
    old = Path(shutil.copytree(PROJECT / "config", tmp_path / "then"))
    new = changed_limits(tmp_path / "now")

    def replayed(folder: Path) -> tuple[int, Mapping[str, object]]:
        shown = terminal.spawn("replay", "--day", DAY, "--json", ZTRADE_CONFIG_DIR=str(folder))
        document = json.loads(shown.out)
        assert isinstance(document, dict)
        return shown.code, document

    code, now = replayed(new)
    assert (code, now["equal"], now["other_configuration"]) == (3, 0, 3)
    [buy] = [each for each in now["unequal"] if each["differences"]]  # type: ignore[attr-defined]
    assert "ZTRADE_CONFIG_DIR" in buy["note"]
    fields = {each["field"] for each in buy["differences"]}
    assert "decision.outcome" in fields
    code, then = replayed(old)
    assert (code, then["equal"], then["all_equal"], then["unequal"]) == (0, 3, True, [])
