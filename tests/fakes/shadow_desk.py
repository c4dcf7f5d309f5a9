"""A desk whose agent has shadows: models by their names, that say the same to every moment.

TSLA follows a script, as on any desk of the tests; its shadows are given. `calls` counts every question by
the model it went to.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.desk import ACCOUNT, DeskKit, calm, kit_in_memory, kit_on
from tests.unit.risk.builders import TSLA, company
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.configuration import AgentConfig, Company, MindChoice, Mode
from ztrade_core.domain.decisions import Action, Proposal, Verdict
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelConfig, ModelsConfig
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.ports.mind import DecisionMaker, ModelMaker, PaidAnswer
from ztrade_core.store.memory_ledger import MemoryTapes
from ztrade_core.trading.desk import TradingDesk

BARS = 40
MOST_USD, COST_USD = 0.05, 0.03
ABSURD = Proposal(
    action=Action.BUY,
    confidence=1.0,
    rationale="everything, now",
    maker="insistent/1",
    stop_price=0.01,
    target_price=1e6,
    quantity=1e9,
)
Said = Callable[[MarketSnapshot, AgentConfig], Proposal]


@dataclass(frozen=True)
class InsistentModel(ModelMaker):
    """Answers what `said` says of the moment; `note` is told of every question."""

    said: Said
    note: Callable[[MarketSnapshot], None]
    lookback: int = 3

    @property
    @override
    def name(self) -> str:
        return "insistent/1"

    @property
    @override
    def model(self) -> str:
        return "insistent-1"

    @property
    @override
    def longest_seconds(self) -> float:
        return 60.0

    @property
    @override
    def training_cutoff(self) -> date | None:
        return None

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self.lookback

    @override
    def most_usd(self, agent: AgentConfig) -> float:
        return MOST_USD

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self.ask(snapshot, agent).proposal

    @override
    def ask(self, snapshot: MarketSnapshot, agent: AgentConfig) -> PaidAnswer:
        self.note(snapshot)
        return PaidAnswer(proposal=self.said(snapshot, agent), cost_usd=COST_USD)


def always(proposal: Proposal) -> Said:
    """Say the same of every moment."""
    return lambda _snapshot, _agent: proposal


@dataclass(frozen=True, kw_only=True)
class ShadowKit(DeskKit):
    """A kit whose desks find a model by its name."""

    models: Mapping[str, InsistentModel]
    calls: Counter[str] = field(default_factory=Counter)

    @override
    def desk(self, *args: Any, **options: Any) -> TradingDesk:
        made: TradingDesk = super().desk(*args, **options)

        def minds(mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
            if mode is not Mode.AUTOMATED or agent.model is None:
                return None
            return self.models[agent.model.model]

        return replace(made, minds=minds)


def shadow(name: str, *, samples: int = 1, model: str | None = None) -> MindChoice:
    """A shadow that a model of its own name answers for."""
    return MindChoice(
        name=name, mode=Mode.AUTOMATED, model=ModelConfig(model=model or name), samples=samples
    )


def house_with(*shadows: MindChoice, budget: float | None = 5.0, **models: Any) -> Company:
    """TSLA with shadows, under every rule but the correlation's."""
    agent = replace(TSLA, shadows=shadows)
    budgets = ModelsConfig(
        prices=PUBLISHED_PRICES, daily_budget_usd=budget, max_usd_per_decision=1.0, **models
    )
    return replace(company(agent, max_correlated_positions=None), models=budgets)


def shadow_kit(
    *shadows: MindChoice,
    said: Said | None = None,
    engine: Engine | None = None,
    lookback: int = 3,
    of: Company | None = None,
    **parts: Any,
) -> ShadowKit:
    """A kit in memory, or on a migrated database; every bar of the hours from the opening is there."""
    calls: Counter[str] = Counter()
    models = {
        each.model.model: InsistentModel(
            said or always(ABSURD), lambda _, name=each.name: calls.update([name]), lookback
        )
        for each in shadows
        if each.model is not None
    }
    base = kit_in_memory() if engine is None else kit_on(engine)
    made = ShadowKit(
        store=base.store,
        simulations=base.simulations,
        bars=base.bars,
        company=of or house_with(*shadows),
        models=models,
        calls=calls,
        **parts,
    )
    made.put_bars({"TSLA": calm(BARS)})
    return made


def without_shadows(kit: ShadowKit, other: DeskKit) -> ShadowKit:
    """The same house on other books, where no agent has shadows."""
    agents = tuple(replace(each, shadows=()) for each in kit.company.agents)
    made = replace(
        kit,
        store=other.store,
        simulations=other.simulations,
        bars=other.bars,
        company=replace(kit.company, agents=agents),
    )
    made.put_bars({"TSLA": calm(BARS)})
    return made


def beside(made: ShadowKit) -> list[Tape]:
    """The tapes of the agent's shadows."""
    with made.store.reading() as uow:
        return uow.tapes.beside(ACCOUNT, 1, TSLA.agent_id)


def proposals(made: ShadowKit) -> list[tuple[Tape, tuple[Verdict, ...], str]]:
    """The rows of `proposals` of a kit in memory."""
    with made.store.reading() as uow:
        assert isinstance(uow.tapes, MemoryTapes)
        return list(uow.tapes.proposals)
