"""A decision maker: strategy, model, file, person or recording."""

from typing import Protocol

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.snapshots import MarketSnapshot


class DecisionMaker(Protocol):
    """Answers one frozen snapshot with one proposal. It sees nothing else and moves nothing."""

    @property
    def name(self) -> str:
        """Name and version, as kept with the answer."""
        ...

    def lookback_bars(self, agent: AgentConfig) -> int:
        """Return how many bars the snapshot must hold for this agent."""
        ...

    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        """Return the proposal. Anything that cannot be decided is a HOLD with its reason."""
        ...
