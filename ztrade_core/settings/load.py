"""The one way in: everything that is configured, as frozen values.

Nothing is read at import, nothing is created, no connection is opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ztrade_core.domain.configuration import Company
from ztrade_core.settings.company import load_company, warnings_of
from ztrade_core.settings.database import database_place
from ztrade_core.settings.environment import (
    AlpacaAccess,
    Variables,
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
    warnings: tuple[str, ...]

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
    if root is None:
        project = find_project_root(home=real.get("ZTRADE_HOME") or None, start=Path.cwd())
    else:
        project = check_project_root(Path(root), "root")
    if environ is None:
        variables = read_variables(project, real)
    else:
        variables = Variables(real=real, dotenv={})
    environment = parse_environment(project, variables)
    company = load_company(environment.config_dir, project, market_data=environment.market_data)
    return Settings(
        company=company,
        project_root=project,
        config_dir=environment.config_dir,
        data_dir=environment.data_dir,
        database_url=environment.database_url,
        alpaca=environment.alpaca,
        warnings=warnings_of(company),
    )
