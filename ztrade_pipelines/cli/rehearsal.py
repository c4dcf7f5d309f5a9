"""`ztrade rehearsal`: the account that trades on past bars."""

from datetime import datetime

import click

from ztrade_core.assembly.workshop import REHEARSAL, Workshop
from ztrade_core.errors import InputError
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import moment, usd
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.times import INSTANT


@click.command(cls=ZtradeCommand)
@click.option(
    "--at",
    type=INSTANT,
    help="Where it begins: the earliest moment that can be rehearsed. [default: the first bar]",
)
@json_option
def reset(*, at: datetime | None, as_json: bool) -> None:
    """Start a new epoch of the rehearsal account, with fresh cash. What was before stays recorded."""
    workshop = office().workshop
    begins = _beginning(workshop) if at is None else at
    if begins > workshop.clock.now():
        raise InputError(f"--at {moment(begins)} lies in the future; name a past moment")
    epoch = workshop.reset_rehearsal(begins)
    with workshop.simulations.transaction(REHEARSAL) as transaction:
        state = transaction.load()
    if state is None:
        raise InputError("the rehearsal account could not be opened")
    if as_json:
        emit_json(
            {
                "account": REHEARSAL,
                "account_epoch": epoch,
                "opened_at": state.opened_at,
                "cash": state.cash,
            }
        )
    else:
        show(f"rehearsal account: epoch {epoch}, {usd(state.cash)} at {moment(state.opened_at)}")


def _beginning(workshop: Workshop) -> datetime:
    """Return the first stored bar of a series that an agent trades; now when there is none."""
    traded = {(agent.symbol, agent.timeframe) for agent in workshop.settings.company.agents}
    firsts = [
        series.first_open
        for series in workshop.bars.status()
        if (series.symbol, series.timeframe) in traded
    ]
    return min(firsts, default=workshop.clock.now())
