"""The minds outside this process: a language model for each agent, and whoever answers by file.

A model's client is made for each agent, for each may have its own model. Without a key the maker that is
returned asks nobody, and says so in every decision.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from ztrade_core.assembly.vendors import wait
from ztrade_core.decision_makers.automated.client import ClaudeClient
from ztrade_core.decision_makers.automated.maker import AutomatedMaker, Recent, nothing_recent
from ztrade_core.decision_makers.automated.prompt import Prompt, render
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS
from ztrade_core.decision_makers.automated.told_stories import MOST_DECISIONS, RecentDecision
from ztrade_core.decision_makers.files.folders import Oversight
from ztrade_core.decision_makers.files.maker import FileMaker
from ztrade_core.domain.answers import AnswerCost, AnswerOutcome, AnswerRecord
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import UNASKED, Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.errors import InputError, LedgerBrokenError
from ztrade_core.logs import get_logger
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import DecisionMaker, ModelMaker, PaidAnswer
from ztrade_core.ports.store import Store
from ztrade_core.settings.language_models import NO_KEY, model_of
from ztrade_core.settings.load import Settings
from ztrade_core.settings.prompts import prompts_in

log = get_logger(__name__)

WHY_UNKEYED = f"not asked: {NO_KEY}; write it into .env, or choose another mode"
NO_SDK = (
    "the package anthropic is not installed; in the project's folder run"
    " `pip install -c constraints.txt -e '.[anthropic]'`"
)


class UnkeyedMaker(ModelMaker):
    """Stands where a model would, and asks nobody: every decision is a hold that says `why`."""

    def __init__(
        self, model: str, training_cutoff: date | None, clock: Clock, *, why: str = WHY_UNKEYED
    ) -> None:
        self._model = model
        self._training_cutoff = training_cutoff
        self._clock = clock
        self._why = why

    @property
    @override
    def name(self) -> str:
        return f"automated:{self._model}/unkeyed"

    @property
    @override
    def model(self) -> str:
        return self._model

    @property
    @override
    def training_cutoff(self) -> date | None:
        return self._training_cutoff

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return LOOKBACK_BARS

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        return 0.0

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return Proposal(
            action=Action.HOLD,
            confidence=0.0,
            rationale=self._why,
            maker=self.name,
            factors=((UNASKED, self._why),),
        )

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        record = AnswerRecord(
            maker=self.name,
            model=self.model,
            prompt_digest="",
            settings="",
            question="",
            raw="",
            outcome=AnswerOutcome.UNASKED,
            problem=self._why,
            cost=AnswerCost(),
            asked_at=self._clock.now(),
        )
        return PaidAnswer(proposal=self.propose(snapshot, agent), cost_usd=0.0, record=record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minds:
    """Makes the makers of modes AUTOMATED and SUBAGENT. `clock` is the world's: it measures waiting.

    `sdk` is the vendor's package, without which no model is asked.
    """

    settings: Settings
    store: Store
    clock: Clock
    sdk: str = "anthropic"

    def of(self, mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        """Return who decides for an agent in a mode; None for a mode that is decided in this process."""
        if mode is Mode.AUTOMATED:
            return self.automated(agent)
        return self.subagent() if mode is Mode.SUBAGENT else None

    def automated(self, agent: AgentConfig, recent: Recent | None = None) -> DecisionMaker:
        """Return the maker that asks the agent's model; ConfigError for prompts that do not fit.

        `recent` tells its earlier decisions; None: the ledger does.
        """
        company, access = self.settings.company, self.settings.anthropic
        config = model_of(agent, company.models)
        if access is None:
            return UnkeyedMaker(config.model, config.training_cutoff, self.clock)
        if find_spec(self.sdk) is None:
            why = f"not asked: {NO_SDK}"
            return UnkeyedMaker(config.model, config.training_cutoff, self.clock, why=why)
        client = ClaudeClient(
            replace(config, address=access.address), access.api_key, clock=self.clock, wait=wait
        )
        return AutomatedMaker(
            client,
            load_prompts(prompts_of(self.settings)),
            prices=company.models.prices,
            risk=company.risk,
            clock=self.clock,
            recent=recent or recent_of(self.store),
        )

    def for_backtests(self, agent: AgentConfig) -> DecisionMaker:
        """Return the maker that asks the agent's model, told nothing of the ledger; it needs the key."""
        if self.settings.anthropic is None:
            raise InputError(
                f"{agent.agent_id} is decided by a model: {NO_KEY}; write it into .env"
            )
        if find_spec(self.sdk) is None:
            raise InputError(f"{agent.agent_id} is decided by a model: {NO_SDK}")
        return self.automated(agent, nothing_recent)

    def subagent(self) -> DecisionMaker:
        """Return the maker that asks by file, in the folder `oversight` of the data folder."""
        config = self.settings.company.models.subagent
        return FileMaker(
            Oversight(self.settings.data_dir, answerers=config.answerers),
            self.rendering(),
            clock=self.clock,
            sleep=wait,
            config=config,
        )

    def rendering(self) -> Callable[[MarketSnapshot, AgentConfig], Prompt]:
        """Return what tells a moment in words, as a model is told it."""
        recent, risk = recent_of(self.store), self.settings.company.risk

        def told(snapshot: MarketSnapshot, agent: AgentConfig) -> Prompt:
            files = load_prompts(prompts_of(self.settings))
            return render(files, snapshot, agent=agent, risk=risk, recent=recent(snapshot))

        return told


def prompts_of(settings: Settings) -> Path:
    """Return the folder of the prompt's files."""
    return prompts_in(settings.config_dir)


def recent_of(store: Store) -> Recent:
    """Return what tells an agent's decisions before a moment, the oldest first, from the ledger.

    A moment's own decision is none of them: its shadows are asked when it stands. Nor are bars it slept over.
    A ledger that cannot be read tells none: RULE_007 denies entries on it, and exits must go on.
    """

    def recent(snapshot: MarketSnapshot) -> tuple[RecentDecision, ...]:
        key = snapshot.key
        try:
            with store.reading() as uow:
                rows = uow.ledger.recent(
                    account=key.account,
                    agent_id=key.agent_id,
                    limit=MOST_DECISIONS + 1,
                    but=ASLEEP_MAKER,
                )
        except LedgerBrokenError as error:
            log.warning("earlier_decisions_unreadable", agent_id=key.agent_id, problem=str(error))
            return ()
        earlier = [row.decision for row in rows if row.decision.key != key]
        decisions = earlier[:MOST_DECISIONS][::-1]
        return tuple(
            RecentDecision(
                decided_at=each.as_of,
                action=each.proposal.action.value,
                confidence=each.proposal.confidence,
                outcome=each.outcome.value,
                rationale=each.proposal.rationale,
            )
            for each in decisions
            if each.key.account_epoch == key.account_epoch and each.as_of <= snapshot.as_of
        )

    return recent
