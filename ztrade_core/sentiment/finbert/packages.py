"""Whether the packages of the extra `finbert` are installed."""

from importlib.util import find_spec

from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.words import LEXICON


def require(*names: str) -> None:
    """Raise ConfigError, naming the command, unless all packages are installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"finbert: {', '.join(missing)} not installed; in the project's folder run"
            f" `pip install -c constraints.txt -e '.[finbert]'`; {LEXICON}"
        )
