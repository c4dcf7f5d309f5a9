from datetime import timedelta

import numpy as np

from tests.unit.risk.builders import BTC, COSTS, NOON, TSLA, book, buy, open_entry, position
from ztrade_core.domain.bars import BarSeries, empty_series
from ztrade_core.domain.decisions import SlotKey
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.risk.case import fee_bps_of, market_facts
from ztrade_core.risk.projection import project


def snapshot(bars: BarSeries) -> MarketSnapshot:
    return MarketSnapshot(
        key=SlotKey(account="paper", account_epoch=1, agent_id="agent_tsla", slot="x"),
        symbol="TSLA",
        as_of=NOON + timedelta(minutes=5),
        bars=bars,
        bar_source="files",
        expected_bar=NOON,
        session_open=True,
        session_note="XNYS",
        sentiment=None,
        position=None,
        entry_pending=False,
        correlations=(),
        clock_skew_seconds=1.5,
        config_digest="",
        issues=("late",),
    )


def test_facts_are_the_snapshots() -> None:
    ones = np.ones(1)
    bars = BarSeries(
        symbol="TSLA",
        timeframe=Timeframe.M5,
        timestamps=np.array([to_micros(NOON)], dtype=np.int64),
        opens=ones,
        highs=ones,
        lows=ones,
        closes=ones,
        volumes=ones,
    )
    facts = market_facts(snapshot(bars))
    assert facts.fresh
    assert facts.last_bar == facts.expected_bar == NOON
    assert (facts.clock_skew_seconds, facts.issues) == (1.5, ("late",))


def test_no_bars_are_not_fresh() -> None:
    facts = market_facts(snapshot(empty_series("TSLA", Timeframe.M5)))
    assert not facts.fresh
    assert facts.last_bar is None


def test_crypto_pays_its_own_commission() -> None:
    assert fee_bps_of(COSTS, BTC.instrument) == 25.0
    assert fee_bps_of(COSTS, TSLA.instrument) == 0.0


def test_projection_sums_in_one_order_whatever_the_books_order() -> None:
    """0.1 + 0.2 + 0.3 differs from 0.3 + 0.2 + 0.1 in the last bit."""
    lines = [position(f"a{i}", f"S{i}", value) for i, value in enumerate((0.1, 0.2, 0.3))]
    entries = [open_entry(f"b{i}", f"T{i}", value) for i, value in enumerate((0.1, 0.7))]
    forward = project(book(*lines, open_entries=tuple(entries)), buy(0.3))
    backward = project(book(*lines[::-1], open_entries=tuple(entries[::-1])), buy(0.3))
    assert forward == backward
    assert forward.gross_exposure_usd() == backward.gross_exposure_usd()
    assert forward.symbols() == ("S0", "S1", "S2", "T0", "T1", "TSLA")
