"""TSLA and IWM in mode automated on a desk, asking the fake of Claude through the real SDK.

`claude_kit(engine, server)` trades on a database; every bar of the session is there. The time of a question
is the world's, so that a rehearsal's is spent today.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import Engine
from typing_extensions import override

from tests.fakes.claude import CANARY, PROMPTS, ClaudeServer
from tests.fakes.desk import DAY_OPENS, DeskKit, calendar, calm, kit_on
from tests.unit.risk.builders import IWM, TSLA, company
from ztrade_core.assembly.minds import recent_of
from ztrade_core.clocks.system import SystemClock
from ztrade_core.decision_makers.automated.client import ClaudeClient
from ztrade_core.decision_makers.automated.maker import AutomatedMaker, Recent, nothing_recent
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.domain.answers import KeptAnswer
from ztrade_core.domain.configuration import AgentConfig, Company, Mode
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelConfig, ModelsConfig
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.market_data.views import SentimentSource
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.store.schema import metadata
from ztrade_core.trading.desk import TradingDesk

BARS = 30


@dataclass(frozen=True, kw_only=True)
class ClaudeKit(DeskKit):
    """A kit whose desks have a mind of each agent's own."""

    minds: Callable[[Mode, AgentConfig], DecisionMaker | None] = field(kw_only=True)
    told: SentimentSource | None = None

    @override
    def desk(self, *args: Any, **options: Any) -> TradingDesk:
        made = super().desk(*args, **options)
        market = StoreMarket(
            self.bars,
            calendar(),
            clock=made.clock,
            providers={},
            history_start=DAY_OPENS,
            sentiment=self.told,
        )
        return replace(made, minds=self.minds, market=market, lease_clock=SystemClock())


def automated_company(budget: float | None = 5.0, **model: Any) -> Company:
    """TSLA and IWM, each with its model, under every rule but the correlation's."""
    config = ModelConfig(**{"deadline_seconds": 5.0, "max_usd_per_decision": 1.0, **model})
    agents = [replace(each, mode=Mode.AUTOMATED, model=config) for each in (TSLA, IWM)]
    models = ModelsConfig(
        prices=PUBLISHED_PRICES, daily_budget_usd=budget, max_usd_per_decision=1.0
    )
    return replace(company(*agents, max_correlated_positions=None), models=models)


def claude_kit(
    engine: Engine,
    server: ClaudeServer,
    *,
    of: Company | None = None,
    closes: Sequence[float] | None = None,
    **parts: Any,
) -> ClaudeKit:
    """A kit on a migrated database, before a server."""
    house = of or automated_company()
    base = kit_on(engine)

    def minds(mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        if mode is not Mode.AUTOMATED or agent.model is None:
            return None
        return asking(house, agent.model, server.url, recent=recent_of(base.store))

    made = ClaudeKit(
        store=base.store,
        simulations=base.simulations,
        bars=base.bars,
        company=house,
        minds=minds,
        **parts,
    )
    made.put_bars(dict.fromkeys(("TSLA", "IWM"), closes or calm(BARS)))
    return made


def asking(
    house: Company, model: ModelConfig, url: str, *, recent: Recent = nothing_recent
) -> AutomatedMaker:
    """A model that is asked through the real SDK, before a server; no wait is waited."""
    client = ClaudeClient(
        replace(model, address=url), SecretStr(CANARY), clock=SystemClock(), wait=lambda _: None
    )
    return AutomatedMaker(
        client,
        load_prompts(PROMPTS),
        prices=house.models.prices,
        risk=house.risk,
        clock=SystemClock(),
        recent=recent,
    )


def kept(kit: DeskKit, key: SlotKey) -> list[KeptAnswer]:
    """Every answer of a slot."""
    with kit.store.reading() as uow:
        return uow.answers.of_slot(key)


def everything_stored(engine: Engine) -> str:
    """Return every value of every table."""
    with engine.connect() as connection:
        tables = metadata().sorted_tables
        rows = [connection.execute(table.select()).all() for table in tables]
    return repr(rows)
