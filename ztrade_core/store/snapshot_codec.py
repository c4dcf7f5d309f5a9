"""Frozen moments to compressed bytes and back, equal to the last bit.

Layout before compression: the header as one line of JSON, then the six arrays' bytes.
"""

import json
import zlib
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.orders import OrderType, Role, Side
from ztrade_core.domain.snapshots import (
    GroupSentiment,
    HeldPosition,
    MarketSnapshot,
    OpenOrder,
    PairCorrelation,
    SeenHeadline,
    SentimentReading,
)
from ztrade_core.domain.time import Timeframe, iso_z, parse_instant
from ztrade_core.errors import StoreError

_ARRAYS = ("timestamps", "opens", "highs", "lows", "closes", "volumes")


def pack_snapshot(snapshot: MarketSnapshot) -> bytes:
    """Return the snapshot as compressed bytes."""
    bars = snapshot.bars
    arrays = [getattr(bars, name) for name in _ARRAYS]
    header = snapshot.header() | {
        "bars_symbol": bars.symbol,
        "dtypes": [array.dtype.str for array in arrays],
        "length": len(bars),
    }
    text = json.dumps(header, default=_instant_text)
    return zlib.compress(b"".join([text.encode(), b"\n", *(array.tobytes() for array in arrays)]))


def unpack_snapshot(content: bytes, *, expected_hash: str) -> MarketSnapshot:
    """Return the snapshot; raise StoreError when its content does not hash to `expected_hash`."""
    try:
        text, _, body = zlib.decompress(bytes(content)).partition(b"\n")
        header = json.loads(text)
        snapshot = _snapshot(header, _series(header, body))
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"snapshot {expected_hash} cannot be read: {error}") from error
    if snapshot.content_hash() != expected_hash:
        raise StoreError(f"snapshot {expected_hash} does not match its hash: it was edited")
    return snapshot


def _snapshot(header: dict[str, Any], bars: BarSeries) -> MarketSnapshot:
    position, sentiment = header["position"], header["sentiment"]
    expected, running = header["expected_bar"], header.get("bar_in_progress")
    return MarketSnapshot(
        key=SlotKey(**{n: header[n] for n in ("account", "account_epoch", "agent_id", "slot")}),
        symbol=header["symbol"],
        as_of=parse_instant(header["as_of"]),
        bars=bars,
        bar_source=header["bar_source"],
        expected_bar=None if expected is None else parse_instant(expected),
        session_open=header["session_open"],
        session_note=header["session_note"],
        sentiment=None if sentiment is None else _reading(sentiment),
        position=None if position is None else HeldPosition(**position),
        entry_pending=header["entry_pending"],
        correlations=tuple(
            PairCorrelation(first=a, second=b, value=value, overlap=overlap)
            for a, b, value, overlap in header["correlations"]
        ),
        clock_skew_seconds=header["clock_skew_seconds"],
        config_digest=header["config_digest"],
        issues=tuple(header["issues"]),
        bar_in_progress=None if running is None else parse_instant(running),
        open_orders=tuple(_order(order) for order in header.get("open_orders", ())),
    )


def _order(kept: dict[str, Any]) -> OpenOrder:
    words = {
        "role": Role(kept["role"]),
        "side": Side(kept["side"]),
        "type": OrderType(kept["type"]),
    }
    return OpenOrder(**{**kept, **words, "created_at": parse_instant(kept["created_at"])})


def _reading(kept: dict[str, Any]) -> SentimentReading:
    groups = tuple(GroupSentiment(**group) for group in kept.get("groups", ()))
    headlines = tuple(
        SeenHeadline(**{**seen, "published_at": parse_instant(seen["published_at"])})
        for seen in kept["headlines"]
    )
    return SentimentReading(**{**kept, "groups": groups, "headlines": headlines})


def _series(header: dict[str, Any], body: bytes) -> BarSeries:
    arrays: list[NDArray[Any]] = []
    offset = 0
    for name in header["dtypes"]:
        dtype = np.dtype(name)
        arrays.append(np.frombuffer(body, dtype=dtype, count=header["length"], offset=offset))
        offset += dtype.itemsize * header["length"]
    return BarSeries(
        symbol=header["bars_symbol"],
        timeframe=Timeframe(header["timeframe"]),
        **dict(zip(_ARRAYS, arrays, strict=True)),
    )


def _instant_text(value: object) -> object:
    if isinstance(value, datetime):
        return iso_z(value)
    if isinstance(value, GroupSentiment | SeenHeadline):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    raise TypeError(f"{type(value).__name__} cannot be kept in a snapshot")
