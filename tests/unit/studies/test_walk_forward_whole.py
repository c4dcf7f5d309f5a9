"""The months together."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.unit.studies.walk_forward_cases import (
    ENDS_AT,
    HOLDER,
    PLAN,
    MemoryBacktests,
    hand_made_bars,
    put,
    sessions,
    walk_on,
)
from ztrade_core.domain.studies import Study
from ztrade_core.errors import NoDataError
from ztrade_core.studies.walk_forward import walk_month
from ztrade_core.studies.walk_forward_data import Walk
from ztrade_core.studies.walk_forward_months import month_of
from ztrade_core.studies.walk_forward_picture import headline, walk_forward_picture
from ztrade_core.studies.walk_forward_whole import choice_figures, kept_months, whole_of

BLUE, GREEN, RED = (31, 95, 168), (30, 132, 73), (192, 57, 43)
BOTH = ("2022-12", "2023-01")


def judged(walk: Walk, *months: str) -> list[Study]:
    return [walk_month(walk, month_of(text)).study for text in months or BOTH]


def test_two_months_by_hand() -> None:
    """December loses 2 % with $2,000; January, fitted on December, gains 0.5 % with $1,000.

    So $10,000 become $9,800, then $9,849. December's loser is chosen anew in January, the second of two
    again. The agent's own loses 0.5 %, then gains 0.25 %. Holding buys 100 shares at $100 once: $90 at
    December's end, $105 at January's.
    """
    walk = walk_on(hand_made_bars())
    whole = whole_of(walk, judged(walk))
    found = whole.figures
    assert whole.equity[-1].portfolio_value == pytest.approx(9_849.0)
    assert [point.portfolio_value for point in whole.equity[20:22]] == pytest.approx([9_800.0] * 2)
    assert found["out_of_sample_total_return"] == pytest.approx(0.98 * 1.005 - 1)
    assert found["configured_total_return"] == pytest.approx(0.995 * 1.0025 - 1)
    assert found["buy_and_hold_total_return"] == pytest.approx(0.05)
    assert whole.held[20].portfolio_value == pytest.approx(9_000.0)
    assert found["out_of_sample_max_drawdown"] == pytest.approx(0.02)
    assert found["out_of_sample_days"] == len(whole.equity) == 21 + 20
    assert (found["months"], found["profitable_months"], found["profitable_share"]) == (2, 1, 0.5)
    assert (found["choice_changes"], found["choice_change_share"]) == (1, 1.0)
    assert (found["different_choices"], found["overfit_probability"]) == (2, 1.0)
    december = 0.98 ** (1 / 21) - 1.02 ** (1 / 21)
    january = 1.005 ** (1 / 20) - 0.99 ** (1 / 21)
    assert found["average_degradation_per_day"] == pytest.approx((december + january) / 2)


def test_order_of_judging_does_not_matter() -> None:
    walk = walk_on(hand_made_bars())
    studies = judged(walk, "2023-01", "2022-12")
    assert whole_of(walk, studies) == whole_of(walk, studies[::-1])


def test_a_hole_is_left_out_of_every_curve_and_said() -> None:
    """January is not judged: holding ends with December and buys anew at February's first open."""
    bars = hand_made_bars(ENDS_AT | {"2023-02": 102.0})
    walk = walk_on(bars, now=month_of("2023-03").begins)
    whole = whole_of(walk, judged(walk, "2022-12", "2023-02"))
    assert any("left out of every curve: 2023-01" in note for note in whole.notes)
    assert whole.held[-1].portfolio_value == pytest.approx(9_000.0 * 1.02)


def test_only_months_of_this_plan_and_configuration_are_put_together() -> None:
    """The newest of each month."""
    bars = hand_made_bars()
    walk = walk_on(bars)
    first, _ = judged(walk)
    other = replace(walk, plan=replace(PLAN, in_sample_months=2))
    judged(other, "2023-01")
    put(bars, HOLDER, sessions("2022-12")[-1:], [95.0])
    again = judged(walk, "2022-12")[0]
    assert again.study_id != first.study_id
    kept = kept_months(walk)
    assert [month.text for month in kept] == list(BOTH)
    assert kept[month_of("2022-12")].study_id == again.study_id
    assert [month.text for month in kept_months(other)] == ["2023-01"]


