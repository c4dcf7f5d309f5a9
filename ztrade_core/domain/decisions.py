"""Decisions: what a mind proposes, what the rules say, what the ledger keeps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ztrade_core.domain.time import iso_z, parse_instant

INVALID_ANSWER = "invalid_answer"
"""The factor that marks a mind's answer that could not be used; its value says why."""
UNASKED = "unasked"
"""The factor that marks a hold for which a mind was due and was not asked; its value says why."""
UNANSWERED = "unanswered"
"""The factor that marks a hold of a mind that was asked and from which nothing came; its value says why."""
NEWS_PREFIX = "news:"
HOUSE = "protection:"
"""How the maker of a proposal that no mind made begins: a passed target, which is sold unasked."""


class Action(StrEnum):
    """What to do with the agent's one instrument."""

    BUY = "buy"
    SELL = "sell"
    HOLD = "hold"


class Outcome(StrEnum):
    """What the gateway made of a proposal."""

    APPROVED = "approved"
    RESIZED = "resized"
    DENIED = "denied"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotKey:
    """What may be decided once: an agent's slot on one epoch of one account.

    `slot` is the open time of the decision bar (`2022-12-28T14:55:00Z`) or `news:<story id>`.
    """

    account: str
    account_epoch: int
    agent_id: str
    slot: str


def news_slot(news_id: str) -> str:
    """Return the slot of a decision on a story."""
    return NEWS_PREFIX + news_id


def is_news_slot(slot: str) -> bool:
    """Return whether a slot is a story's and no bar's."""
    return slot.startswith(NEWS_PREFIX)


def bar_of_slot(slot: str) -> datetime | None:
    """Return when a slot's bar opens; None for a slot that is no bar's."""
    try:
        opened = parse_instant(slot)
    except ValueError:
        return None
    return opened if iso_z(opened) == slot else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mind's answer: it proposes, nothing more. Symbol and prices of orders are ours.

    `stop_price` and `target_price` are absolute; None leaves them to the agent's bracket.
    `quantity` None leaves the size to the sizing rules (which only ever shrink a wish).
    """

    action: Action
    confidence: float
    rationale: str
    maker: str
    stop_price: float | None = None
    target_price: float | None = None
    quantity: float | None = None
    factors: tuple[tuple[str, float | str | None], ...] = ()

    @property
    def is_invalid(self) -> bool:
        """Whether the mind's answer could not be used and this hold stands in for it."""
        return any(name == INVALID_ANSWER for name, _ in self.factors)

    @property
    def is_unasked(self) -> bool:
        """Whether the mind was not asked (a budget, a missing key): it says nothing of its answers."""
        return any(name == UNASKED for name, _ in self.factors)

    @property
    def is_of_house(self) -> bool:
        """Whether no mind made it, but the house: it comes about anew wherever answers are repeated."""
        return self.maker.startswith(HOUSE)

    @property
    def is_unheard(self) -> bool:
        """Whether no answer of the mind stands behind it: it was not asked, or nothing came back."""
        return any(name in {UNASKED, UNANSWERED} for name, _ in self.factors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One rule's word. `observed` and `limit` are numbers where the rule is one, else None.

    `passed` false on an entry denies it; on an exit or a hold it only reports.
    """

    rule_id: str
    name: str
    passed: bool
    observed: float | None
    limit: float | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One row of the append-only ledger.

    `book` is the canonical text of the book and facts the rules judged: with the snapshot, all that
    a replay needs.
    """

    decision_id: str
    key: SlotKey
    symbol: str
    decided_at: datetime
    as_of: datetime
    snapshot_hash: str
    config_digest: str
    proposal: Proposal
    outcome: Outcome
    reason: str
    wanted_quantity: float
    quantity: float
    limit_price: float | None
    stop_price: float | None
    target_price: float | None
    client_order_id: str | None
    book: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAnswer:
    """What was answered to a decided slot, and when; of the decision's row no more than that."""

    key: SlotKey
    as_of: datetime
    proposal: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedDecision:
    """A decision as the ledger holds it, with its verdicts and its place in the chain."""

    sequence: int
    decision: Decision
    verdicts: tuple[Verdict, ...]
    order_digest: str
    previous_digest: str
    digest: str
