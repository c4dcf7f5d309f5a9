"""Which parameters decided a figure."""

from itertools import product

import pytest

from ztrade_core.domain.studies import Trial
from ztrade_core.studies.telling import shares, surface

TRIALS = [
    Trial(number=n, parameters=(("a", a), ("b", b)), metrics={"sharpe": 3.0 * a + b})
    for n, (a, b) in enumerate(product((1.0, 2.0), (1.0, 2.0)))
]


def test_a_share_is_the_variance_that_a_parameters_means_account_for() -> None:
    """Figures 4, 5, 7, 8: mean 6, variance sum 10; by `a` 4.5 and 7.5: 9; by `b` 5.5, 6.5: 1."""
    assert shares(TRIALS, "sharpe") == pytest.approx({"a": 0.9, "b": 0.1})
    assert list(shares(TRIALS, "sharpe")) == ["a", "b"]


def test_nothing_is_said_without_two_different_figures() -> None:
    assert shares(TRIALS[:1], "sharpe") == {}
    assert shares([TRIALS[0], TRIALS[0]], "sharpe") == {}
    assert shares(TRIALS, "calmar") == {}


def test_a_surface_has_the_mean_of_each_pair_and_a_hole_where_none_was_tried() -> None:
    twice = Trial(number=4, parameters=TRIALS[0].parameters, metrics={"sharpe": 6.0})
    found = surface([*TRIALS[:3], twice], "sharpe", ("a", "b"))
    assert (found.columns, found.rows) == ((1.0, 2.0), (1.0, 2.0))
    assert found.means == ((5.0, 7.0), (5.0, None))
