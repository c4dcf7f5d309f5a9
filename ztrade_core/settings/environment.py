"""The environment: the only reader of `os.environ` and of `.env`.

`.env` fills gaps and never overrides the real environment; an empty value counts as absent. Messages
name the variable and where it came from, never its value: it may hold a secret.
"""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from dotenv.parser import parse_stream
from pydantic import SecretStr

from ztrade_core.brokers.alpaca.fence import LIVE_KEY_PREFIX
from ztrade_core.domain.configuration import PAPER_HOST
from ztrade_core.domain.model_config import CLAUDE_ADDRESS
from ztrade_core.errors import ConfigError
from ztrade_core.settings.database import database_url
from ztrade_core.settings.models import BrokerName, Provider
from ztrade_core.settings.project import as_path
from ztrade_core.settings.words import shown_key
from ztrade_core.settings.yaml_text import read_text

PAPER_URL = PAPER_HOST
SHORTEST_AGENT, LONGEST_AGENT = 7, 200
_HERE = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/?", re.ASCII)
MAKE_KEYS = "make keys on the paper account's page at https://app.alpaca.markets"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlpacaAccess:
    """Access to an Alpaca paper account; `base_url` is always PAPER_URL."""

    api_key: SecretStr
    secret_key: SecretStr
    base_url: str = PAPER_URL


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicAccess:
    """The key to Anthropic's models; `address` is theirs, or a server's on this machine."""

    api_key: SecretStr
    address: str = CLAUDE_ADDRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class RedditAccess:
    """An application's id and secret at Reddit, and how it names itself there."""

    client_id: SecretStr
    client_secret: SecretStr
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAccess:
    """Keys of data vendors; None: there is no key."""

    alpha_vantage: SecretStr | None
    coingecko: SecretStr | None
    reddit: RedditAccess | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What is set, from where: the real environment over `.env`."""

    real: Mapping[str, str]
    dotenv: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """Return a variable's value; None when absent or empty."""
        return self.real.get(name) or self.dotenv.get(name) or None

    def where(self, name: str) -> str:
        """Return how a message names the variable."""
        return f"{'environment' if self.real.get(name) else '.env'}: {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the environment says, parsed. None leaves what the YAML says: broker, providers."""

    config_dir: Path
    data_dir: Path
    database_url: str
    alpaca: AlpacaAccess | None
    vendors: VendorAccess
    broker: BrokerName | None
    market_data: Provider | None
    anthropic: AnthropicAccess | None = None


def process_environment() -> dict[str, str]:
    """Return a copy of the process's environment."""
    return dict(os.environ)


def read_variables(root: Path, real: Mapping[str, str]) -> Variables:
    """Return the variables of a real environment, with the project's `.env` beneath it."""
    path = root / ".env"
    return Variables(
        real=real, dotenv=parse_dotenv(read_text(path, ".env")) if path.exists() else {}
    )


def parse_environment(root: Path, variables: Variables) -> Environment:
    """Return the environment's settings; ConfigError names the variable. Creates nothing."""
    alpaca = _alpaca(variables)  # the fence first: nothing else is looked at beyond it
    data_dir = _folder(variables, "ZTRADE_DATA_DIR", root, ".ztrade")
    return Environment(
        config_dir=_folder(variables, "ZTRADE_CONFIG_DIR", root, "config"),
        data_dir=data_dir,
        database_url=database_url(
            variables.get("DATABASE_URL"),
            root=root,
            default=data_dir / "ztrade.db",
            where=variables.where("DATABASE_URL"),
        ),
        alpaca=alpaca,
        vendors=VendorAccess(
            alpha_vantage=_key(variables, "ALPHAVANTAGE_API_KEY"),
            coingecko=_key(variables, "COINGECKO_API_KEY"),
            reddit=_reddit(variables),
        ),
        broker=_one_of(BrokerName, variables, "ZTRADE_BROKER"),
        market_data=_one_of(Provider, variables, "ZTRADE_MARKET_DATA"),
        anthropic=_anthropic(variables),
    )


def check_paper_url(url: str, where: str) -> str:
    """Return PAPER_URL when `url` is exactly that, one trailing slash allowed; else ConfigError.

    Nothing is parsed, resolved or normalised: hosts, ports, users, schemes, queries, capitals and
    look-alikes all differ from the one text. The message does not repeat the value.
    """
    if url in (PAPER_URL, PAPER_URL + "/"):
        return PAPER_URL
    raise ConfigError(
        f"{where}: not Alpaca's paper host, so nothing is started; "
        f"write exactly {PAPER_URL} or remove it"
    )


