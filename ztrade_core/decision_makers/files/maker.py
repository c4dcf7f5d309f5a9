"""The decision maker that asks by file: any program, or a person at a terminal, may answer.

Contract: whatever lies in the folders and whoever dies, `ask` returns within its time: a proposal, or a
hold with its reason. It costs nothing. An answer that cannot be used is a hold marked invalid. Nobody
answered wrongly where the question could not be laid down (UNASKED: bad prompt files, unsafe folders, a
full disk), or where nothing came (TIMED_OUT, FAILED): those holds are marked unanswered. Taping the
answer, so that a crash does not ask twice, is the caller's.
"""

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from typing_extensions import override

from ztrade_core.decision_makers.answer_schema import as_proposal, no_answer, not_asked
from ztrade_core.decision_makers.automated.prompt import Prompt
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS
from ztrade_core.decision_makers.files.folders import OpenFolders, Oversight, Room
from ztrade_core.decision_makers.files.requests import (
    FORM,
    Request,
    document_of,
    new_request,
    publish,
    put_away,
    question_of,
    text_of,
)
from ztrade_core.decision_makers.files.responses import Inbox, Taken
from ztrade_core.decision_makers.files.sweeping import Swept, sweep
from ztrade_core.domain.answers import AnswerCost, AnswerOutcome, AnswerRecord
from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import INVALID_ANSWER, Proposal
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import ConfigError, InputError
from ztrade_core.logs import get_logger
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import ModelMaker, PaidAnswer

