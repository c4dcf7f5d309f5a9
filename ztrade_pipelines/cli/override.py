"""`ztrade halt`, `resume`, `flatten`: a person's hand.

These call core directly and record the act on the page only afterwards, if Dagster can be had: they
work while Dagster, its page or its database are down. When our own database is down too, `halt`
lays the file HALT into the data folder, which stops entries in every running process.
"""

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict

import click
from rich.console import RenderableType
from typing_extensions import Unpack

from ztrade_core.assembly.workshop import PAPER
from ztrade_core.domain.book import Halt
from ztrade_core.errors import BrokerError, InputError, StoreError
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.trading import override
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.override import Overridden
from ztrade_pipelines.cli.accounts import open_account
from ztrade_pipelines.cli.commands import FAILED, ZtradeCommand
from ztrade_pipelines.cli.formats import moment
from ztrade_pipelines.cli.office import Office, note, office
from ztrade_pipelines.cli.output import (
    account_option,
    emit_json,
    json_option,
    nothing,
    rows,
    show,
    table,
)
from ztrade_pipelines.cli.portfolio_view import halt_document

Act = Callable[[TradingDesk, str, str, datetime, str | None], Overridden]


class OverrideOptions(TypedDict):
    """What an override is told."""

    reason: str
    who: str | None
    agent_id: str | None
    account: str
    as_json: bool


def _options(callback: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        json_option,
        account_option,
        click.option("--agent", "agent_id", help="This agent only. [default: the whole company]"),
        click.option("--who", help="Who acts. [default: the user of this system]"),
        click.option("--reason", required=True, help="Why, as it shall be read later."),
    ):
        callback = option(callback)
    return callback


@click.command(cls=ZtradeCommand)
@_options
@click.pass_context
def halt(context: click.Context, /, **options: Unpack[OverrideOptions]) -> None:
    """Stop all entries until a person resumes. Exits and stops go on.

    Exit code 1 when the halt stands but an open entry could not be cancelled.
    """
    if _stopped("halted", _halt, options).failed:
        context.exit(FAILED)


@click.command(cls=ZtradeCommand)
@_options
def resume(**options: Unpack[OverrideOptions]) -> None:
    """Lift halts (of one agent, or all) and store new baselines.

    The file HALT, which halts every account, goes with the paper account's company-wide halts only.
    """
    here = office()
    _act(here, "resumed", _resume, options)
    file = HaltFile(here.settings.halt_file)
    reason = file.standing()
    if reason is None:
        return
    if options["agent_id"] is None and options["account"] == PAPER:
        file.remove()
        note(f"the file {file.path} is removed; it said: {reason}")
    else:
        note(f"the file {file.path} still halts every account; it says: {reason}")


@click.command(cls=ZtradeCommand)
@_options
@click.pass_context
def flatten(context: click.Context, /, **options: Unpack[OverrideOptions]) -> None:
    """Halt, then sell every position (of one agent, or all) at market."""
    if _stopped("flattened", _flatten, options).failed:
        context.exit(FAILED)


def _stopped(did: str, act: Act, options: OverrideOptions) -> Overridden:
    """Halt or flatten without waiting long for the database: when it is stuck, the file HALT halts."""
    here = office()
    here.hurried = True
    try:
        return _act(here, did, act, options)
    except (InputError, BrokerError, KeyboardInterrupt):
        raise  # the halt stands in the database before the broker is asked
    except Exception as error:
        raise _halted_by_file(here, did, options, error) from error


def _halt(desk: TradingDesk, who: str, why: str, at: datetime, agent_id: str | None) -> Overridden:
    return override.halt(desk, who=who, why=why, at=at, agent_id=agent_id)


def _resume(
    desk: TradingDesk, who: str, why: str, at: datetime, agent_id: str | None
) -> Overridden:
    return override.resume(desk, who=who, why=why, at=at, agent_id=agent_id)


def _flatten(
    desk: TradingDesk, who: str, why: str, at: datetime, agent_id: str | None
) -> Overridden:
    return override.flatten(desk, who=who, why=why, at=at, agent_id=agent_id)


def _act(here: Office, did: str, act: Act, options: OverrideOptions) -> Overridden:
    who = options["who"] or _user()
    agent_id = options["agent_id"]
    if agent_id is not None and here.settings.company.agent(agent_id) is None:
        known = ", ".join(agent.agent_id for agent in here.settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    found = open_account(here.workshop, options["account"])
    done = act(found.desk, who, options["reason"], found.at, agent_id)
    if options["as_json"]:
        emit_json(_document(did, who, options, done))
    else:
        show(*_parts(did, who, options, done, broker=here.workshop.broker_name(done.account)))
    _record(here, did, who, options, done)
    return done


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise InputError("this system names no user: say who you are with --who") from error


def _halted_by_file(
    here: Office, did: str, options: OverrideOptions, error: Exception
) -> StoreError:
    """Halt without a database: the file stops entries everywhere, whoever holds the data folder."""
    who = options["who"] or _user()
    file = HaltFile(here.settings.halt_file)
    file.write(f"{options['reason']} (by {who})")
    undone = "open entries may not be cancelled"
    if did != "halted":
        undone += " and positions may not be sold"
    return StoreError(
        f"entries of every agent are halted by the file {file.path}, because it could not be done"
        f" another way ({' '.join(str(error).split())}); {undone}: run this again when that is mended"
    )


def _parts(
    did: str, who: str, options: OverrideOptions, done: Overridden, *, broker: str
) -> list[RenderableType]:
    whom, why = options["agent_id"] or "the company", options["reason"]
    parts: list[RenderableType] = [
        f"[bold]{did}[/]: {whom} on the {done.account} account ({broker}), by {who}: {why}"
    ]
    if did == "resumed":
        count = len(done.halts)
        parts.append(nothing(f"{count} halt{'' if count == 1 else 's'} lifted"))
    elif done.halts:
        made = table("Halts that stand", "=whom", "=kind", "=since", "=by", "why")
        parts.append(rows(made, [_halt_row(each) for each in done.halts]))
    parts += [f"cleared: {text}" for text in done.cleared]
    parts += [f"entry cancelled: {order_id}" for order_id in done.canceled]
    parts += [f"selling: {text}" for text in done.sold]
    parts += [f"[red]failed: {text}[/]" for text in done.failed]
    if did == "flattened" and not (done.sold or done.failed):
        parts.append(nothing("no position was open"))
    return parts


def _halt_row(halt: Halt) -> tuple[str, ...]:
    return (halt.agent_id or "the company", halt.kind, moment(halt.since), halt.who, halt.why)


def _document(did: str, who: str, options: OverrideOptions, done: Overridden) -> dict[str, object]:
    return {
        "did": did,
        "account": done.account,
        "agent_id": options["agent_id"],
        "who": who,
        "reason": options["reason"],
        "halts": [halt_document(each) for each in done.halts],
        "cancelled": done.canceled,
        "sold": done.sold,
        "failed": done.failed,
        "cleared": done.cleared,
    }


def _record(here: Office, did: str, who: str, options: OverrideOptions, done: Overridden) -> None:
    """Show the act on the page, as an observation of the company's portfolio; never fail for it."""
    try:
        from ztrade_pipelines.cli.recording import record_override  # noqa: PLC0415 - Dagster

        record_override(here.settings, _document(did, who, options, done))
    except Exception as error:  # noqa: BLE001 - the act is done; the page is only its mirror
        note(f"not shown on the page: {' '.join(str(error).split())[:200]}")
