"""The one way in: everything that is configured, as frozen values.

Nothing is read at import, nothing is created, no connection is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ztrade_core.domain.configuration import ALPACA, Company
from ztrade_core.errors import ConfigError
from ztrade_core.settings.company import (
    has_synthetic_bars,
    has_synthetic_news,
    load_company,
    warnings_of,
)
from ztrade_core.settings.database import database_place
from ztrade_core.settings.environment import (
    MAKE_KEYS,
    AlpacaAccess,
    AnthropicAccess,
    Environment,
    Variables,
    VendorAccess,
    parse_environment,
    process_environment,
    read_variables,
)
from ztrade_core.settings.project import check_project_root, find_project_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration and where things lie. `warnings` are lines to be shown to a person.

    `data_dir` may not exist yet: who writes into it makes it. `database_url` may hold a password
    and stays out of `repr`; show `database_place`.
    """

    company: Company
    project_root: Path
    config_dir: Path
    data_dir: Path
    database_url: str = field(repr=False)
    alpaca: AlpacaAccess | None
    vendors: VendorAccess
    warnings: tuple[str, ...]
    anthropic: AnthropicAccess | None = None

    @property
    def database_place(self) -> str:
        """The database's URL without user, password and query."""
        return database_place(self.database_url)

    @property
    def halt_file(self) -> Path:
        """The file whose presence halts all entries (RULE_008)."""
        return self.data_dir / "HALT"


def load_settings(root: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read config/ and the environment.

    Args:
        root: the project's folder; None looks at ZTRADE_HOME, then from the working directory
            upwards for config/company.yaml, then beside the package.
        environ: the whole environment, `.env` not read (tests, reproducible runs); None is the
            process's own with the project's `.env` beneath it.

    Raises:
        ConfigError: one line that names file (or variable) and key, and says what to do.
    """
    real = process_environment() if environ is None else environ
    project = _project(root, real)
    dotenv = environ is None
    variables = read_variables(project, real) if dotenv else Variables(real=real, dotenv={})
    environment = parse_environment(project, variables)
    company = load_company(
        environment.config_dir,
        project,
        broker_name=environment.broker,
        market_data=environment.market_data,
    )
    if company.broker.broker == ALPACA:
        _require_what_alpaca_needs(environment, company, variables)
    return Settings(
        company=company,
        project_root=project,
        config_dir=environment.config_dir,
        data_dir=environment.data_dir,
        database_url=environment.database_url,
        alpaca=environment.alpaca,
        vendors=environment.vendors,
        warnings=warnings_of(
            company,
            has_alpaca_keys=environment.alpaca is not None,
            has_anthropic_key=environment.anthropic is not None,
        ),
        anthropic=environment.anthropic,
    )


def _project(root: Path | None, real: Mapping[str, str]) -> Path:
    if root is None:
        return find_project_root(home=real.get("ZTRADE_HOME") or None, start=Path.cwd())
    return check_project_root(Path(root), "root")


def _require_what_alpaca_needs(
    environment: Environment, company: Company, variables: Variables
) -> None:
    by_variable = environment.broker is not None
    where = variables.where("ZTRADE_BROKER") if by_variable else "broker.yaml: broker"
    if environment.alpaca is None:
        raise ConfigError(
            f"{where}: alpaca needs ALPACA_API_KEY and ALPACA_SECRET_KEY, and neither is set;"
            f" {MAKE_KEYS} and write both into .env, or write simulated"
        )
    if has_synthetic_bars(company):
        raise ConfigError(
            f"{where}: alpaca with synthetic market data: orders at a broker are not decided on"
            " invented bars; write simulated here, or other providers into market_data.yaml"
        )
    if has_synthetic_news(company):
        raise ConfigError(
            f"{where}: alpaca with synthetic news: orders at a broker are not decided on invented"
            " stories; write simulated here, or other sources into sentiment.yaml"
        )
