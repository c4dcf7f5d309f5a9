"""Random minds and random wake conditions, for holding the session against the event loop."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st
from typing_extensions import override

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.ports.mind import DecisionMaker

LEVELS = (5.9, 6.1, 19.8, 20.0, 20.4, 99.0, 100.0, 101.0, 3_990.0, 4_000.0, 4_040.0)


@dataclass(frozen=True)
class WildMaker(DecisionMaker):
    """Answers anything, decided by a seed and what it sees; `seen` are the snapshots' hashes.

    `eagerness` of ten answers ask for something; half of the entries bring wishes of their own.
    """

    seed: int
    eagerness: int
    lookback: int = 4
    sells_parts: bool = False
    seen: list[str] = field(default_factory=list)

    @property
    @override
    def name(self) -> str:
        return "wild/1"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return self.lookback

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        self.seen.append(snapshot.content_hash())
        digest = hashlib.sha256(f"{self.seed}|{snapshot.key.slot}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8]))
        action = Action.HOLD
        if rng.integers(0, 10) < self.eagerness:
            wanted = Action.BUY if snapshot.position is None else Action.SELL
            other = Action.SELL if snapshot.position is None else Action.BUY
            action = wanted if rng.random() < 0.85 else other
        return self._answer(action, rng, float(snapshot.bars.closes[-1]))

    def _answer(self, action: Action, rng: np.random.Generator, close: float) -> Proposal:
        wishes: dict[str, float] = {}
        if action is Action.BUY and rng.random() < 0.5:
            stop, target = rng.choice([0.80, 0.97, 0.99, 0.994, 1.02]), rng.choice([0.99, 1.004, 2])
            size = rng.choice([-3.0, 0.4, 1.0, 7.0, 35.5, 1e9])
            every = {"stop_price": stop * close, "target_price": target * close, "quantity": size}
            wishes = {name: float(x) for name, x in every.items() if rng.random() < 0.6}
        if action is Action.SELL and self.sells_parts:
            wishes = {"quantity": float(rng.choice([0.0, 0.5, 3.0, 1e9]))}
        return Proposal(
            action=action,
            confidence=float(rng.choice([0.3, 0.66, 0.9, 0.9, 1.0])),
            rationale=str(rng.choice(["it looks so", "a feeling"])),
            maker=self.name,
            **wishes,
        )


@st.composite
def wild_makers(draw: st.DrawFn) -> WildMaker:
    """A mind of any eagerness."""
    return WildMaker(
        seed=draw(st.integers(0, 2**32 - 1)),
        eagerness=draw(st.sampled_from([1, 3, 7, 10])),
        lookback=draw(st.sampled_from([1, 4])),
    )


@st.composite
def wake_conditions(draw: st.DrawFn) -> WakeConditions | None:
    """Any conditions, now and then none: asked on every bar."""
    if draw(st.integers(0, 4)) == 0:
        return None
    found = {
        "every_bars": draw(st.sampled_from([None, None, 1, 2, 7])),
        "levels": tuple(draw(st.lists(st.sampled_from(LEVELS), max_size=3, unique=True))),
        "moved_fraction": draw(st.sampled_from([None, None, 0.0005, 0.004, 0.05])),
        "on_fill": draw(st.booleans()),
        "on_risk_event": draw(st.booleans()),
    }
    if not any(found.values()):
        found["on_fill"] = True
    return WakeConditions(**found)