NAME = "subagent/1"
MODEL = "file"
OUTCOME = ".outcome.json"
MOST_PROBLEM = 1_000
Render = Callable[[MarketSnapshot, AgentConfig], Prompt]
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a question came to, before it is written down."""

    proposal: Proposal
    outcome: AnswerOutcome
    problem: str = ""
    raw: str = ""


class FileMaker(ModelMaker):
    """Asks through the folders of `oversight`; `render` tells the moment in words, for the readable twin.

    `clock` must run: it measures the waiting, also while a past moment is rehearsed.
    """

    def __init__(
        self,
        oversight: Oversight,
        render: Render,
        *,
        clock: Clock,
        sleep: Callable[[float], None],
        config: SubagentConfig | None = None,
    ) -> None:
        self._oversight = oversight
        self._render = render
        self._clock = clock
        self._sleep = sleep
        self._config = config or SubagentConfig()

    @property
    @override
    def name(self) -> str:
        return NAME

    @property
    @override
    def model(self) -> str:
        return MODEL

    @property
    @override
    def training_cutoff(self) -> date | None:
        return None

    @property
    @override
    def longest_seconds(self) -> float:
        return self._config.timeout_seconds

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return LOOKBACK_BARS

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        return 0.0

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self.ask(snapshot, agent).proposal

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        began = self._clock.now()
        try:
            prompt = self._render(snapshot, agent)
        except (InputError, ConfigError) as error:
            return self._written(_unasked(error), "", began=began, digest="")
        deadline = began + timedelta(seconds=self._config.timeout_seconds)
        request = new_request(snapshot, agent, asked_at=began, deadline=deadline)
        document = document_of(request, snapshot, agent, prompt)
        try:
            with self._oversight.opened() as folders:
                found = self._asked(folders, request, document, (snapshot, agent, prompt))
        except (ConfigError, OSError) as error:
            found = _unasked(error)
        question = question_of(document)
        return self._written(found, question, began=began, digest=prompt.digest)

    def tidy(self) -> Swept:
        """Put dead runs' requests and nobody's answers away; ConfigError for unsafe folders."""
        with self._oversight.opened() as folders:
            return self._sweep(folders)

    def _sweep(self, folders: OpenFolders) -> Swept:
        return sweep(folders, self._clock.now(), keep_days=self._config.keep_days)

    def _asked(
        self,
        folders: OpenFolders,
        request: Request,
        document: dict[str, Any],
        seen: tuple[MarketSnapshot, AgentConfig, Prompt],
    ) -> _Outcome:
        """Ask; OSError where the question could not be laid down."""
        snapshot, agent, prompt = seen
        self._sweep(folders)
        held = publish(folders, request, document, text_of(request, prompt))
        try:
            found = self._heard(folders, request, snapshot, agent)
            self._note(folders, request, found)
        except BaseException:
            _let_go(folders, request, Room.EXPIRED)
            raise
        finally:
            os.close(held)
        return found

    def _heard(
        self, folders: OpenFolders, request: Request, snapshot: MarketSnapshot, agent: AgentConfig
    ) -> _Outcome:
        inbox = Inbox(folders, request, owners=self._oversight.owners, now=self._clock.now)
        try:
            taken = self._waited(folders, inbox, request.deadline)
            if isinstance(taken, Taken):
                return _answered(taken, as_proposal(taken.answer, snapshot, agent, maker=NAME))
            inbox.give_up()
        except OSError as error:
            return _silent(AnswerOutcome.FAILED, f"the folders failed while it waited: {error}")
        if taken:
            return _silent(AnswerOutcome.FAILED, f"not waited for any longer: {taken}")
        return _silent(AnswerOutcome.TIMED_OUT, self._silence(inbox))

    def _waited(self, folders: OpenFolders, inbox: Inbox, deadline: datetime) -> Taken | str:
        """Return the answer, or what became of the folders; empty: nothing came in time."""
        looks = math.ceil(self._config.timeout_seconds / self._config.poll_seconds) + 1
        for looks_left in range(looks, -1, -1):  # at most, though the clock be turned back
            trouble = self._oversight.trouble(folders)
            if trouble:
                return trouble
            taken = inbox.look()
            left = (deadline - self._clock.now()).total_seconds()
            if taken is not None:
                return taken
            if left <= 0.0 or not looks_left:
                break
            self._sleep(min(self._config.poll_seconds, left))
        return ""

    def _silence(self, inbox: Inbox) -> str:
        told = [f"nothing came within {self._config.timeout_seconds:g} s"]
        told += [f"a file was refused: {reason}" for reason in inbox.refused]
        return "; ".join(told)

    def _note(self, folders: OpenFolders, request: Request, found: _Outcome) -> None:
        """Put the request away with what it came to. An answer stands though that fails."""
        room = Room.ANSWERED if found.raw else Room.EXPIRED
        told = {
            "request_id": request.request_id,
            "outcome": found.outcome.value,
            "problem": found.problem,
            "action": found.proposal.action.value,
            "ended_at": iso_z(self._clock.now()),
            "answer_sha256": sha256_hex(found.raw) if found.raw else None,
        }
        _let_go(folders, request, room)
        try:
            folders.write(room, request.request_id + OUTCOME, json.dumps(told, indent=1))
        except OSError as error:
            log.warning("outcome_not_noted", request=request.request_id, problem=str(error))

    def _written(
        self, found: _Outcome, question: str, *, began: datetime, digest: str
    ) -> PaidAnswer:
        seconds = max(0.0, (self._clock.now() - began).total_seconds())
        settings = {"form": FORM, "timeout_seconds": self._config.timeout_seconds}
        record = AnswerRecord(
            maker=NAME,
            model=MODEL,
            prompt_digest=digest,
            settings=canonical_json(settings),
            question=question,
            raw=found.raw.replace("\x00", "\ufffd"),
            outcome=found.outcome,
            problem=found.problem,
            cost=AnswerCost(seconds=seconds),
            asked_at=began,
        )
        return PaidAnswer(proposal=found.proposal, cost_usd=0.0, record=record)


def _let_go(folders: OpenFolders, request: Request, room: Room) -> None:
    try:
        put_away(folders, request.request_id, room)
    except OSError as error:
        log.warning("request_not_put_away", request=request.request_id, problem=str(error))


def _answered(taken: Taken, proposal: Proposal) -> _Outcome:
    if not proposal.is_invalid:
        return _Outcome(proposal=proposal, outcome=AnswerOutcome.ANSWERED, raw=taken.raw)
    problem = str(dict(proposal.factors)[INVALID_ANSWER])
    return _Outcome(
        proposal=proposal, outcome=AnswerOutcome.MALFORMED, problem=problem, raw=taken.raw
    )


def _unasked(error: Exception) -> _Outcome:
    told = visible_line(f"not asked by file: {error}", MOST_PROBLEM)
    proposal = not_asked(told, NAME)
    return _Outcome(proposal=proposal, outcome=AnswerOutcome.UNASKED, problem=told)


def _silent(outcome: AnswerOutcome, problem: str) -> _Outcome:
    told = visible_line(problem, MOST_PROBLEM)
    return _Outcome(proposal=no_answer(told, NAME), outcome=outcome, problem=told)
