"""The halt that needs no database: while the file `HALT` lies in the data folder, nothing enters.

Anyone may set it with `touch`. Its text is the reason. A file that cannot be read, or a folder
that cannot be looked into, counts as a halt.
"""

import os
from pathlib import Path

from typing_extensions import override

from ztrade_core.ports.halts import HaltSignal

HALT_FILE_NAME = "HALT"


class HaltFile(HaltSignal):
    """The file at `path`, usually `<data folder>/HALT`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Where the file lies when it stands."""
        return self._path

    @override
    def standing(self) -> str | None:
        try:
            reason = self._path.read_bytes().decode(errors="replace").strip()
        except FileNotFoundError:
            if os.path.lexists(self._path):
                return f"the file {self._path} is a link to nowhere, which counts as a halt"
            return None
        except OSError as error:
            return (
                f"the file {self._path} cannot be read ({error.strerror}), which counts as a halt"
            )
        return reason or f"the file {self._path} exists"

    def write(self, reason: str) -> None:
        """Halt, with its reason. A reason that stands already is kept."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self.standing() is None:
            self._path.write_text(reason + "\n", encoding="utf-8")

    def remove(self) -> None:
        """Lift the halt; nothing happens when there is none."""
        self._path.unlink(missing_ok=True)
