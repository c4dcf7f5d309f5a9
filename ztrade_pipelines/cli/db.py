"""`ztrade db`: the database's schema."""

import click

from ztrade_core.settings.load import Settings
from ztrade_core.store import migrations
from ztrade_core.store.migrations import SchemaStatus
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show


@click.command(cls=ZtradeCommand)
@json_option
def upgrade(*, as_json: bool) -> None:
    """Bring the database to the code's schema. A second time it changes nothing."""
    settings = office().settings
    before = migrations.status(settings.database_url)
    after = migrations.upgrade(settings.database_url)
    if as_json:
        emit_json(_document(settings, after) | {"applied": list(before.pending)})
    elif before.pending:
        applied = ", ".join(before.pending)
        show(f"{settings.database_place}: applied {applied}; the schema is {after.current}")
    else:
        show(f"{settings.database_place}: the schema is {after.current} already")


@click.command(cls=ZtradeCommand)
@json_option
def status(*, as_json: bool) -> None:
    """Show which schema the database has and which the code needs."""
    settings = office().settings
    found = migrations.status(settings.database_url)
    if as_json:
        emit_json(_document(settings, found))
        return
    show(
        f"database  {settings.database_place}",
        f"schema    {found.current or 'none yet'}",
        f"code      {found.head}",
        _verdict(found),
    )


def _verdict(found: SchemaStatus) -> str:
    if found.newer_than_code:
        return "[red]newer than this code: update Ztrade[/]"
    if found.is_current:
        return "[green]up to date[/]"
    return f"[yellow]behind by {len(found.pending)}: run `ztrade db upgrade`[/]"


def _document(settings: Settings, found: SchemaStatus) -> dict[str, object]:
    return {
        "database": settings.database_place,
        "current": found.current,
        "head": found.head,
        "pending": list(found.pending),
        "newer_than_code": found.newer_than_code,
        "is_current": found.is_current,
    }
