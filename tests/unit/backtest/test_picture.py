"""The equity picture: it is a picture, it is small, it leaves no trace."""

import base64
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from ztrade_core.backtest.picture import (
    as_markdown_image,
    bars_from,
    equity_picture,
    headline,
    thinned,
)
from ztrade_core.domain.backtests import BacktestFill, BacktestRun, EquityPoint

START = datetime(2022, 3, 1, 14, 35, tzinfo=UTC)
BAR = timedelta(minutes=5)
MAXIMUM_BYTES = 120_000
BLUE, GREEN, RED = (31, 95, 168), (30, 132, 73), (192, 57, 43)


def _curve(count: int, seed: int, deviation: float) -> list[EquityPoint]:
    steps = np.random.default_rng(seed).normal(0.0, deviation, size=count)
    return [
        EquityPoint(
            timestamp=START + index * BAR, portfolio_value=float(value), cash_balance=5000.0
        )
        for index, value in enumerate(10_000.0 * np.cumprod(1.0 + steps))
    ]


def _fills(count: int, apart: int) -> list[BacktestFill]:
    return [
        BacktestFill(
            timestamp=START + (index * apart) * BAR,
            action="sell" if index % 2 else "buy",
            symbol="TSLA",
            quantity=10.0,
            price=300.0,
            pnl=(10.0 if index % 4 == 1 else -10.0) if index % 2 else None,
        )
        for index in range(count)
    ]


def _run(**metrics: float | str | None) -> BacktestRun:
    return BacktestRun(
        run_id="run",
        agent_id="agent_tsla",
        start=START,
        end=START + timedelta(days=60),
        metrics=metrics,
        config={},
        status="finished",
        created_at=START,
    )


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_a_busy_year_of_five_minute_bars_fits_into_metadata() -> None:
    """18,000 bars of two noisy curves and 400 fills stay below 120 kB, at 1000 x 600."""
    equity, held = _curve(18_000, 1, 0.0005), _curve(18_000, 2, 0.002)
    png = equity_picture(_run(capital_usd=10_000.0), equity, held, _fills(400, 40))
    assert len(png) < MAXIMUM_BYTES
    assert _opened(png).size == (1000, 600)


def test_curves_and_fills_are_drawn_in_their_colours() -> None:
    """Agent and buys blue, gains green, losses and drawdown red."""
    equity = _curve(500, 1, 0.001)
    image = _opened(equity_picture(_run(), equity, _curve(500, 2, 0.001), _fills(20, 25)))
    pixels = np.asarray(image).reshape(-1, 3).astype(int)
    for colour in (BLUE, GREEN, RED):
        distance = np.abs(pixels - np.array(colour)).max(axis=1)
        assert (distance <= 12).sum() > 20, colour


def test_an_empty_run_is_still_a_picture() -> None:
    """A run over no bars says so instead of failing."""
    assert _opened(equity_picture(_run(), [], [], [])).size == (1000, 600)


def test_one_bar_is_enough() -> None:
    """Nor does a single mark trip it, warnings included."""
    equity_picture(_run(capital_usd=10_000.0), _curve(1, 1, 0.0), _curve(1, 2, 0.0), _fills(1, 1))


def test_the_same_run_gives_the_same_bytes() -> None:
    """A re-materialization shows no difference where there is none."""
    equity = _curve(300, 1, 0.001)
    assert equity_picture(_run(), equity, [], []) == equity_picture(_run(), equity, [], [])


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    """Somebody else's settings neither show in the picture nor are changed by it."""
    equity = _curve(300, 1, 0.001)
    plain = equity_picture(_run(), equity, [], [])
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30.0}):
        before = dict(mpl.rcParams)
        assert equity_picture(_run(), equity, [], []) == plain
        assert dict(mpl.rcParams) == before


def test_a_picture_becomes_markdown_with_its_own_bytes() -> None:
    """What Dagster's page renders."""
    text = as_markdown_image(b"\x89PNG", "equity of agent_tsla")
    match = re.fullmatch(r"!\[equity of agent_tsla\]\(data:image/png;base64,([^)]+)\)", text)
    assert match is not None
    assert base64.b64decode(match[1]) == b"\x89PNG"


def test_the_headline_names_the_figures_and_dashes_what_is_missing() -> None:
    """Null is a dash, never a zero."""
    line = headline(
        {
            "total_return": 0.0389,
            "buy_and_hold_total_return": -0.637,
            "sharpe": 0.367,
            "max_drawdown": 0.0867,
            "trades": 45,
            "win_rate": None,
        }
    )
    assert line.split("   |   ") == [
        "return +3.9%",
        "buy and hold -63.7%",
        "Sharpe 0.37",
        "max drawdown 8.7%",
        "trades 45",
        "win rate -",
    ]


@pytest.mark.parametrize("count", [0, 1, 20, 21, 1000])
def test_thinning_keeps_ends_and_extremes(count: int) -> None:
    """At most two marks a stretch and the ends, ascending; the lowest and the highest among them."""
    values = np.random.default_rng(count).normal(size=count)
    kept = thinned(values, columns=10)
    assert len(kept) <= min(count, 22)
    assert list(kept) == sorted(set(kept.tolist()))
    if count:
        assert (kept[0], kept[-1]) == (0, count - 1)
        assert values[kept].min() == values.min()
        assert values[kept].max() == values.max()


def test_a_run_on_invented_bars_says_so_in_its_picture() -> None:
    silent = _run()
    invented = replace(silent, config={"data": {"source": "synthetic:v1:7"}})
    recorded = replace(silent, config={"data": {"source": "file:TSLA_5m_2022.csv"}})
    assert [bars_from(run) for run in (silent, invented, recorded)] == [
        "",
        "synthetic:v1:7",
        "file:TSLA_5m_2022.csv",
    ]
    curve = _curve(50, seed=1, deviation=0.01)
    pictures = [equity_picture(run, curve, [], []) for run in (silent, invented, recorded)]
    assert pictures[1] != pictures[0]
    assert pictures[2] == pictures[0]
