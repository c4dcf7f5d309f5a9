"""`ztrade reconcile`: our book against the broker's, through Dagster."""

import click

from ztrade_pipelines.cli.accounts import open_account
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import account_option, emit_json, json_option, rows, show, table
from ztrade_pipelines.cli.portfolio_view import (
    account_panel,
    alarm_panel,
    order_document,
    orders_table,
    portfolio_document,
    position_document,
    positions_table,
)


@click.command(cls=ZtradeCommand)
@account_option
@json_option
def reconcile(*, account: str, as_json: bool) -> None:
    """Take over fills and states from the broker, re-arm missing stops, mark the account."""
    here = office()
    open_account(here.workshop, account)
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - Dagster is slow to import

    launched = launch(here.settings, "reconcile", {"account": account}, quiet=not here.debug)
    found = open_account(here.workshop, account)
    portfolio = found.portfolio()
    place = found.place(portfolio)
    checks = [check for check in launched.evaluations if check.asset == "company/portfolio"]
    if as_json:
        emit_json(
            {
                "run_id": launched.run_id,
                "page": launched.page,
                "checks": {check.check: check.passed for check in checks},
                "portfolio": portfolio_document(portfolio, place),
                "positions": [position_document(each) for each in portfolio.book.positions],
                "open_orders": [order_document(each) for each in portfolio.working],
            }
        )
        return
    made = table("Checks", "=check", "=passed", "what it found")
    words = {True: "[green]yes[/]", False: "[red bold]NO[/]"}
    show(
        account_panel(portfolio, here.settings.company.name, place),
        *alarm_panel(portfolio, found.desk.halt_signal.standing()),
        positions_table(portfolio),
        orders_table(portfolio.working),
        rows(made, [(each.check, words[each.passed], each.description) for each in checks]),
        f"run   {launched.run_id}\npage  {launched.page}",
    )
