"""No look into the future: what is fitted for a month does not depend on a bar known after it began."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.kernels import kernel_folder
from tests.fakes.series import random_closes
from tests.unit.risk.builders import agent
from tests.unit.studies.walk_forward_cases import HOLDER, PLAN, put, sessions, walk_on
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.studies import StudyPlan
from ztrade_core.domain.time import Timeframe
from ztrade_core.studies.walk_forward import WalkedMonth, walk_month
from ztrade_core.studies.walk_forward_months import month_of

DECEMBER = month_of("2022-12")
NERVOUS = StrategyChoice(
    name="mean_reversion", parameters=(("period", 3), ("entry_z", 0.3), ("exit_z", 0.0))
)
SEARCHED = replace(
    PLAN,
    ranges=(("entry_z", (0.3, 0.8)), ("period", (2.0, 3.0))),
    rank_by="total_return",
)
STOCK = replace(HOLDER, strategy=NERVOUS, limits=replace(HOLDER.limits, min_confidence=0.0))
COIN = replace(
    agent("agent_btc", "BTC/USD"), timeframe=Timeframe.D1, strategy=NERVOUS, limits=STOCK.limits
)
SEEDS = st.integers(0, 2**32 - 1)


def walked(trader: AgentConfig, bars: MemoryBarStore, plan: StudyPlan = SEARCHED) -> WalkedMonth:
    plan = replace(plan, agent_id=trader.agent_id)
    return walk_month(walk_on(bars, trader=trader, plan=plan, kernels=kernel_folder()), DECEMBER)


def market(trader: AgentConfig, seed: int) -> MemoryBarStore:
    bars = MemoryBarStore()
    opened = sessions("2022-11", trader.instrument.asset_class)
    opened += sessions("2022-12", trader.instrument.asset_class)
    put(bars, trader, opened, random_closes(seed, len(opened)))
    return bars


def fitted(month: WalkedMonth) -> tuple[object, object, list[object]]:
    """Everything that was settled before the month: the choice and every trial in sample."""
    inside = [
        {name: value for name, value in trial.metrics.items() if not name.startswith("out_of")}
        for trial in month.trials
    ]
    return month.study.config["chosen"], month.study.config["in_sample"], list(inside)


@given(seed=SEEDS, future=SEEDS, start=st.floats(20.0, 500.0))
def test_bars_from_the_month_on_change_nothing_that_is_fitted(
    seed: int, future: int, start: float
) -> None:
    bars = market(STOCK, seed)
    before = walked(STOCK, bars)
    opened = sessions("2022-12") + sessions("2023-01")
    put(bars, STOCK, opened, random_closes(future, len(opened), start))
    assert fitted(walked(STOCK, bars)) == fitted(before)


@given(seed=SEEDS, close=st.floats(20.0, 500.0))
def test_a_bar_that_spans_the_month_s_begin_is_not_fitted_on(seed: int, close: float) -> None:
    """A coin's day opens at 00:00 UTC, five hours before New York's month, and ends within it."""
    bars = market(COIN, seed)
    spanning = datetime(2022, 12, 1, tzinfo=UTC)
    assert spanning < DECEMBER.begins
    put(bars, COIN, [spanning], [100.0])
    before = walked(COIN, bars)
    put(bars, COIN, [spanning], [close])
    assert fitted(walked(COIN, bars)) == fitted(before)
    assert sessions("2022-12", AssetClass.CRYPTO)[0] > DECEMBER.begins


@given(seed=SEEDS)
def test_the_choice_does_depend_on_the_bars_before(seed: int) -> None:
    """The test above can fail: with other bars in sample, other figures are fitted."""
    bars = market(STOCK, seed)
    before = walked(STOCK, bars)
    put(bars, STOCK, sessions("2022-11"), random_closes(seed + 1, len(sessions("2022-11"))))
    assert fitted(walked(STOCK, bars)) != fitted(before)
