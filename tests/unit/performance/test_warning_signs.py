"""Signs of a result that is too good, too busy, too small, or on the edge of what was tried."""

from datetime import UTC, datetime, timedelta

from ztrade_core.performance.trades import RoundTrip
from ztrade_core.performance.warning_signs import (
    most_trades_within,
    parameters_on_edge,
    warning_signs,
)

START = datetime(2024, 1, 1, tzinfo=UTC)


def trades(*results: float, apart: timedelta = timedelta(days=1)) -> list[RoundTrip]:
    return [
        RoundTrip(
            symbol="TSLA",
            opened_at=START + number * apart,
            closed_at=START + number * apart + timedelta(minutes=5),
            quantity=1.0,
            entry_price=100.0,
            exit_price=100.0 + result,
            pnl_usd=result,
        )
        for number, result in enumerate(results)
    ]


def test_exactly_95_of_100_wins_is_allowed_and_96_is_not() -> None:
    assert warning_signs(trades(*[1.0] * 95, *[-1.0] * 5)) == []
    (sign,) = warning_signs(trades(*[1.0] * 96, *[-1.0] * 4))
    assert sign.startswith("closed trades won: 96 of 100, more than 95 %")


def test_exactly_500_trades_in_60_days_are_allowed_and_501_are_not() -> None:
    results = [1.0, -1.0] * 250
    assert warning_signs(trades(*results, apart=timedelta(hours=2))) == []
    (sign,) = warning_signs(trades(*results, 1.0, apart=timedelta(hours=2)))
    assert sign.startswith("501 trades closed within 60 days from 2024-01-01, more than 500")


def test_a_busy_stretch_is_found_wherever_it_lies() -> None:
    """501 trades over 20,000 days are none; a day of 600 in the midst of them is."""
    sparse = trades(*[1.0, -1.0] * 300, apart=timedelta(days=33))
    assert warning_signs(sparse) == []
    dense = trades(*[1.0, -1.0] * 300, apart=timedelta(minutes=2))
    (sign,) = warning_signs([*sparse, *dense])
    assert "602 trades closed" in sign  # two of the sparse ones fall into the 60 days


def test_the_window_is_half_open() -> None:
    """A trade 60 days after another is not within 60 days of it."""
    assert most_trades_within(trades(1.0, 1.0, apart=timedelta(days=60)), 60)[0] == 1
    assert most_trades_within(trades(1.0, 1.0, apart=timedelta(days=59)), 60)[0] == 2
    assert most_trades_within([], 60) == (0, None)


def test_few_trades_say_little_and_none_say_nothing() -> None:
    assert warning_signs([]) == []
    (sign,) = warning_signs(trades(*[1.0, -1.0] * 14, 1.0))
    assert sign.startswith("closed trades: 29, fewer than 30")
    assert warning_signs(trades(*[1.0, -1.0] * 15)) == []


def test_a_parameter_on_either_end_of_its_grid_is_named() -> None:
    grid = {"fast": [5, 10, 20], "slow": [50, 100], "period": [3, 4, 5], "kind": ["a", "b"]}
    chosen = {"fast": 5, "slow": 100.0, "period": 4, "kind": "a"}
    assert parameters_on_edge(grid, chosen) == [("fast", 5, "lowest"), ("slow", 100.0, "highest")]
    signs = warning_signs([], grid=grid, chosen=chosen)
    assert [sign.split(":")[0] for sign in signs] == [
        "fast = 5 is the lowest value that was tried",
        "slow = 100.0 is the highest value that was tried",
    ]


def test_what_was_not_varied_or_not_chosen_has_no_edge() -> None:
    assert (
        parameters_on_edge({"fast": [5], "slow": [], "same": [3, 3]}, {"fast": 5, "same": 3}) == []
    )
    assert parameters_on_edge({"fast": [5, 10]}, {}) == []


def test_a_value_outside_the_grid_counts_as_its_nearer_end() -> None:
    assert parameters_on_edge({"fast": [5, 10]}, {"fast": 50}) == [("fast", 50, "highest")]
