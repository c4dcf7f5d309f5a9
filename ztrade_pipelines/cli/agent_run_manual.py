"""`ztrade agent run --manual`: the request is shown, an answer taken, and its consequence confirmed.

Nothing is claimed here: the answer goes into a run's configuration with the slot it was written for, and
the run reads it again against its own moment.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from ztrade_core.assembly.by_hand import desktop_of, hand_writer
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.decision_makers.answer_schema import MOST_CHARACTERS
from ztrade_core.decision_makers.by_hand import (
    Written,
    read_answer,
    request_text,
    shown_document,
    text_of,
)
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import Action
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.looking import Look, look, would_come_to
from ztrade_pipelines.cli.agent_run_manual_view import come_to, request_lines, screen
from ztrade_pipelines.cli.agent_run_paste import forget_typed, pasted
from ztrade_pipelines.cli.commands import StoppedError
from ztrade_pipelines.cli.office import note
from ztrade_pipelines.cli.output import emit_json

Options = Mapping[str, Any]
RunConfig = dict[str, Any]
NOTHING_CLAIMED = "nothing is claimed"
FIELDS = ("action", "confidence", "rationale", "stop", "target", "quantity")
MOST_BYTES = 4 * 1024 * 1024
PASTE = "Paste your answer: one JSON object. An empty line ends it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One person at one request: the desk and the look they decide by, and where they are told."""

    workshop: Workshop
    agent: AgentConfig
    desk: TradingDesk
    seen: Look
    screen: Console


def by_hand(workshop: Workshop, agent: AgentConfig, options: Options) -> RunConfig | None:
    """Return what the run's configuration says of a person's answer; None when they were only shown.

    Raises InputError for an answer that cannot be used, StoppedError where it was not confirmed.
    """
    _refuse_unfit(options)
    try:
        text = None if options["show"] else _given(options)
        if text is not None and _by_fields(options) and not _must_confirm(options):
            return _unseen(text, options)
        seen, desk = _looked(workshop, agent, options)
        talk = Talk(
            workshop=workshop,
            agent=agent,
            desk=desk,
            seen=seen,
            screen=screen(on_error=options["as_json"]),
        )
        if options["show"]:
            _show(talk, as_json=options["as_json"])
            return None
        return _answered(talk, text, options)
    except (KeyboardInterrupt, click.Abort) as stop:
        raise StoppedError(NOTHING_CLAIMED) from stop


def _unseen(text: str, options: Options) -> RunConfig:
    """Return an answer that a program spelt out: no moment was shown for it, so it is for the run's own."""
    return {"mode": Mode.MANUAL.value, "manual_answer": text, "manual_slot": options["slot"]}


def _answered(talk: Talk, text: str | None, options: Options) -> RunConfig:
    _refuse_another_slot(talk, options["slot"])
    if not talk.seen.waits:
        note(f"{talk.seen.unasked}; no answer is taken, the run goes on from there")
        return {"mode": Mode.MANUAL.value}
    if talk.seen.note:
        note(talk.seen.note)
    began = talk.workshop.clock.now()
    if text is None:
        text = _pasted(talk)
    observed = talk.seen.observed
    proposal = read_answer(text, observed.snapshot, talk.agent)
    if _must_confirm(options):
        meant, judged = would_come_to(talk.desk, observed, proposal)
        talk.screen.print(*come_to(talk.agent, observed, meant, judged))
        _confirm()
    took = (talk.workshop.clock.now() - began).total_seconds()
    return {
        "mode": Mode.MANUAL.value,
        "manual_answer": text,
        "manual_slot": observed.key.slot,
        "manual_shown": observed.snapshot_hash,
        "manual_seconds": max(0.0, took),
    }


def _looked(workshop: Workshop, agent: AgentConfig, options: Options) -> tuple[Look, TradingDesk]:
    desk = workshop.desk_for(options["as_of"])
    request = CycleRequest(
        agent_id=agent.agent_id,
        as_of=options["as_of"] or desk.clock.now(),
        holder="look",
        dry_run=options["dry_run"],
        mode=Mode.MANUAL,
        writer=hand_writer(workshop),
    )
    return look(desk, request), desk


def _refuse_unfit(options: Options) -> None:
    """Refuse options that contradict each other, before anything is looked at."""
    ways = [f"--{name}" for name in FIELDS if options[name] is not None]
    if options["answer"] is not None and ways:
        raise InputError(f"--answer and {', '.join(ways)}: write one of the two")
    if options["show"] and (ways or options["answer"] is not None or options["yes"]):
        raise InputError("--show only shows the request: leave the answer and --yes out")


