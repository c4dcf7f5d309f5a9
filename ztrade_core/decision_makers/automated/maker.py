"""The decision maker that asks Claude: one frozen moment, one question, one proposal with its record.

Contract: whatever happens on the way, `ask` returns a proposal; all but a usable answer is a hold, marked
invalid where a model answered, and unanswered where nothing came: an outage is no wrong answer. Tokens the vendor told are counted, used or not; where an answer was lost after the
question may have arrived, the most it can have cost is assumed, and the record says so. The key is in no
prompt, proposal or record.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from typing_extensions import override

from ztrade_core.decision_makers.answer_schema import (
    as_proposal,
    invalid_answer,
    json_schema,
    no_answer,
    not_asked,
)
from ztrade_core.decision_makers.automated.client import ClaudeClient, Silence
from ztrade_core.decision_makers.automated.pricing import (
    cost_of,
    lasting,
    most_usd_of,
    price_of,
)
from ztrade_core.decision_makers.automated.prompt import (
    MOST_MOMENT_BYTES,
    Prompt,
    render,
    render_system,
    require_fields,
)
from ztrade_core.decision_makers.automated.prompt_files import PromptFiles
from ztrade_core.decision_makers.automated.reply import read_reply
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS
from ztrade_core.decision_makers.automated.told_stories import RecentDecision
from ztrade_core.domain.answers import AnswerCost, AnswerOutcome, AnswerRecord
from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.configuration import AgentConfig, RiskLimits
from ztrade_core.domain.decisions import INVALID_ANSWER, Proposal
from ztrade_core.domain.model_config import ModelPrice
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import ModelMaker, PaidAnswer

VERSION = 1
MOST_RAW_BYTES = 64 * 1024
ASSUMED = "what it cost is not known: the most was assumed"
Recent = Callable[[MarketSnapshot], tuple[RecentDecision, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a question came to, before it is written down."""

    proposal: Proposal
    outcome: AnswerOutcome
    problem: str
    raw: str
    cost: AnswerCost


def nothing_recent(_: MarketSnapshot) -> tuple[RecentDecision, ...]:
    """Return no earlier decisions."""
    return ()


class AutomatedMaker(ModelMaker):
    """Asks a model; `recent` tells what the agent decided before a moment."""

    def __init__(
        self,
        client: ClaudeClient,
        files: PromptFiles,
        *,
        prices: Iterable[ModelPrice],
        risk: RiskLimits,
        clock: Clock,
        recent: Recent = nothing_recent,
    ) -> None:
        """Raises ConfigError for a model without a price and for prompt files that do not fit."""
        require_fields(files)
        self._client = client
        self._files = files
        self._price = price_of(client.config.model, prices)
        self._risk = risk
        self._clock = clock
        self._recent = recent

    @property
    @override
    def name(self) -> str:
        return f"automated:{self.model}/{VERSION}"

    @property
    @override
    def model(self) -> str:
        return self._client.config.model

    @property
    @override
    def training_cutoff(self) -> date | None:
        return self._client.config.training_cutoff

    @property
    @override
    def longest_seconds(self) -> float:
        return self._client.config.deadline_seconds

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return LOOKBACK_BARS

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        system = render_system(self._files, agent, self._risk)
        return self._most_usd(len(system.encode()) + MOST_MOMENT_BYTES)

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self.ask(snapshot, agent).proposal

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        began = self._clock.now()
        try:
            prompt = render(
                self._files, snapshot, agent=agent, risk=self._risk, recent=self._recent(snapshot)
            )
        except InputError as error:
            return self._written(self._unasked(str(error)), "", began)
        problem = self._too_dear(prompt)
        if problem:
            return self._written(self._unasked(problem), "", began)
        question = self._client.question(prompt.system, prompt.moment)
        return self._written(
            self._asked(question, prompt, snapshot, agent), canonical_json(question), began
        )

    def _asked(
        self,
        question: dict[str, object],
        prompt: Prompt,
        snapshot: MarketSnapshot,
        agent: AgentConfig,
    ) -> _Outcome:
        most = AnswerCost(usd=self._most_usd(prompt.bytes))
        found = self._client.ask(question)
        if isinstance(found, Silence):
            problem = f"{found.problem}; {ASSUMED}" if found.may_have_cost else found.problem
            cost = most if found.may_have_cost else AnswerCost()
            return _Outcome(
                proposal=no_answer(problem, self.name),
                outcome=found.outcome,
                problem=problem,
                raw=found.raw,
                cost=cost,
            )
        read = read_reply(found.body, self._client.config.answer_form)
        cost = most if read.use is None else cost_of(read.use, self._price)
        proposal = as_proposal(read.answer, snapshot, agent, maker=self.name)
        if not proposal.is_invalid:
            return _Outcome(
                proposal=proposal, outcome=read.outcome, problem="", raw=found.body, cost=cost
            )
        problem = str(dict(proposal.factors)[INVALID_ANSWER])
        outcome = (
            read.outcome if read.outcome is not AnswerOutcome.ANSWERED else AnswerOutcome.MALFORMED
        )
        if read.use is None:
            problem = f"{problem}; {ASSUMED}"
        return self._unusable(outcome, problem, raw=found.body, cost=cost)

    def _unusable(
        self, outcome: AnswerOutcome, problem: str, *, raw: str, cost: AnswerCost
    ) -> _Outcome:
        proposal = invalid_answer(problem, self.name)
        return _Outcome(proposal=proposal, outcome=outcome, problem=problem, raw=raw, cost=cost)

    def _unasked(self, why: str) -> _Outcome:
        problem = f"not asked: {why}"
        return _Outcome(
            proposal=not_asked(problem, self.name),
            outcome=AnswerOutcome.UNASKED,
            problem=problem,
            raw="",
            cost=AnswerCost(),
        )

    def _too_dear(self, prompt: Prompt) -> str:
        """Say why this prompt may not be sent; empty when it may."""
        size = len(prompt.moment.encode())
        if size > MOST_MOMENT_BYTES:
            return f"the moment takes {size} bytes to tell, above {MOST_MOMENT_BYTES}"
        most, limit = self._most_usd(prompt.bytes), self._client.config.max_usd_per_decision
        if most > limit:
            return f"the answer may cost {most:.4f} USD, above max_usd_per_decision {limit:g}"
        return ""

    def _most_usd(self, prompt_bytes: int) -> float:
        schema = len(canonical_json(json_schema()).encode())
        return most_usd_of(prompt_bytes + schema, self._client.config.max_tokens, self._price)

    def _written(self, found: _Outcome, question: str, began: datetime) -> PaidAnswer:
        seconds = max(0.0, (self._clock.now() - began).total_seconds())
        record = AnswerRecord(
            maker=self.name,
            model=self.model,
            prompt_digest=self._files.digest,
            settings=canonical_json(self._client.config.told()),
            question=question,
            raw=_kept(found.raw),
            outcome=found.outcome,
            problem=found.problem,
            cost=lasting(found.cost, seconds),
            asked_at=began,
        )
        return PaidAnswer(proposal=found.proposal, cost_usd=found.cost.usd, record=record)


def _kept(raw: str) -> str:
    """Return what is kept of a raw answer: its beginning, without the NUL that no database takes."""
    cut = raw.replace("\x00", "\ufffd").encode("utf-8", "replace")[:MOST_RAW_BYTES]
    return cut.decode("utf-8", "ignore")
