"""The frozen moment a mind decides on, and its content hash.

Everything a decision may depend on is in here, and nothing known after `as_of`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.orders import OrderType, Role, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHeadline:
    """One story that a reading rests on. Its text is a stranger's: data, never an instruction."""

    news_id: str
    published_at: datetime
    source: str
    headline: str
    score: float
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSentiment:
    """What one group of sources (news, reddit, filings) says: score -1..1, weight 0..1, stories."""

    group: str
    score: float
    confidence: float
    weight: float
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentReading:
    """Sentiment as of a moment: score -1..1, confidence 0..1. Absence is None, never 0.

    `agreement` is 1 where the groups of sources say the same, 0 where they contradict each other;
    None with one group. `headlines` are the stories it rests on, the heaviest first.
    """

    score: float
    confidence: float
    scorer: str
    agreement: float | None = None
    groups: tuple[GroupSentiment, ...] = ()
    headlines: tuple[SeenHeadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition:
    """The agent's own position as its mind may see it."""

    position_id: str
    quantity: float
    average_price: float
    stop_price: float | None
    target_price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order of the agent's own that may still fill, as its mind may see it.

    An entry's `stop_price` and `target_price` are those its position is to get. A stop that has a target
    too is a pair, one cancelling the other.
    """

    role: Role
    side: Side
    type: OrderType
    quantity: float
    filled_quantity: float
    limit_price: float | None
    stop_price: float | None
    target_price: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCorrelation:
    """Correlation of daily returns of two symbols; `value` None: too few or unusable returns."""

    first: str
    second: str
    value: float | None
    overlap: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarketSnapshot:
    """One agent's view at one moment.

    `bars` are the last complete bars, the decision bar last. `expected_bar` is the open of the bar
    the calendar says should be the last; None when none is expected. `session_open` says whether an
    entry decided now can fill in the running session. `issues` names what is wrong with the inputs.
    `bar_in_progress` is the open of the bar that was running when something other than the bar's own
    prompt tick (news, a person, a late run) asked for the decision; None: nothing of the next bar has passed.
    `open_orders` are the agent's own, oldest first, its stops among them. A backtest freezes none: the
    compiled engine keeps no rows of orders, and both engines must freeze the same moment.
    """

    key: SlotKey
    symbol: str
    as_of: datetime
    bars: BarSeries
    bar_source: str
    expected_bar: datetime | None
    session_open: bool
    session_note: str
    sentiment: SentimentReading | None
    position: HeldPosition | None
    entry_pending: bool
    correlations: tuple[PairCorrelation, ...]
    clock_skew_seconds: float
    config_digest: str
    issues: tuple[str, ...] = ()
    bar_in_progress: datetime | None = None
    open_orders: tuple[OpenOrder, ...] = ()

    @property
    def decided_bar(self) -> datetime:
        """The bar after which an order fills. IndexError without bars."""
        return self.bars.last_open if self.bar_in_progress is None else self.bar_in_progress

    @property
    def is_fresh(self) -> bool:
        """Whether the last bar the calendar expects is there."""
        return (
            len(self.bars) > 0
            and self.expected_bar is not None
            and self.bars.last_open == self.expected_bar
        )

    def header(self) -> dict[str, object]:
        """Return everything but the arrays, as plain values; what came later is in it only where it is."""
        position = self.position
        reading = self.sentiment
        return self._later() | {
            "account": self.key.account,
            "account_epoch": self.key.account_epoch,
            "agent_id": self.key.agent_id,
            "slot": self.key.slot,
            "symbol": self.symbol,
            "timeframe": self.bars.timeframe,
            "as_of": self.as_of,
            "bar_source": self.bar_source,
            "expected_bar": self.expected_bar,
            "session_open": self.session_open,
            "session_note": self.session_note,
            "clock_skew_seconds": self.clock_skew_seconds,
            "config_digest": self.config_digest,
            "entry_pending": self.entry_pending,
            "issues": self.issues,
            "position": None if position is None else _slots(position),
            "sentiment": None if reading is None else _told(reading),
            "correlations": [[c.first, c.second, c.value, c.overlap] for c in self.correlations],
        }

    def _later(self) -> dict[str, object]:
        """Return what older versions did not know, so that moments without it hash as they did."""
        values: dict[str, object] = {}
        if self.bar_in_progress is not None:
            values["bar_in_progress"] = self.bar_in_progress
        if self.open_orders:
            values["open_orders"] = [_slots(order) for order in self.open_orders]
        return values

    def content_hash(self) -> str:
        """Return the SHA-256 over the header's canonical text and the arrays' bytes."""
        digest = hashlib.sha256(canonical_json(self.header()).encode())
        bars = self.bars
        for array in (
            bars.timestamps,
            bars.opens,
            bars.highs,
            bars.lows,
            bars.closes,
            bars.volumes,
        ):
            digest.update(array.tobytes())
        return digest.hexdigest()


def _told(reading: SentimentReading) -> dict[str, object]:
    """Return a reading as plain values; one without groups as it was before there were any."""
    values = _slots(reading)
    if reading.groups or reading.agreement is not None:
        return values
    return {name: value for name, value in values.items() if name not in ("agreement", "groups")}


def _slots(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in type(value).__dataclass_fields__}  # type: ignore[attr-defined]
