"""What holds of Sharpe ratios under luck, whatever the returns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.performance.ratios import sharpe
from ztrade_core.performance.significance import (
    deflated_sharpe,
    expected_maximum_sharpe,
    kurtosis,
    minimum_track_record_days,
    probabilistic_sharpe,
    probability_of_skill,
    skewness,
)

returns_of = st.lists(
    st.integers(-1000, 1000).map(lambda ticks: ticks / 10_000), min_size=3, max_size=60
)
ratios = st.floats(-0.5, 0.5)
days_of = st.integers(2, 3000)
trials_of = st.integers(1, 10**9)
deviations = st.floats(0.0, 2.0)


@given(returns=returns_of)
def test_a_probability_is_between_0_and_1_and_a_mirrored_record_has_the_rest(
    returns: list[float],
) -> None:
    """Losses for gains: ratio and skewness change sign together, so the error stays."""
    found = probability_of_skill(returns)
    mirrored = probability_of_skill([-value for value in returns])
    if found is None or mirrored is None:
        assert found is mirrored is None
        return
    assert 0.0 <= found <= 1.0
    assert found + mirrored == pytest.approx(1.0, abs=1e-9)


@given(returns=returns_of, factor=st.floats(0.01, 100.0))
def test_leverage_changes_no_probability(returns: list[float], factor: float) -> None:
    found = probability_of_skill(returns)
    if found is not None:
        scaled = probability_of_skill([value * factor for value in returns])
        assert scaled == pytest.approx(found, rel=1e-6, abs=1e-9)


@given(returns=returns_of)
def test_kurtosis_is_at_least_one_and_the_square_of_the_skewness(returns: list[float]) -> None:
    """Pearson's inequality."""
    skew, kurt = skewness(returns), kurtosis(returns)
    if skew is not None and kurt is not None:
        assert kurt >= skew * skew + 1.0 - 1e-9


@given(ratio=ratios, days=days_of, trials=trials_of, more=trials_of, deviation=deviations)
def test_more_trials_never_make_a_result_more_believable(
    ratio: float, days: int, trials: int, more: int, deviation: float
) -> None:
    few, many = sorted((trials, more))
    believed = deflated_sharpe(ratio, days, trials=few, deviation=deviation)
    doubted = deflated_sharpe(ratio, days, trials=many, deviation=deviation)
    plain = probabilistic_sharpe(ratio, days)
    assert believed is not None
    assert doubted is not None
    assert plain is not None
    assert doubted <= believed <= plain
    assert expected_maximum_sharpe(many, deviation) >= expected_maximum_sharpe(few, deviation) >= 0


@given(ratio=st.floats(0.01, 0.5), days=days_of, more=days_of)
def test_a_longer_record_says_more_for_a_ratio_above_the_benchmark(
    ratio: float, days: int, more: int
) -> None:
    short, long = sorted((days, more))
    first, second = probabilistic_sharpe(ratio, short), probabilistic_sharpe(ratio, long)
    assert first is not None
    assert second is not None
    assert first <= second


@given(returns=returns_of)
def test_at_the_needed_length_the_probability_is_the_confidence(returns: list[float]) -> None:
    """One day more reaches 95 %, one day less does not."""
    ratio, skew, kurt = sharpe(returns, 1), skewness(returns), kurtosis(returns)
    if ratio is None or skew is None or kurt is None or ratio <= 0.001:
        return
    needed = minimum_track_record_days(ratio, skew=skew, kurt=kurt)
    if needed is None or needed < 3:
        return
    enough = probabilistic_sharpe(ratio, int(needed) + 1, skew=skew, kurt=kurt)
    short = probabilistic_sharpe(ratio, int(needed) - 1, skew=skew, kurt=kurt)
    assert enough is not None
    assert short is not None
    assert short < 0.95 <= enough + 1e-12
