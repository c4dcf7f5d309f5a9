"""`ztrade broker check` and `long-only`: is the broker of the paper account fit to trade at? Neither sends an order."""

import click

from ztrade_core.assembly.places import BrokerPlace, place_of
from ztrade_core.assembly.workshop import PAPER
from ztrade_core.errors import InputError
from ztrade_core.ports.broker_facts import LongOnlySwitch
from ztrade_core.trading.broker_check import BrokerCheck, Finding, check_broker
from ztrade_pipelines.cli.commands import FAILED, ZtradeCommand, say_error
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table
from ztrade_pipelines.cli.portfolio_view import place_document


@click.command(cls=ZtradeCommand)
@json_option
@click.pass_context
def check(context: click.Context, /, *, as_json: bool) -> None:
    """Look at account, clock, session, assets and quotes. Exit code 1 when something is not fine."""
    workshop = office().workshop
    desk = workshop.live_desk()
    found = check_broker(desk)
    place = None if found.account_epoch is None else place_of(desk, found.account_epoch)
    name = workshop.broker_name(PAPER)
    if as_json:
        emit_json(_document(name, place, found))
    else:
        made = table(f"Broker of the paper account: {name}", "=what", "~found", "problem")
        where = [] if place is None else [f"{place.text}, epoch {place.account_epoch}"]
        show(*where, rows(made, [_row(each) for each in found.findings]))
    if found.problems:
        say_error("; ".join(found.problems))
        context.exit(FAILED)


@click.command(cls=ZtradeCommand)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
def long_only(*, yes: bool, as_json: bool) -> None:
    """Forbid the paper account to sell short. Sends no order; open orders and positions stay."""
    desk = office().workshop.live_desk()
    switch: object = desk.facts
    if not isinstance(switch, LongOnlySwitch):
        raise InputError("the broker is simulated and never sells short: there is nothing to set")
    place = place_of(desk, desk.broker.epoch()).text
    if not yes:
        click.confirm(
            f"{place}: set `no_shorting`, so that Alpaca refuses every sell of what is not held."
            " It holds for whoever uses the account, until it is changed at Alpaca. Set it?",
            abort=True,
            err=True,
        )
    switch.make_long_only()
    if as_json:
        emit_json({"place": place, "long_only": True})
    else:
        show(f"{place} is long-only: Alpaca refuses every sell of what is not held")


def _row(finding: Finding) -> tuple[str, str, str]:
    return finding.what, finding.value, f"[red]{finding.problem}[/]" if finding.problem else ""


def _document(name: str, place: BrokerPlace | None, found: BrokerCheck) -> dict[str, object]:
    return {
        "broker": name,
        "account_epoch": found.account_epoch,
        "place": None if place is None else place_document(place),
        "fine": not found.problems,
        "findings": [
            {"what": each.what, "value": each.value, "problem": each.problem or None}
            for each in found.findings
        ],
    }
