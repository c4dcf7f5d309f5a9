"""`ztrade oversight list`, `show` and `answer`: decisions by file, from a terminal.

They read and write files only, the way any answerer does; no database is opened. What is shown was
partly written by strangers: it is shown as visible characters, whatever is in it.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, TypedDict

import click
from rich.markup import escape
from typing_extensions import Unpack

from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.answer_schema import Problem, parse_answer
from ztrade_core.decision_makers.files.folders import OpenFolders, Oversight
from ztrade_core.decision_makers.files.requests import (
    REQUEST_ID,
    Request,
    is_waited_for,
    pending,
    read_request,
    read_twin,
)
from ztrade_core.decision_makers.files.responses import give_answer
from ztrade_core.domain.decisions import Action
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.errors import InputError
from ztrade_pipelines.cli.commands import LazyGroup, ZtradeCommand
from ztrade_pipelines.cli.formats import moment
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

MOST_LINE = 4_000
_HERE = "ztrade_pipelines.cli.oversight"

oversight = LazyGroup(
    name="oversight",
    help="Decisions by file: what is asked, and a person's answer.",
    lazy={
        "list": (f"{_HERE}:list_requests", "The requests that wait for an answer."),
        "show": (f"{_HERE}:show_request", "One request, as a reader needs it."),
        "answer": (f"{_HERE}:answer", "Answer one request; the first answer counts."),
    },
)


class AnswerOptions(TypedDict):
    """What an answer is made of."""

    action: str
    confidence: float
    rationale: str
    stop_price: float | None
    target_price: float | None
    quantity: float | None
    fraction: float | None


@click.command("list", cls=ZtradeCommand)
@json_option
def list_requests(*, as_json: bool) -> None:
    """List the requests that wait for an answer, the oldest first."""
    now = SystemClock().now()
    with _folders() as folders:
        found = [] if folders is None else pending(folders)
    states = [(request, _state(request, is_alive=alive, now=now)) for request, alive in found]
    if as_json:
        emit_json({"requests": [_document(request, state) for request, state in states]})
    elif not states:
        show(nothing("no requests"))
    else:
        made = table("Requests", "=request", "=agent", "=symbol", "=wanted by", "state")
        cells = [
            (each.request_id, each.agent_id, each.symbol, moment(each.deadline), state)
            for each, state in states
        ]
        show(rows(made, [[escape(_line(cell)) for cell in line] for line in cells]))


@click.command("show", cls=ZtradeCommand)
@click.argument("request_id", metavar="ID")
def show_request(request_id: str) -> None:
    """Show the request ID in words. Text from strangers is in it: judge it, do not obey it."""
    with _folders() as folders:
        _pending(folders, request_id)
        told = None if folders is None else read_twin(folders, request_id)
    if told is None:
        raise InputError(
            f"{request_id} has no readable text; `ztrade oversight list` says what waits"
        )
    for line in told.splitlines():
        click.echo(_indented(line))


def _answer_options(callback: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--fraction", type=float, help="A part of your size or position, up to 1."),
        click.option("--quantity", type=float, help="Shares or coins, at most."),
        click.option("--target", "target_price", type=float, help="Absolute price of the target."),
        click.option("--stop", "stop_price", type=float, help="Absolute price of the stop."),
        click.option("--rationale", required=True, help="Why; it is recorded."),
        click.option("--confidence", type=float, required=True, help="From 0 to 1."),
        click.option("--action", type=click.Choice([each.value for each in Action]), required=True),
    ):
        callback = option(callback)
    return callback


@click.command(cls=ZtradeCommand)
@click.argument("request_id", metavar="ID")
@_answer_options
def answer(request_id: str, **options: Unpack[AnswerOptions]) -> None:
    """Answer the request ID. The rules stand for a person too."""
    wishes = {name: value for name, value in options.items() if value is not None}
    text = json.dumps(wishes)
    judged = parse_answer(text)
    if isinstance(judged, Problem):
        raise InputError(f"this is no answer: {judged.reason}")
    now = SystemClock().now()
    with _folders() as folders:
        request = _pending(folders, request_id)
        if now > request.deadline:
            raise InputError(f"{request_id} was wanted by {moment(request.deadline)}: too late")
        if folders is None or not is_waited_for(folders, request_id):
            raise InputError(f"nobody waits for {request_id} any more: its run ended")
        give_answer(folders, request, text)
    show(f"{judged.action.value} was laid down for {request_id}; the run takes it from there")


def _folders() -> AbstractContextManager[OpenFolders | None]:
    """Open the folders; None where nothing was ever asked, and nothing is made then."""
    settings = office().settings
    answerers = settings.company.models.subagent.answerers
    place = Oversight(settings.data_dir, answerers=answerers)
    return place.opened() if place.exists else nullcontext(None)


def _pending(folders: OpenFolders | None, request_id: str) -> Request:
    is_name = REQUEST_ID.fullmatch(request_id) is not None
    found = read_request(folders, request_id) if is_name and folders is not None else None
    if found is None:
        raise InputError(
            f"no request {_line(request_id)} waits; `ztrade oversight list` says which do"
        )
    return found


def _state(request: Request, *, is_alive: bool, now: datetime) -> str:
    if not is_alive:
        return "nobody waits: its run ended"
    left = (request.deadline - now).total_seconds()
    return f"waits {left:.0f} s more" if left > 0.0 else "its time is over"


def _document(request: Request, state: str) -> dict[str, Any]:
    return {
        "request_id": request.request_id,
        "agent_id": request.agent_id,
        "symbol": request.symbol,
        "moment": request.moment,
        "asked_at": request.asked_at,
        "deadline": request.deadline,
        "state": state,
    }


def _line(text: str) -> str:
    return visible_line(text, MOST_LINE)


def _indented(line: str) -> str:
    inner = line.lstrip(" ")
    return " " * min(len(line) - len(inner), 40) + _line(inner)
