"""A model-driven run split at its training cutoff: up to it the model may know how the market went.

Figures of the clean stretch begin with the equity of the last mark before it.
"""

import math
from collections.abc import Sequence
from datetime import datetime

from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.performance.metrics import curve_figures
from ztrade_core.performance.trades import Figures

CLEAN = "clean/"
CLEAN_FIGURES = ("total_return", "cagr", "volatility", "sharpe", "sortino", "max_drawdown")


def split_figures(
    equity: Sequence[EquityPoint],
    clean_from: datetime | None,
    *,
    capital_usd: float,
    asset_class: AssetClass,
) -> Figures:
    """Return how many bars a model may have known, and the figures of the others (null without any).

    `clean_from` None: the cutoff is not known, and every bar is contaminated.
    """
    clean = [point for point in equity if clean_from is not None and point.timestamp > clean_from]
    contaminated = len(equity) - len(clean)
    before = equity[contaminated - 1].portfolio_value if contaminated else capital_usd
    figures = _figures(clean, before, asset_class)
    return {
        "contaminated_bars": contaminated,
        "clean_bars": len(clean),
        **{CLEAN + name: figures.get(name) for name in CLEAN_FIGURES},
    }


def _figures(points: Sequence[EquityPoint], capital_usd: float, asset_class: AssetClass) -> Figures:
    if not points or not capital_usd > 0.0:
        return {}
    figures = curve_figures(points, capital_usd, asset_class)
    return {
        name: value if value is None or math.isfinite(value) else None
        for name, value in figures.items()
    }
