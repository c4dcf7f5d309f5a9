"""Cost sensitivity, by hand: buy-and-hold pays 10 bps of commission and 20 bps of slippage once."""

from dataclasses import replace

import pytest

from tests.fakes.study_store import MemoryStudyStore
from tests.unit.backtest.builders import OPEN_LIMITS, bars_of, wide_open
from tests.unit.risk.builders import COSTS, agent
from tests.unit.studies.builders import ASKED, bench_of
from ztrade_core.backtest.runs import Bench, run_and_store
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs
from ztrade_core.domain.studies import StudyKind
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.studies.costs import MULTIPLES, break_even, multiple_of, study_costs, with_costs

# Ten shares at the limit of $102 (the close and a collar of 200 bps); eleven would be over $1,050.
HOLDER = agent(**{**OPEN_LIMITS, "position_usd": 1_050.0})
DEAR = replace(COSTS, stock_commission_bps=10.0, slippage_bps=20.0, collar_bps=200.0)
RISING = [(100.0, 100.5, 99.5, 100.0), (100.0, 101.0, 99.5, 100.5), (100.5, 101.5, 100.0, 101.0)]
# Bought at 100 + 0.2 a multiple, marked at 101; commission is a thousandth of the price, times it.
PROFITS = {
    multiple: 10 * (101 - (100 + 0.2 * multiple)) - 0.001 * multiple * 10 * (100 + 0.2 * multiple)
    for multiple in MULTIPLES
}


def bench(
    backtests: BacktestStore, costs: Costs = DEAR, rows: list[tuple[float, ...]] = RISING
) -> Bench:
    house = replace(wide_open(costs=costs, max_price_gap_bps=None), agents=(HOLDER,))
    return bench_of(house, bars(rows), backtests)


def bars(rows: list[tuple[float, ...]]) -> BarSeries:
    return bars_of(rows, trader=HOLDER)


def test_each_multiple_earns_what_is_left_by_hand(backtests: BacktestStore) -> None:
    found = study_costs(bench(backtests), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    assert [round(profit, 4) for profit in PROFITS.values()] == [
        *(10.0, 8.4995, 6.998, 5.4955, 3.992, 0.982, -5.05)
    ]
    assert [multiple_of(trial) for trial in found.trials] == list(MULTIPLES)
    assert [trial.metrics["profit_usd"] for trial in found.trials] == [
        pytest.approx(profit) for profit in PROFITS.values()
    ]
    assert [trial.metrics["commission_usd"] for trial in found.trials][:3] == [
        pytest.approx(fee) for fee in (0.0, 0.5005, 1.002)
    ]


def test_the_break_even_lies_between_three_and_five(backtests: BacktestStore) -> None:
    """0.982 is left at 3 x, 5.05 lost at 5 x: 3 + 2 * 0.982 / 6.032."""
    found = study_costs(bench(backtests), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    summary = found.study.summary
    assert summary["break_even_multiple"] == pytest.approx(3.3255968, abs=1e-7)
    assert summary["break_even"] == "at 3.33 x the configured costs"
    assert summary["profit_without_costs_usd"] == pytest.approx(10.0)
    assert summary["lost_to_costs_usd"] == pytest.approx(3.002)
    assert summary["lost_share"] == pytest.approx(0.3002)


@pytest.mark.parametrize(
    ("last", "text"),
    [(105.0, "above 5 x: it still earns there"), (99.0, "below 0 x: it earns nothing even")],
)
def test_without_a_break_even_it_says_on_which_side(
    backtests: BacktestStore, last: float, text: str
) -> None:
    rows = [*RISING[:2], (100.5, max(100.5, last), min(100.5, last), last)]
    found = study_costs(bench(backtests, rows=rows), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    assert found.study.summary["break_even_multiple"] is None
    assert str(found.study.summary["break_even"]).startswith(text)
    assert (found.study.summary["lost_share"] is None) == (last < 100.0)


def test_who_never_trades_has_no_break_even(backtests: BacktestStore) -> None:
    dry = [(*row, 0.0) for row in RISING]
    found = study_costs(bench(backtests, rows=dry), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    assert found.study.summary["break_even"] == "none: it never traded"


@pytest.mark.parametrize(
    ("returns", "multiple"),
    [
        ((0.4, 0.2, 0.0), 2.0),
        ((0.3, 0.1, -0.1), 1.5),
        ((0.3, -0.1, 0.2), 0.75),
        ((0.0, -0.1, -0.2), None),
        ((-0.1, 0.1, 0.2), None),
    ],
)
def test_the_break_even_is_where_a_gain_is_first_used_up(
    returns: tuple[float, ...], multiple: float | None
) -> None:
    found = break_even((0.0, 1.0, 2.0), returns)
    assert found == (None if multiple is None else pytest.approx(multiple))


def test_the_configured_costs_give_the_figures_of_a_stored_run(backtests: BacktestStore) -> None:
    given = bench(backtests)
    found = study_costs(given, MemoryStudyStore(), HOLDER.agent_id, ASKED)
    stored = run_and_store(given, HOLDER.agent_id, *ASKED).run.metrics
    trial = found.trials[MULTIPLES.index(1.0)]
    assert {name: trial.metrics[name] for name in stored} == stored


def test_commissions_and_slippage_are_multiplied_and_nothing_else() -> None:
    house = wide_open(costs=DEAR)
    found = with_costs(house, 3.0)
    assert found.broker.costs == replace(
        DEAR, stock_commission_bps=30.0, crypto_commission_bps=75.0, slippage_bps=60.0
    )
    assert replace(found, broker=house.broker) == house


def test_a_study_is_kept_once_however_often_it_is_made(backtests: BacktestStore) -> None:
    kept = MemoryStudyStore()
    found = [study_costs(bench(backtests), kept, HOLDER.agent_id, ASKED) for _ in range(2)]
    (study,) = kept.studies(HOLDER.agent_id, StudyKind.COSTS)
    assert study == found[0].study == found[1].study
    assert kept.trials(study.study_id) == found[0].trials
    assert study.config["variants"] == ["0 x", "0.5 x", "1 x", "1.5 x", "2 x", "3 x", "5 x"]


def test_it_says_when_slippage_reaches_the_collar(backtests: BacktestStore) -> None:
    tight = replace(DEAR, collar_bps=60.0)
    found = study_costs(bench(backtests, tight), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    assert found.notes[0].startswith("from 3 x on an entry's slippage reaches its limit")
    loose = study_costs(bench(backtests), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    assert loose.notes == ()


def test_nothing_to_multiply_bad_agents_and_ranges_are_refused(backtests: BacktestStore) -> None:
    free = replace(DEAR, stock_commission_bps=0.0, slippage_bps=0.0)
    with pytest.raises(InputError, match="stock_commission_bps and slippage_bps are 0"):
        study_costs(bench(backtests, free), MemoryStudyStore(), HOLDER.agent_id, ASKED)
    with pytest.raises(InputError, match="no agent 'agent_x'"):
        study_costs(bench(backtests), MemoryStudyStore(), "agent_x", ASKED)
    with pytest.raises(InputError, match="is not before end"):
        study_costs(bench(backtests), MemoryStudyStore(), HOLDER.agent_id, ASKED[::-1])
    with pytest.raises(NoDataError, match="no bars of TSLA"):
        study_costs(
            bench(backtests), MemoryStudyStore(), HOLDER.agent_id, ("2022-12-20", "2022-12-21")
        )