def parse_dotenv(text: str) -> dict[str, str]:
    """Parse the text of a `.env`, as Dagster does but strictly and without interpolation."""
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        where = f".env: line {binding.original.line}"
        if binding.error or (binding.key is not None and binding.value is None):
            raise ConfigError(f"{where}: not understood; write NAME=value")
        if binding.key is None or binding.value is None:
            continue  # a comment or a blank line
        if binding.key in values:
            raise ConfigError(f"{where}: {shown_key(binding.key)}: written twice; keep one")
        values[binding.key] = binding.value
    return values


def _alpaca(variables: Variables) -> AlpacaAccess | None:
    url = variables.get("ALPACA_BASE_URL")
    if url is not None:
        check_paper_url(url, variables.where("ALPACA_BASE_URL"))
    api_key, secret_key = variables.get("ALPACA_API_KEY"), variables.get("ALPACA_SECRET_KEY")
    if api_key is None and secret_key is None:
        return None
    if api_key is None or secret_key is None:
        absent, present = "ALPACA_API_KEY", "ALPACA_SECRET_KEY"
        if secret_key is None:
            absent, present = present, absent
        raise ConfigError(f"{variables.where(present)}: set without {absent}; set both or neither")
    for name, value in (("ALPACA_API_KEY", api_key), ("ALPACA_SECRET_KEY", secret_key)):
        if not (value.isascii() and value.isalnum()):
            raise ConfigError(f"{variables.where(name)}: not a key; copy letters and digits only")
    if api_key.startswith(LIVE_KEY_PREFIX):
        raise ConfigError(
            f"{variables.where('ALPACA_API_KEY')}: begins with {LIVE_KEY_PREFIX}, the form of a live"
            f" account's key, so nothing is started; {MAKE_KEYS} (they begin with PK)"
        )
    return AlpacaAccess(api_key=SecretStr(api_key), secret_key=SecretStr(secret_key))


def _anthropic(variables: Variables) -> AnthropicAccess | None:
    """Return the key and where it is sent; the address is refused even where there is no key."""
    url = variables.get("ANTHROPIC_BASE_URL") or CLAUDE_ADDRESS
    if url.rstrip("/") != CLAUDE_ADDRESS and not _HERE.fullmatch(url):
        raise ConfigError(
            f"{variables.where('ANTHROPIC_BASE_URL')}: not the vendor's address, so nothing is started;"
            f" remove it, or write {CLAUDE_ADDRESS} (a server on this machine: http://127.0.0.1:PORT)"
        )
    key = _key(variables, "ANTHROPIC_API_KEY")
    return None if key is None else AnthropicAccess(api_key=key, address=url.rstrip("/"))


def _reddit(variables: Variables) -> RedditAccess | None:
    client_id = _key(variables, "REDDIT_CLIENT_ID")
    client_secret = _key(variables, "REDDIT_CLIENT_SECRET")
    user_agent = variables.get("REDDIT_USER_AGENT")
    given = {
        "REDDIT_CLIENT_ID": client_id,
        "REDDIT_CLIENT_SECRET": client_secret,
        "REDDIT_USER_AGENT": user_agent,
    }
    if client_id is None or client_secret is None or user_agent is None:
        present = [name for name, value in given.items() if value is not None]
        absent = [name for name, value in given.items() if value is None]
        if not present:
            return None
        raise ConfigError(
            f"{variables.where(present[0])}: set without {' and '.join(absent)}; set all three or"
            " none"
        )
    if not (user_agent.isascii() and user_agent.isprintable()) or not (
        SHORTEST_AGENT <= len(user_agent) <= LONGEST_AGENT
    ):
        raise ConfigError(
            f"{variables.where('REDDIT_USER_AGENT')}: not a name for an application; write e.g."
            " linux:ztrade:0.1 (by /u/your_name)"
        )
    return RedditAccess(client_id=client_id, client_secret=client_secret, user_agent=user_agent)


def _key(variables: Variables, name: str) -> SecretStr | None:
    value = variables.get(name)
    if value is None:
        return None
    if value.isascii() and value.isprintable() and " " not in value:
        return SecretStr(value)
    raise ConfigError(f"{variables.where(name)}: not a key; copy it without blanks")


def _folder(variables: Variables, name: str, root: Path, default: str) -> Path:
    return as_path(variables.get(name) or default, root, variables.where(name))


def _one_of(words: Any, variables: Variables, name: str) -> Any:
    """Return a variable that must be one of the words of a Literal; None when absent or empty."""
    value = variables.get(name)
    if value is None or value in get_args(words):
        return value
    raise ConfigError(f"{variables.where(name)}: unknown; write {' or '.join(get_args(words))}")