def _refuse_another_slot(talk: Talk, slot: str | None) -> None:
    current = talk.seen.observed.key.slot
    if slot not in (None, current):
        raise InputError(
            f"--slot {slot}: the request is for slot {current} by now; look at it (--show), and answer anew"
        )


def _given(options: Options) -> str | None:
    """Return the answer that the command line, a file or a pipe gives; None: it is to be pasted."""
    if _by_fields(options):
        return _formed(_of_fields(options))
    if options["answer"] is None and sys.stdin.isatty():
        return None
    if options["answer"] is not None:
        _require_terminal(options)
        return _formed(_read(options["answer"]))
    text = _decoded(sys.stdin.buffer.read(MOST_BYTES))
    if not text.strip():
        raise InputError(
            "--manual needs an answer, and there is no terminal to ask at: pipe one JSON object in, or"
            " give --answer FILE, or --action; --show shows what is asked"
        )
    _require_terminal(options)
    return _formed(text)


def _must_confirm(options: Options) -> bool:
    """Return whether a person is asked once more. Fields spelt out for a program are meant."""
    if options["yes"] or options["dry_run"]:
        return False
    return sys.stdin.isatty() or not _by_fields(options)


def _by_fields(options: Options) -> bool:
    return any(options[name] is not None for name in FIELDS)


def _require_terminal(options: Options) -> None:
    if _must_confirm(options) and not sys.stdin.isatty():
        raise InputError(
            "there is no terminal to confirm at: add --yes, and --slot with the slot it was written for"
        )


def _formed(text: str) -> str:
    """Return a text that has an answer's form; InputError before anything is looked at."""
    return Written(text=text).text


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _decoded(file.read(MOST_BYTES))
    except OSError as error:
        raise InputError(f"--answer {path}: {error.strerror or error}") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InputError("this answer cannot be used: it is no text in UTF-8") from error


def _of_fields(options: Options) -> str:
    action = options["action"] or _ask("action (buy, sell, hold)", "--action")
    confidence, rationale = options["confidence"], options["rationale"]
    if action != Action.HOLD:
        if confidence is None:
            confidence = _number(_ask("confidence, from 0 to 1", "--confidence"))
        rationale = rationale or _ask("rationale", "--rationale")
    return text_of(
        action,
        confidence=confidence,
        rationale=rationale,
        stop_price=options["stop"],
        target_price=options["target"],
        quantity=options["quantity"],
    )


def _ask(what: str, option: str) -> str:
    if not sys.stdin.isatty():
        raise InputError(f"--manual needs {option}, and there is no terminal to ask at")
    return str(click.prompt(what, err=True))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f"{text!r} is not a number") from error


def _request_text(talk: Talk) -> str:
    snapshot = talk.seen.observed.snapshot
    return request_text(
        snapshot, talk.agent, desktop_of(talk.workshop).render(snapshot, talk.agent)
    )


def _show(talk: Talk, *, as_json: bool) -> None:
    snapshot = talk.seen.observed.snapshot
    if as_json:
        prompt = desktop_of(talk.workshop).render(snapshot, talk.agent)
        emit_json({**shown_document(snapshot, talk.agent, prompt), "unasked": talk.seen.unasked})
        return
    talk.screen.print(request_lines(_request_text(talk)), soft_wrap=True)
    for told in (talk.seen.unasked, talk.seen.note):
        if told:
            note(told)


def _pasted(talk: Talk) -> str:
    """Show the request, and ask until an answer can be used; InputError at the input's end."""
    talk.screen.print(request_lines(_request_text(talk)), soft_wrap=True)
    descriptor = sys.stdin.fileno()
    while True:
        talk.screen.print(Text(PASTE, style="bold"))
        text = pasted(descriptor, MOST_CHARACTERS)
        if text is None:
            raise InputError(f"no answer was given; {NOTHING_CLAIMED}")
        try:
            read_answer(text, talk.seen.observed.snapshot, talk.agent)
        except InputError as error:
            talk.screen.print(Text(str(error), style="red"), soft_wrap=True)
        else:
            return text


def _confirm() -> None:
    forget_typed(sys.stdin.fileno())
    if not click.confirm("Decide so?", default=False, err=True):
        raise StoppedError(NOTHING_CLAIMED)
