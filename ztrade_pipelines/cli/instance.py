"""The Dagster instance of this project, opened from the terminal without any server.

The records lie where `dagster dev` and the daemon look: DAGSTER_HOME, the project's root when it is
not set. dagster.yaml's folders are relative to the working directory, so that is the root while
the instance is open.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

HOME = "DAGSTER_HOME"
LOCATION = "ztrade_pipelines.definitions"
# Dagster itself reads the environment: there is no other way to tell it.
_environ = os.environ  # noqa: TID251 - handed to Dagster, not read for our own settings


def set_variables(variables: dict[str, str]) -> None:
    """Set variables of this process's environment, for Dagster and for the settings it loads."""
    _environ.update(variables)


def dagster_home(settings: Settings) -> Path:
    """Return where the instance's dagster.yaml lies, setting DAGSTER_HOME when it is not set."""
    home = Path(_environ.setdefault(HOME, str(settings.project_root)))
    if not home.is_dir():
        raise ConfigError(f"{HOME}: {home}: no such folder; unset it, or name the project's root")
    return home


class _LogReader(StringIO):
    """Takes what is written to standard error, line by line, and keeps nothing."""

    def __init__(self, watch: Callable[[str], None] | None) -> None:
        super().__init__()
        self._watch = watch

    @override
    def write(self, text: str, /) -> int:
        if self._watch is not None:
            self._watch(text)
        return len(text)


@contextmanager
def dagster_instance(
    settings: Settings, *, quiet: bool = True, watch: Callable[[str], None] | None = None
) -> Iterator["DagsterInstance"]:
    """Open the project's instance.

    `quiet` keeps Dagster's log off the terminal; `watch` is told its lines then.
    """
    home = dagster_home(settings)
    with ExitStack() as stack:
        stack.enter_context(chdir(settings.project_root))
        if quiet:
            stack.enter_context(redirect_stderr(_LogReader(watch)))
        import dagster as dg  # noqa: PLC0415 - a second of importing

        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
