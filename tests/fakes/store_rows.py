"""Rows for tests of stores: sound values with what a test cares about as arguments."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from ztrade_core.domain.accounts import ClosedTrade, StoredPosition, Tape
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.book import AccountSnapshot, Halt
from ztrade_core.domain.decisions import Action, Decision, Outcome, Proposal, SlotKey, Verdict
from ztrade_core.domain.orders import (
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Role,
    Side,
)
from ztrade_core.domain.snapshots import (
    GroupSentiment,
    HeldPosition,
    MarketSnapshot,
    PairCorrelation,
    SeenHeadline,
    SentimentReading,
)
from ztrade_core.domain.time import Timeframe, to_micros

NOON = datetime(2022, 12, 28, 12, 0, 0, 123456, tzinfo=UTC)
ACCOUNT = "rehearsal"
AGENT = "agent_tsla"


def minutes(count: float) -> datetime:
    """Return the instant `count` minutes after NOON."""
    return NOON + timedelta(minutes=count)


def slot_key(number: int = 1, *, account: str = ACCOUNT, agent_id: str = AGENT) -> SlotKey:
    return SlotKey(account=account, account_epoch=1, agent_id=agent_id, slot=f"slot-{number}")


def proposal(
    action: Action = Action.BUY, confidence: float = 0.1 + 0.2, rationale: str = "trend"
) -> Proposal:
    return Proposal(
        action=action,
        confidence=confidence,
        rationale=rationale,
        maker="sma_crossover 1",
        stop_price=1.0 / 3.0,
        factors=(("rsi", 71.25), ("note", "über 70"), ("volume", None), ("bars", 3)),
    )


def decision(number: int = 1, *, key: SlotKey | None = None, **changes: object) -> Decision:
    values: dict[str, object] = {
        "decision_id": f"decision-{number}",
        "key": key or slot_key(number),
        "symbol": "TSLA",
        "decided_at": minutes(number),
        "as_of": minutes(number),
        "snapshot_hash": "ab" * 32,
        "config_digest": "cd" * 32,
        "proposal": proposal(),
        "outcome": Outcome.APPROVED,
        "reason": "",
        "wanted_quantity": 16.0,
        "quantity": 2.0 / 3.0,
        "limit_price": 109.1,
        "stop_price": 105.83,
        "target_price": None,
        "client_order_id": f"zt1-{number}",
        "book": '{"equity":100000.0}',
    }
    return Decision(**{**values, **changes})  # type: ignore[arg-type]


def verdict(rule_id: str = "RULE_001", observed: float | None = 0.1, **changes: object) -> Verdict:
    values: dict[str, object] = {
        "rule_id": rule_id,
        "name": "agent exposure",
        "passed": True,
        "observed": observed,
        "limit": 0.1,
        "message": "10 % of 10 %",
    }
    return Verdict(**{**values, **changes})  # type: ignore[arg-type]


def request(number: int = 1, **changes: object) -> OrderRequest:
    values: dict[str, object] = {
        "client_order_id": f"zt1-{number}",
        "agent_id": AGENT,
        "symbol": "TSLA",
        "timeframe": Timeframe.M5,
        "role": Role.ENTRY,
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "quantity": Decimal(16),
        "position_id": "position-1",
        "decided_bar": NOON,
        "limit_price": Decimal("109.10"),
        "stop_price": Decimal("105.83"),
        "stop_order_id": "zt1-stop",
        "reference_price": Decimal("108.56"),
        "good_for_bars": 1,
    }
    return OrderRequest(**{**values, **changes})  # type: ignore[arg-type]


def order(number: int = 1, *, of: OrderRequest | None = None, **changes: object) -> Order:
    values: dict[str, object] = {
        "request": of or request(number),
        "account": ACCOUNT,
        "account_epoch": 1,
        "decision_id": f"decision-{number}",
        "status": OrderStatus.INTENDED,
        "created_at": minutes(number),
        "updated_at": minutes(number),
        "reserved_usd": 1745.6,
    }
    return Order(**{**values, **changes})  # type: ignore[arg-type]


def fill(number: int = 1, **changes: object) -> Fill:
    values: dict[str, object] = {
        "fill_id": f"fill-{number}",
        "client_order_id": f"zt1-{number}",
        "agent_id": AGENT,
        "position_id": "position-1",
        "symbol": "TSLA",
        "side": Side.BUY,
        "role": Role.ENTRY,
        "quantity": Decimal("0.00012345"),
        "price": Decimal("109.10000000000001"),
        "fee_usd": Decimal(0),
        "fee_quantity": Decimal("0.0000003"),
        "filled_at": minutes(number),
        "known_at": minutes(number),
    }
    return Fill(**{**values, **changes})  # type: ignore[arg-type]


def position(agent_id: str = AGENT, **changes: object) -> StoredPosition:
    values: dict[str, object] = {
        "account": ACCOUNT,
        "account_epoch": 1,
        "agent_id": agent_id,
        "symbol": "TSLA",
        "timeframe": Timeframe.M5,
        "position_id": "position-1",
        "quantity": Decimal("15.5"),
        "average_price": 109.1,
        "cost_usd": 1745.6,
        "realised_usd": 0.0,
        "opened_at": NOON,
        "stop_price": Decimal("105.83"),
        "target_price": None,
    }
    return StoredPosition(**{**values, **changes})  # type: ignore[arg-type]


def trade(number: int = 1, **changes: object) -> ClosedTrade:
    values: dict[str, object] = {
        "account": ACCOUNT,
        "account_epoch": 1,
        "agent_id": AGENT,
        "symbol": "TSLA",
        "position_id": f"position-{number}",
        "quantity": Decimal(16),
        "entry_price": 109.1,
        "exit_price": 105.8,
        "pnl_usd": -52.8,
        "opened_at": NOON,
        "closed_at": minutes(number),
        "exit_role": "stop",
    }
    return ClosedTrade(**{**values, **changes})  # type: ignore[arg-type]


def mark(at: datetime = NOON, kind: str = "mark", equity: float = 100_000.0) -> AccountSnapshot:
    return AccountSnapshot(
        account=ACCOUNT,
        account_epoch=1,
        at=at,
        kind=kind,
        equity=equity,
        cash=equity - 5_000.0,
        gross_exposure=5_000.0,
        peak_equity=max(equity, 100_000.0),
    )


def halt(number: int = 1, *, agent_id: str | None = None, kind: str = "manual") -> Halt:
    return Halt(
        halt_id=f"halt-{number}",
        agent_id=agent_id,
        kind=kind,
        who="anna",
        why="storm",
        since=minutes(number),
    )


def tape(number: int = 1, rationale: str = "trend") -> Tape:
    return Tape(
        key=slot_key(number),
        snapshot_hash="ab" * 32,
        proposal=proposal(rationale=rationale),
        mode="strategy",
        run_id="run-1",
        taped_at=minutes(number),
    )


def series(
    count: int = 5,
    *,
    symbol: str = "TSLA",
    timeframe: Timeframe = Timeframe.M5,
    first: datetime = NOON,
    price: float = 100.1,
) -> BarSeries:
    closes = price + np.arange(count, dtype=np.float64) / 3.0
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        timestamps=to_micros(first) + np.arange(count, dtype=np.int64) * timeframe.micros,
        opens=closes - 0.1,
        highs=closes + 0.7,
        lows=closes - 0.9,
        closes=closes,
        volumes=1000.0 + np.arange(count, dtype=np.float64),
    )


def snapshot(
    number: int = 1, *, bars: BarSeries | None = None, full: bool = True
) -> MarketSnapshot:
    seen = SeenHeadline(
        news_id="n", published_at=NOON, source="s", headline="ä\x00", score=-0.1, confidence=1 / 3
    )
    group = GroupSentiment(group="news", score=-0.1, confidence=1 / 3, weight=1.0, stories=1)
    reading = SentimentReading(
        score=-0.1, confidence=1 / 3, scorer="lexicon", groups=(group,), headlines=(seen,)
    )
    held = HeldPosition(
        position_id="p", quantity=0.1, average_price=9.9, stop_price=None, target_price=11.0
    )
    pair = PairCorrelation(first="IWM", second="TSLA", value=None, overlap=12)
    return MarketSnapshot(
        key=slot_key(number),
        symbol="TSLA",
        as_of=NOON,
        bars=series() if bars is None else bars,
        bar_source="file",
        expected_bar=NOON if full else None,
        session_open=True,
        session_note="",
        sentiment=reading if full else None,
        position=held if full else None,
        entry_pending=False,
        correlations=(pair,) if full else (),
        clock_skew_seconds=float("nan") if full else 0.0,
        config_digest="cd" * 32,
        issues=("clock unknown",) if full else (),
    )
