"""What a command works with: settings, adapters, database; each opened when first asked for.

The embedded SQLite database is brought to the code's schema by itself, which is said in one line on
standard error. Any other database is a person's to upgrade.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import click

from ztrade_pipelines.cli.commands import is_debug

if TYPE_CHECKING:
    import dagster as dg

    from ztrade_core.assembly.workshop import Workshop
    from ztrade_core.settings.load import Settings
    from ztrade_core.store.migrations import SchemaStatus


Opener = Callable[["Settings"], "Workshop"]
"""How a workshop is opened; a caller of `ztrade.main(obj=opener)` may have its own way."""


class Office:
    """The settings and adapters of one invocation.

    `hurried`: set before the workshop is asked for, it waits 2 s for the database instead of 30.
    """

    def __init__(self, *, debug: bool, opener: Opener | None = None) -> None:
        self.debug = debug
        self.hurried = False
        self._opener = opener

    @cached_property
    def settings(self) -> Settings:
        """The configuration; its warnings go to standard error."""
        from ztrade_core.settings.load import load_settings  # noqa: PLC0415 - pydantic is heavy

        settings = load_settings()
        for warning in settings.warnings:
            note(warning)
        return settings

    @cached_property
    def workshop(self) -> Workshop:
        """The adapters, over a database that has the code's schema."""
        from ztrade_core.assembly.workshop import open_workshop  # noqa: PLC0415 - heavy
        from ztrade_core.logs import configure_logging  # noqa: PLC0415 - heavy
        from ztrade_core.store.engine import HURRIED_SECONDS, PATIENCE_SECONDS  # noqa: PLC0415 - heavy

        configure_logging(level="INFO" if self.debug else "ERROR")
        patience = HURRIED_SECONDS if self.hurried else PATIENCE_SECONDS
        ensure_schema(self.settings, patience_seconds=patience)
        if self._opener is not None:
            return self._opener(self.settings)
        return open_workshop(self.settings, patience_seconds=patience)

    @cached_property
    def definitions(self) -> dg.Definitions:
        """Ztrade's Dagster definitions; over this very workshop when it was opened in another way."""
        from ztrade_pipelines import definitions, resources  # noqa: PLC0415 - Dagster

        if self._opener is None:
            return definitions.defs
        resource = resources.resource_of(
            resources.Ztrade(lambda: self.workshop), place=self.settings.database_place
        )
        return definitions.build_definitions(self.settings, resource)

    def close(self) -> None:
        """Close the database's connections, if any were opened."""
        if "workshop" in self.__dict__:
            self.workshop.engine.dispose()


def ensure_schema(settings: Settings, *, patience_seconds: float = 30.0) -> SchemaStatus:
    """Upgrade the embedded database when it is behind; refuse any other one that is.

    Raises ConfigError for a database that a person has to upgrade, StoreError for one that is newer
    than the code.
    """
    from ztrade_core.errors import ConfigError, StoreError  # noqa: PLC0415 - with its user
    from ztrade_core.store import migrations  # noqa: PLC0415 - SQLAlchemy is heavy

    found = migrations.status(settings.database_url, patience_seconds=patience_seconds)
    if found.is_current:
        return found
    place = settings.database_place
    if found.newer_than_code:
        raise StoreError(
            f"{place}: its schema {found.current} is newer than this code, which knows up to"
            f" {found.head}; update Ztrade, or point DATABASE_URL to another database"
        )
    if not is_embedded(settings):
        raise ConfigError(
            f"{place}: its schema is {found.current or 'empty'}, the code needs {found.head};"
            " run `ztrade db upgrade`"
        )
    done = migrations.upgrade(settings.database_url)
    note(f"database {place} brought to schema {done.head}")
    return done


def is_embedded(settings: Settings) -> bool:
    """Return whether the database is the SQLite file that needs no configuration."""
    return settings.database_url == f"sqlite:///{settings.data_dir / 'ztrade.db'}"


def note(text: str) -> None:
    """Say something on the side: one dim line on standard error."""
    click.echo(click.style(f"note: {text}", dim=True), err=True)


def office() -> Office:
    """Return this invocation's office."""
    context = click.get_current_context()
    root = context.find_root()
    if not isinstance(root.obj, Office):
        opener = root.obj if callable(root.obj) else None
        root.obj = Office(debug=is_debug(context), opener=opener)
        root.call_on_close(root.obj.close)
    return root.obj
