"""How a judged month looks: in sample beside out of it, in their units. Figures by hand."""

from io import StringIO
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from tests.unit.studies.walk_forward_cases import hand_made_bars, walk_on
from ztrade_core.domain.studies import Study, Trial
from ztrade_core.studies.walk_forward import walk_month
from ztrade_core.studies.walk_forward_months import month_of
from ztrade_pipelines.cli.study_walk_view import month_document, month_parts


def december() -> tuple[Any, Study, list[Trial]]:
    """December, with what `tests/unit/studies/test_walk_forward.py` works out for it."""
    walk = walk_on(hand_made_bars())
    walked = walk_month(walk, month_of("2022-12"))
    return SimpleNamespace(backtests=walk.bench.backtests), walked.study, walked.trials


def test_a_month_shows_both_samples_rank_degradation_and_choice() -> None:
    screen = Console(width=100, file=StringIO())
    with screen.capture() as captured:
        for part in month_parts(*december(), 10):
            screen.print(part)
    lines = [" ".join(line.split()) for line in captured.get().splitlines()]
    for said in (
        "in sample 2022-11-01 to 2022-11-30, 21 bars",
        "in sample +2.00 % 3.46 0.00 % 0 +0.094 %",
        "out of sample -2.00 % -3.46 2.00 % 0 -0.096 %",
        "rank 2 of 2 out of sample; -0.190 % a day against in",
        "chosen by total_return of 2: position_usd=2000",
        "1 +2.00 % 3.46 -2.00 % -3.46 position_usd=2000",
        "2 +1.00 % 3.46 -1.00 % -3.46 position_usd=1000",
        "warning: the chosen candidate closed no trade out of sample",
    ):
        assert said in lines, said
    assert "luck" not in captured.get()


def test_a_backtest_that_is_gone_is_said_and_not_pointed_at() -> None:
    workshop, study, trials = december()
    workshop.backtests.kept.clear()
    screen = Console(width=100, file=StringIO())
    with screen.capture() as captured:
        for part in month_parts(workshop, study, trials, 10):
            screen.print(part)
    assert f"{study.run_id}, which the store does not have" in captured.get()
    assert "ztrade backtest show" not in captured.get()
    assert month_document(workshop, study, trials, 1)["backtest"] is None
