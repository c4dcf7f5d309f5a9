"""Where the project is: the folder that holds config/company.yaml."""

from pathlib import Path

from ztrade_core.errors import ConfigError
from ztrade_core.settings.words import one_line

MARKER = Path("config") / "company.yaml"


def find_project_root(*, home: str | None, start: Path) -> Path:
    """Return the project's folder as an absolute path.

    `home` (ZTRADE_HOME) is taken at its word; else the first folder from `start` upwards that holds
    config/company.yaml; else the folder beside this package (an editable checkout).

    Raises:
        ConfigError: nothing of that is a project.
    """
    if home is not None:
        return check_project_root(as_path(home, start, "environment: ZTRADE_HOME"), "ZTRADE_HOME")
    here = start.resolve()
    checkout = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, checkout):
        if (folder / MARKER).is_file():
            return folder
    raise ConfigError(
        f"{MARKER}: not found in {one_line(here)} or above it; "
        "go to the project's folder or set ZTRADE_HOME to it"
    )


def check_project_root(folder: Path, name: str) -> Path:
    """Return the folder, absolute; ConfigError when it is none."""
    if not folder.is_dir():
        raise ConfigError(f"{name}: {one_line(folder)}: no such folder; name the project's folder")
    return folder.resolve()


def as_path(text: str, relative_to: Path, where: str) -> Path:
    """Return a path from the environment, absolute; `~` is the user's home."""
    if not text.isprintable():
        raise ConfigError(f"{where}: not a path; write the path of a folder")
    try:
        return (relative_to / Path(text).expanduser()).resolve()
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{where}: {one_line(text)}: {one_line(error)}") from error


def shown_path(path: Path, root: Path) -> str:
    """Return a path for messages: relative to the project where it lies in it."""
    return one_line(path.relative_to(root) if path.is_relative_to(root) else path)
