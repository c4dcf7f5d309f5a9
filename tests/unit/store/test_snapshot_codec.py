"""Frozen moments with sentiment: whole ones come back, those of before read as they were."""

import base64
import zlib
from dataclasses import replace

import pytest

from tests.fakes.scored_stories import NOON
from ztrade_core.domain.orders import OrderType, Role, Side
from ztrade_core.domain.snapshots import (
    GroupSentiment,
    OpenOrder,
    SeenHeadline,
    SentimentReading,
)
from ztrade_core.errors import StoreError
from ztrade_core.store.snapshot_codec import pack_snapshot, unpack_snapshot

# Packed by the code of before there were groups, agreement and whole headlines.
OLD = base64.b64decode(
    "eJx9UktqwzAQzaabniJ43QTHYBpCFum+u4bSL0KRxo6ILAmN3DaEnKFH6FV6mB6gR6hGjkOhJcYwnjdv3huNtcu4ELY1IZsN"
    "M8cd+Oxi2GMMnBXrWJkQVkNElCRi9x1Qc2Kjtqm9yItiNClGxXQ5KWd5Ht+HVN82K6uJsby5viIkqAYqzxsgsGySJTJb/aNS"
    "9ior7hna1ovUVCkNSDC8ORABJIv1k0MAorKGWQcm8oJv4RdqbEiyxBTaig3DDbwyBGGNxFjJxzmVrKlUzaSqAdOR+UqkIUzw"
    "WxaVpTJ1xCuukeQVYgvU/vgcM2dRhegWc9NqnewNrSJtf5ehsB6SV9l7STCigy4JSwzfn3/mgZMhjgW+0BjrmGtlDo77JOI9"
    "aE6uxzHiopD9/ScybF3Xmc3VlJB5dTqQmAZTh3RF9ueDp9uPr++zQffcL1JYHOLnXReHPf6++AGHl7X/"
)
OLD_HASH = "5a5e7486de8920618f810e21c1998499405eacf4a311444afa32817897abb622"
READING = SentimentReading(
    score=0.1 + 0.2,
    confidence=0.75,
    scorer="lexicon@1",
    agreement=1 / 3,
    groups=(
        GroupSentiment(group="news", score=0.5, confidence=0.6, weight=8 / 13, stories=2),
        GroupSentiment(group="reddit", score=-0.5, confidence=0.6, weight=5 / 13, stories=1),
    ),
    headlines=(
        SeenHeadline(
            news_id="0" * 32,
            published_at=NOON,
            source="alpaca:benzinga",
            headline="Tesla's \u201cbig\u201d day \U0001f680",
            score=0.5,
            confidence=0.6,
        ),
    ),
)


def test_a_moment_of_before_reads_and_hashes_as_it_did() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    assert old.sentiment == SentimentReading(score=0.5, confidence=0.75, scorer="file:readings.csv")
    assert old.content_hash() == OLD_HASH


@pytest.mark.parametrize("agreement", [None, 1 / 3])
def test_a_whole_reading_comes_back_as_it_was(agreement: float | None) -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    new = replace(old, sentiment=replace(READING, agreement=agreement))
    again = unpack_snapshot(pack_snapshot(new), expected_hash=new.content_hash())
    assert again.sentiment == new.sentiment
    assert again.content_hash() == new.content_hash() != OLD_HASH


def test_another_headline_is_another_moment() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    new = replace(old, sentiment=READING)
    [seen] = READING.headlines
    edited = replace(READING, headlines=(replace(seen, headline="Something else"),))
    other = pack_snapshot(replace(old, sentiment=edited))
    with pytest.raises(StoreError, match="it was edited"):
        unpack_snapshot(other, expected_hash=new.content_hash())


def test_a_moment_within_a_bar_keeps_the_bar_that_runs() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    within = replace(old, bar_in_progress=NOON)

    back = unpack_snapshot(pack_snapshot(within), expected_hash=within.content_hash())

    assert (back.bar_in_progress, back.decided_bar) == (NOON, NOON)
    assert within.content_hash() != OLD_HASH


STOP = OpenOrder(
    role=Role.STOP,
    side=Side.SELL,
    type=OrderType.STOP,
    quantity=0.1 + 0.2,
    filled_quantity=0.0,
    limit_price=None,
    stop_price=109.03,
    target_price=119.15,
    created_at=NOON,
)


def test_open_orders_come_back_as_they_were_and_are_hashed() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    two = replace(old, open_orders=(STOP, replace(STOP, role=Role.EXIT, type=OrderType.MARKET)))

    back = unpack_snapshot(pack_snapshot(two), expected_hash=two.content_hash())

    assert back.open_orders == two.open_orders
    assert (type(back.open_orders[0].role), type(back.open_orders[0].type)) == (Role, OrderType)
    one = replace(two, open_orders=(STOP,))
    assert len({each.content_hash() for each in (old, one, two)}) == 3
    with pytest.raises(StoreError, match="it was edited"):
        unpack_snapshot(pack_snapshot(one), expected_hash=two.content_hash())


def test_a_moment_without_open_orders_is_what_it_was_before_there_were_any() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    assert old.open_orders == ()
    assert "open_orders" not in old.header()
    assert zlib.decompress(pack_snapshot(old)) == zlib.decompress(OLD)


def test_an_open_order_that_cannot_be_read_is_said() -> None:
    old = unpack_snapshot(OLD, expected_hash=OLD_HASH)
    one = replace(old, open_orders=(STOP,))
    packed = zlib.decompress(pack_snapshot(one)).replace(b'"role": "stop"', b'"role": "halt"')
    with pytest.raises(StoreError, match="cannot be read"):
        unpack_snapshot(zlib.compress(packed), expected_hash=one.content_hash())
