"""`ztrade company positions`: what is held, and what guards it."""

import click

from ztrade_pipelines.cli.accounts import UNUSED, find_account
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import account_option, emit_json, json_option, nothing, show
from ztrade_pipelines.cli.portfolio_view import (
    order_document,
    orders_table,
    place_document,
    position_document,
    positions_table,
)


@click.command(cls=ZtradeCommand)
@account_option
@json_option
def positions(*, account: str, as_json: bool) -> None:
    """Show open positions with their stops, and the orders that may still fill."""
    found = find_account(office().workshop, account)
    portfolio = None if found is None else found.portfolio()
    place = None if found is None or portfolio is None else found.place(portfolio)
    if as_json:
        held = () if portfolio is None else portfolio.book.positions
        working = () if portfolio is None else portfolio.working
        emit_json(
            {
                "account": account,
                "broker": None if place is None else place_document(place),
                "positions": [position_document(position) for position in held],
                "open_orders": [order_document(order) for order in working],
            }
        )
    elif portfolio is None or place is None:
        show(nothing(UNUSED))
    else:
        where = f"{account} account, epoch {place.account_epoch}, {place.text}"
        show(where, positions_table(portfolio), orders_table(portfolio.working))