def test_nothing_judged_and_a_run_that_is_gone_are_said() -> None:
    walk = walk_on(hand_made_bars())
    with pytest.raises(NoDataError, match="no month of agent_tsla is judged"):
        whole_of(walk, [])
    studies = judged(walk)
    emptied = replace(walk, bench=replace(walk.bench, backtests=MemoryBacktests()))
    with pytest.raises(NoDataError, match=r"2022-12: its backtest bt-\w+ is not stored any more"):
        whole_of(emptied, studies)


@pytest.mark.parametrize("closes", [[100.0, 100.0], [104.0]])
def test_other_bars_than_those_judged_are_said(closes: list[float]) -> None:
    """January was judged without its last two sessions; then they came, or a close was corrected."""
    bars = hand_made_bars({"2022-11": 110.0, "2022-12": 90.0})
    january = sessions("2023-01")
    put(bars, HOLDER, january[:-2], [100.0] * (len(january) - 2))
    walk = walk_on(bars)
    studies = judged(walk, "2023-01")
    where = january[-2:] if len(closes) > 1 else january[5:6]
    put(bars, HOLDER, where, closes)
    with pytest.raises(NoDataError, match="2023-01: the store's bars are no longer those it was"):
        whole_of(walk, studies)


@pytest.mark.parametrize("changed", ["corrected", "added"])
def test_other_bars_than_those_fitted_on_are_said(changed: str) -> None:
    """December was fitted on a November without its last session, or with another close."""
    bars = hand_made_bars()
    november = sessions("2022-11")
    if changed == "added":
        bars = hand_made_bars({"2022-12": 90.0, "2023-01": 105.0})
        put(bars, HOLDER, november[:-1], [100.0] * 19 + [110.0])
    walk = walk_on(bars)
    studies = judged(walk)
    assert whole_of(walk, studies).studies
    put(bars, HOLDER, november[-1:] if changed == "added" else november[5:6], [104.0])
    said = r"2022-12: the store's bars are no longer those it was fitted on; `.*2022-12 --again` judges"
    with pytest.raises(NoDataError, match=said):
        whole_of(walk, studies)
    if (
        changed == "corrected"
    ):  # January was fitted on December, with November's last bar as warm-up
        assert whole_of(walk, studies[1:]).studies


def test_other_plans_over_these_months_are_counted() -> None:
    """Two others over January, none over December; the same plan again is none."""
    walk = walk_on(hand_made_bars())
    studies = judged(walk)
    judged(walk)
    assert not any("other plan" in note for note in whole_of(walk, studies).notes)
    for months, ranges in ((1, (1000.0, 3000.0)), (1, (1000.0, 4000.0))):
        plan = replace(PLAN, in_sample_months=months, ranges=(("position_usd", ranges),))
        judged(replace(walk, plan=plan), "2023-01")
    found = whole_of(walk, studies).notes
    said = (
        "2 other plans are judged on months of these too: the best of them is chosen out of sample"
    )
    assert said in found
    december = whole_of(walk, studies[:1]).notes
    assert not any("other plan" in note for note in december)


def test_a_share_of_nothing_does_not_exist() -> None:
    """One month has no change; without a rank there is no probability."""
    walk = walk_on(hand_made_bars())
    [study] = judged(walk, "2022-12")
    lone = choice_figures([replace(study, summary={**study.summary, "below_median": None})])
    assert lone["overfit_probability"] is lone["choice_change_share"] is None
    assert (lone["choice_changes"], lone["ranked_months"]) == (0, 0)


def test_the_picture_is_small_and_has_its_colours() -> None:
    """The chained curve blue, a month that gained green, one that lost red; the same bytes again."""
    walk = walk_on(hand_made_bars())
    whole = whole_of(walk, judged(walk))
    png = walk_forward_picture(whole, "agent_tsla on TSLA")
    image = Image.open(io.BytesIO(png)).convert("RGB")
    assert image.size[0] == 1000
    assert len(png) < 120_000
    pixels = np.asarray(image).reshape(-1, 3).astype(int)
    for colour, within in ((BLUE, 12), (GREEN, 80), (RED, 80)):
        assert (np.abs(pixels - np.array(colour)).max(axis=1) <= within).sum() > 20, colour
    assert walk_forward_picture(whole, "agent_tsla on TSLA") == png


def test_the_headline_dashes_what_does_not_exist() -> None:
    walk = walk_on(hand_made_bars())
    whole = whole_of(walk, judged(walk, "2022-12"))
    assert "out of sample -2.0%" in headline(whole)
    assert "choice changed -" in headline(whole)
