"""What a month's trials say, worked by hand."""

from dataclasses import replace

import pytest

from tests.unit.studies.walk_forward_cases import PLAN
from ztrade_core.domain.studies import Trial
from ztrade_core.studies.walk_forward_judging import (
    Judged,
    Rank,
    month_figures,
    notes_of,
    parameters_text,
    rank_of,
    return_per_day,
)

BY_SHARPE = replace(PLAN, rank_by="sharpe")


def trial(number: int, **metrics: float | None) -> Trial:
    return Trial(number=number, parameters=(("slow", 20.0 + number),), metrics=dict(metrics))


def scored(*values: float | None) -> list[Trial]:
    return [trial(number, sharpe=value) for number, value in enumerate(values)]


def judged(inside: dict[str, float | None], outside: dict[str, float | None]) -> Judged:
    return Judged(
        in_sample=(trial(0, **inside),),
        out_of_sample=(trial(0, **outside),),
        configured=trial(0),
        chosen=0,
    )


@pytest.mark.parametrize(
    ("values", "chosen", "place", "below"),
    [
        ((1.0, 3.0, 2.0), 1, 1, False),
        ((1.0, 3.0, 2.0), 2, 2, False),  # at the median is not below it
        ((1.0, 3.0, 2.0), 0, 3, True),
        ((1.0, 3.0, 2.0, 4.0), 2, 3, True),  # the median is 2.5
        ((1.0, 1.0, 1.0), 2, 1, False),  # equals share the better place
        ((-2.0, None, -1.0), 0, 2, True),  # the one without a figure has no place
    ],
)
def test_the_rank_of_the_chosen(
    values: tuple[float | None, ...], chosen: int, place: int, *, below: bool
) -> None:
    among = sum(value is not None for value in values)
    expected = Rank(place=place, among=among, below_median=below)
    assert rank_of(scored(*values), chosen, "sharpe") == expected


def test_a_chosen_one_without_the_figure_has_no_rank() -> None:
    expected = Rank(place=None, among=2, below_median=None)
    assert rank_of(scored(None, 1.0, 2.0), 0, "sharpe") == expected


def test_the_least_drawdown_ranks_first() -> None:
    trials = [trial(0, max_drawdown=0.3), trial(1, max_drawdown=0.1), trial(2, max_drawdown=0.2)]
    assert rank_of(trials, 1, "max_drawdown") == Rank(place=1, among=3, below_median=False)
    assert rank_of(trials, 0, "max_drawdown") == Rank(place=3, among=3, below_median=True)


def test_a_mean_return_a_day_compounds_to_the_whole() -> None:
    """21 % in two days are 10 % a day; nothing is left of -100 %, and no day has no return."""
    assert return_per_day(trial(0, total_return=0.21, days=2)) == pytest.approx(0.1)
    assert return_per_day(trial(0, total_return=-1.0, days=2)) is None
    assert return_per_day(trial(0, total_return=0.0, days=0)) is None


def test_degradation_is_out_of_sample_less_in_sample() -> None:
    """10 % a day became 5 % a day, a Sharpe ratio of 4 became 1."""
    found = month_figures(
        judged(
            {"total_return": 0.21, "days": 2, "sharpe": 4.0, "trades": 3},
            {"total_return": 0.1025, "days": 2, "sharpe": 1.0, "trades": 1},
        ),
        BY_SHARPE,
        dropped=7,
    )
    assert found["degradation_per_day"] == pytest.approx(-0.05)
    assert found["sharpe_kept"] == 0.25
    assert (found["in_sample_trades"], found["out_of_sample_trades"]) == (3, 1)
    assert (found["best"], found["dropped"], found["chosen"]) == (4.0, 7, "slow=20")
    assert notes_of(found, BY_SHARPE) == []


def test_what_does_not_exist_is_none_and_said() -> None:
    """No trade out of sample: neither a Sharpe ratio nor a rank by it."""
    flat = {"total_return": 0.0, "days": 2, "sharpe": None, "trades": 0}
    sample = {"total_return": 0.1, "days": 2, "sharpe": 2.0, "trades": 1}
    found = month_figures(judged(sample, flat), BY_SHARPE, dropped=0)
    assert found["sharpe_kept"] is found["rank"] is found["below_median"] is None
    notes = " ".join(notes_of(found, BY_SHARPE))
    for said in ("no Sharpe ratio out of sample", "no rank", "closed no trade out of sample"):
        assert said in notes


def test_no_share_is_kept_of_a_sharpe_ratio_that_was_not_above_zero() -> None:
    """-1 became +1: a ratio of -1 would read as a loss."""
    found = month_figures(
        judged(
            {"total_return": -0.1, "days": 2, "sharpe": -1.0, "trades": 1},
            {"total_return": 0.1, "days": 2, "sharpe": 1.0, "trades": 1},
        ),
        BY_SHARPE,
        dropped=0,
    )
    assert found["sharpe_kept"] is None
    assert "not above 0" in notes_of(found, BY_SHARPE)[0]


def test_parameters_read_as_written() -> None:
    assert parameters_text((("fast", 20.0), ("stop_loss_fraction", 0.015))) == (
        "fast=20, stop_loss_fraction=0.015"
    )
