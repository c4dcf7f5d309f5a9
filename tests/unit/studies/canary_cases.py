"""Agents with bars for the canary: TSLA in 5-minute bars over five sessions, and readings beside."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tests.fakes.desk import calendar
from tests.fakes.series import random_closes, series_of_closes
from tests.unit.risk.builders import TSLA, company
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.time import Timeframe
from ztrade_core.studies.canary import Effort
from ztrade_core.studies.canary_findings import CanaryInput, Data

BEGINS, ENDS = datetime(2022, 12, 12, tzinfo=UTC), datetime(2022, 12, 17, tzinfo=UTC)
QUICK = Effort(window_bars=10, drawn=4)
REVERTING = replace(
    TSLA,
    strategy=StrategyChoice(
        name="mean_reversion", parameters=(("period", 5), ("entry_z", 0.6), ("exit_z", 0.0))
    ),
    limits=replace(TSLA.limits, min_confidence=0.0, max_daily_trades=100),
)


def bars(seed: int = 3, trader: AgentConfig = TSLA) -> BarSeries:
    """Five sessions of a random walk."""
    opened = calendar().expected_bars(AssetClass.STOCK, Timeframe.M5, BEGINS, ENDS)
    closes = random_closes(seed, len(opened))
    volumes = [1e6] * len(opened)
    return series_of_closes(
        trader.symbol, Timeframe.M5, opened, closes, volumes=volumes, wick=0.001
    )


def cheers(series: BarSeries, seed: int = 4) -> SentimentSeries:
    """A reading every twenty bars."""
    rng = np.random.default_rng(seed)
    known_at = series.timestamps[::20].copy()
    scores = rng.uniform(-1.0, 1.0, len(known_at))
    confidences = rng.random(len(known_at))
    return SentimentSeries(known_at=known_at, scores=scores, confidences=confidences, scorer="test")


def canary_input(trader: AgentConfig = REVERTING, **more: Any) -> CanaryInput:
    """The agent over its bars with its own strategy, in the event loop alone."""
    parts: dict[str, Any] = {"mind_of": lambda _: StrategyMaker(), "data": Data(series=bars())}
    return CanaryInput(
        company=company(trader),
        agent=trader,
        calendar=calendar(),
        first=20,
        source="test",
        **{**parts, **more},
    )
