"""`ztrade replay`: stored decisions decided and validated again, offline; exit code 3 unless all are equal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click
from rich.text import Text

from ztrade_core.assembly.workshop import ACCOUNTS
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.trading.replay import (
    RangeReplay,
    Replay,
    Replayed,
    ReplayRange,
    ReplayRoom,
    replay_decision,
    replay_range,
)
from ztrade_pipelines.cli.commands import LEDGER_BROKEN, ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table

MOST_SHOWN = 200
MOST_TEXT = 160
STYLES = {
    Replayed.EQUAL: "green",
    Replayed.DIFFERENT: "red bold",
    Replayed.OTHER_CONFIGURATION: "yellow",
    Replayed.IMPOSSIBLE: "red bold",
}
WORDS = {
    Replayed.EQUAL: "byte-equal",
    Replayed.DIFFERENT: "different",
    Replayed.OTHER_CONFIGURATION: "decided under another configuration",
    Replayed.IMPOSSIBLE: "could not be replayed",
}


@click.command(cls=ZtradeCommand)
@click.argument("decision_id", required=False)
@click.option("--day", metavar="DATE", help="Every decision of this UTC day, like 2022-12-28.")
@click.option("--agent", "agent_id", help="Of the day: only this agent's.")
@click.option("--account", type=click.Choice(ACCOUNTS), help="Of the day: only this account's.")
@json_option
@click.pass_context
def replay(
    context: click.Context,
    /,
    *,
    decision_id: str | None,
    day: str | None,
    agent_id: str | None,
    account: str | None,
    as_json: bool,
) -> None:
    """Decide and validate DECISION_ID, or a day's decisions, again: offline, for nothing.

    Exit code 3 unless every row comes out equal to the byte.
    """
    wanted = _wanted(decision_id, day, agent_id, account)
    workshop = office().workshop
    room = ReplayRoom(
        store=workshop.store,
        company=workshop.settings.company,
        makers={Mode.STRATEGY: workshop.makers[Mode.STRATEGY]},
    )
    if wanted is None:
        done = _alone(replay_decision(room, str(decision_id)))
    else:
        done = replay_range(room, wanted)
    if as_json:
        emit_json(_document(done))
    else:
        _show(done, f"{decision_id}" if wanted is None else f"{day}")
    if not done.all_equal:
        context.exit(LEDGER_BROKEN)


def _wanted(
    decision_id: str | None, day: str | None, agent_id: str | None, account: str | None
) -> ReplayRange | None:
    if (decision_id is None) == (day is None):
        raise InputError("name a decision or a day: `ztrade replay DECISION_ID`, or --day DATE")
    if day is None:
        if agent_id or account:
            raise InputError("--agent and --account narrow a day; give --day DATE with them")
        return None
    known = [agent.agent_id for agent in office().settings.company.agents]
    if agent_id is not None and agent_id not in known:
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {', '.join(known)}")
    start = _day(day)
    return ReplayRange(
        start=start, stop=start + timedelta(days=1), agent_id=agent_id, account=account
    )


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(f"--day {text!r} is no day; write one like 2022-12-28") from error


def _alone(replayed: Replay) -> RangeReplay:
    equal = replayed.outcome is Replayed.EQUAL
    return RangeReplay(counts={replayed.outcome: 1}, unequal=() if equal else (replayed,))


def _document(done: RangeReplay) -> dict[str, object]:
    return {
        "decisions": done.decisions,
        "all_equal": done.all_equal,
        **{outcome.value: done.counts.get(outcome, 0) for outcome in Replayed},
        "unequal": [
            {
                "sequence": one.row.sequence,
                "decision_id": one.row.decision.decision_id,
                "account": one.row.decision.key.account,
                "agent_id": one.row.decision.key.agent_id,
                "slot": one.row.decision.key.slot,
                "outcome": one.outcome,
                "ran_strategy": one.ran_strategy,
                "note": one.note,
                "differences": list(one.differences),
            }
            for one in done.unequal
        ],
    }


def _show(done: RangeReplay, what: str) -> None:
    if not done.decisions:
        show(Text(f"{what}: nothing was decided, nothing is replayed", style="dim"))
        return
    line = Text(f"{what}: {counted(done.decisions, 'decision')} replayed: ")
    for place, outcome in enumerate(each for each in Replayed if done.counts.get(each)):
        line.append(", " if place else "")
        line.append(f"{done.counts[outcome]} {WORDS[outcome]}", style=STYLES[outcome])
    show(line)
    alike = _alike(done.unequal)
    for note, rows_of in alike.items():
        show(Text(f"{_rows_told(rows_of)}: {visible_line(note, 600)}", style="yellow"))
    shown = [one for one in done.unequal if one.differences or one.note not in alike]
    for one in shown[:MOST_SHOWN]:
        _show_one(one)
    if len(shown) > MOST_SHOWN:
        show(f"and {len(shown) - MOST_SHOWN} more; --json names them all")


def _alike(unequal: Sequence[Replay]) -> dict[str, list[int]]:
    """Return the rows of other configurations that come out the same, by what there is to say of them."""
    found: dict[str, list[int]] = {}
    for one in unequal:
        if one.outcome is Replayed.OTHER_CONFIGURATION and one.note and not one.differences:
            found.setdefault(one.note, []).append(one.row.sequence)
    return found


def _rows_told(numbers: Sequence[int]) -> str:
    first, last = min(numbers), max(numbers)
    if len(numbers) == 1:
        return f"row {first}"
    left_out = last - first + 1 != len(numbers)
    return f"{len(numbers)} of rows {first} to {last}" if left_out else f"rows {first} to {last}"


def _show_one(one: Replay) -> None:
    decision = one.row.decision
    title = f"row {one.row.sequence}, {decision.decision_id}, {decision.key.agent_id}, "
    show(Text(f"{title}{decision.key.slot}: {WORDS[one.outcome]}", style=STYLES[one.outcome]))
    if one.note:
        show(Text(visible_line(one.note, 600)))
    if one.differences:
        made = table("", "field", "stored", "replayed")
        show(
            rows(
                made,
                [
                    (Text(found.field), _cell(found.stored), _cell(found.replayed))
                    for found in one.differences
                ],
            )
        )


def _cell(text: str) -> Text:
    return Text(visible_line(text, MOST_TEXT))
