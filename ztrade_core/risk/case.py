"""What a rule may look at: one proposed order, or none, against one frozen book.

A case is built inside the locked transaction; rules read it and nothing else. What does not belong
here: arithmetic (`arithmetic`), sums over the book (`projection`), any verdict.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.book import Book
from ztrade_core.domain.chain import ChainFault
from ztrade_core.domain.configuration import AgentConfig, Company, Costs
from ztrade_core.domain.instruments import AssetClass, Instrument
from ztrade_core.domain.orders import Side
from ztrade_core.domain.snapshots import MarketSnapshot, PairCorrelation


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The order that is asked for. A market order is judged at its worst expected price.

    `notional_usd` is quantity x limit price + fees (`arithmetic.entry_notional_usd`).
    """

    agent_id: str
    symbol: str
    side: Side
    quantity: float
    limit_price: float
    stop_price: float | None
    target_price: float | None
    notional_usd: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketFacts:
    """What the snapshot says about its inputs; `last_bar` and `expected_bar` are open times.

    `close` and `volume` are the last bar's, NaN without one. `config_digest` is of the
    configuration that the snapshot was frozen under. `bar_in_progress` is the snapshot's.
    """

    fresh: bool
    last_bar: datetime | None
    expected_bar: datetime | None
    session_open: bool
    session_note: str
    clock_skew_seconds: float
    correlations: tuple[PairCorrelation, ...]
    issues: tuple[str, ...]
    close: float
    volume: float
    config_digest: str
    bar_in_progress: datetime | None = None

    @property
    def decided_bar(self) -> datetime | None:
        """The open of the bar after which an entry fills; None without bars."""
        return self.last_bar if self.bar_in_progress is None else self.bar_in_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEntry:
    """An entry order of the account, however it ended. `intent` is `orders.intent_hash`'s."""

    agent_id: str
    symbol: str
    side: Side
    created_at: datetime
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """How the account stands with its broker when the order is judged, at `at`.

    `mark` is the symbol's latest price, NaN without one. `entries` are those of every agent in the
    last hour, and the agent's own since its decision bar opened, oldest first. `reconciled_at` is
    when our book was last compared with the broker's; `unreconciled` what stands against it.
    `model_spent_usd` is what all agents' models cost today, where one was asked for this order; else 0.
    """

    at: datetime
    mark: float
    entries: tuple[PastEntry, ...]
    reconciled_at: datetime | None
    unreconciled: tuple[str, ...]
    is_paper: bool
    broker_host: str | None
    model_spent_usd: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStatus:
    """Whether the ledger's chain was verified up to this decision, and what was wrong with it."""

    verified: bool
    fault: ChainFault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCase:
    """Everything a rule may look at.

    `candidate` None is a hold: the rules judge the standing book. `halt_file` is the text of the
    file `HALT` in the data folder (empty text counts), None when there is no such file.
    """

    company: Company
    agent: AgentConfig
    book: Book
    candidate: Candidate | None
    market: MarketFacts
    desk: DeskFacts
    chain: ChainStatus
    halt_file: str | None

    @property
    def entry(self) -> Candidate | None:
        """The candidate if it opens a position: a buy, or a sell of an agent that is flat."""
        candidate = self.candidate
        if candidate is None or candidate.side is Side.BUY:
            return candidate
        flat = self.book.position_of(self.agent.agent_id) is None
        return candidate if flat else None

    @property
    def is_entry(self) -> bool:
        """Whether a failed verdict denies; on an exit or a hold it only reports."""
        return self.entry is not None


def market_facts(snapshot: MarketSnapshot) -> MarketFacts:
    """Return what the rules need of a snapshot."""
    bars = snapshot.bars
    return MarketFacts(
        fresh=snapshot.is_fresh,
        last_bar=bars.last_open if len(bars) else None,
        expected_bar=snapshot.expected_bar,
        session_open=snapshot.session_open,
        session_note=snapshot.session_note,
        clock_skew_seconds=snapshot.clock_skew_seconds,
        correlations=snapshot.correlations,
        issues=snapshot.issues,
        close=float(bars.closes[-1]) if len(bars) else math.nan,
        volume=float(bars.volumes[-1]) if len(bars) else math.nan,
        config_digest=snapshot.config_digest,
        bar_in_progress=snapshot.bar_in_progress,
    )


def fee_bps_of(costs: Costs, instrument: Instrument) -> float:
    """Return the commission of an instrument's asset class, in basis points of notional."""
    if instrument.asset_class is AssetClass.CRYPTO:
        return costs.crypto_commission_bps
    return costs.stock_commission_bps
