"""TSLA decided by three models that vote, each asked through the real SDK before the fake of Claude.

`claude_votes(engine, url)` trades on a database; every bar of the session is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Engine

from tests.fakes.claude_desk import BARS, ClaudeKit, asking, automated_company
from tests.fakes.desk import calm, kit_on
from tests.unit.risk.builders import TSLA
from ztrade_core.decision_makers.ensemble import ensemble_of
from ztrade_core.domain.configuration import (
    AgentConfig,
    Company,
    EnsembleConfig,
    MindChoice,
    Mode,
    Vote,
)
from ztrade_core.domain.model_config import ModelConfig
from ztrade_core.ports.mind import DecisionMaker, Member

NAMES = ("ada", "bob", "cid")
MODEL = ModelConfig(deadline_seconds=5.0, max_usd_per_decision=1.0)


def voting_by_models(house: Company | None = None, vote: Vote = Vote.MAJORITY) -> Company:
    """The company with TSLA alone, decided by three models."""
    made = house or automated_company()
    members = tuple(MindChoice(name=name, mode=Mode.AUTOMATED, model=MODEL) for name in NAMES)
    [own] = [each for each in made.agents if each.agent_id == TSLA.agent_id]
    ensemble = EnsembleConfig(vote=vote, members=members)
    return replace(made, agents=(replace(own, mode=Mode.ENSEMBLE, model=None, ensemble=ensemble),))


def claude_votes(
    engine: Engine,
    url: str,
    *,
    of: Company | None = None,
    closes: Sequence[float] | None = None,
    **parts: Any,
) -> ClaudeKit:
    """A kit on a migrated database, before a server."""
    house, base = of or voting_by_models(), kit_on(engine)
    made = ClaudeKit(
        store=base.store,
        simulations=base.simulations,
        bars=base.bars,
        company=house,
        minds=_minds(house, url),
        **parts,
    )
    made.put_bars({"TSLA": closes or calm(BARS)})
    return made


def _minds(house: Company, url: str) -> Callable[[Mode, AgentConfig], DecisionMaker | None]:
    def minds(mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        if mode is not Mode.ENSEMBLE or agent.ensemble is None:
            return None
        members = [
            Member(choice=each, maker=asking(house, MODEL, url)) for each in agent.ensemble.members
        ]
        return ensemble_of(agent.ensemble.vote, members)

    return minds
