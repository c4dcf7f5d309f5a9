"""A study of sensitivity in the terminal: the best run stands out, differences have their sign."""

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from ztrade_core.domain.studies import Figures, Study, StudyKind, Trial
from ztrade_pipelines.cli.study_sensitivity import sensitivity_document, sensitivity_parts

DAY = datetime(2022, 12, 28, 5, tzinfo=UTC)


def study(kind: StudyKind, labels: list[str]) -> Study:
    return Study(
        study_id="co-1",
        kind=kind,
        agent_id="agent_tsla",
        part="",
        start=DAY,
        end=DAY.replace(day=29),
        config={"variants": labels, "notes": ["mind the gap"]},
        summary={
            "break_even": "at 3.33 x the configured costs",
            "profit_without_costs_usd": 10.0,
            "lost_to_costs_usd": 3.002,
            "lost_share": 0.3002,
            "added_return": 0.02,
            "kept_share_1_bar_late": -0.25,
            "kept_share_1_day_late": None,
        },
        run_id="",
        created_at=DAY,
    )


def trials(*rows: Figures) -> list[Trial]:
    return [Trial(number=n, parameters=(), metrics=row) for n, row in enumerate(rows)]


def text_of(kind: StudyKind, labels: list[str], *rows: Figures) -> str:
    screen = Console(width=120, record=True, file=StringIO())
    for part in sensitivity_parts(study(kind, labels), trials(*rows)):
        screen.print(part)
    return screen.export_text()


def line(text: str, label: str) -> str:
    (found,) = [each for each in text.splitlines() if each.startswith(f"{label} ")]
    return found


def test_the_best_run_stands_out_and_absent_figures_are_dashes() -> None:
    text = text_of(
        StudyKind.COSTS,
        ["0 x", "1 x"],
        {"total_return": 0.01, "profit_usd": 100.0, "lost_share": 0.0, "sharpe": None},
        {"total_return": 0.004, "profit_usd": 40.0, "lost_share": 0.6, "sharpe": 1.0},
    )
    assert "*+1.00 %" in line(text, "0 x")
    assert "+$100.00" in line(text, "0 x")
    assert "60.00 %" in line(text, "1 x")
    assert "*+0.40 %" not in text
    assert "warning: mind the gap" in text
    assert "at 3.33 x the configured costs" in line(text, "break-even")
    assert "$3.00, 30.02 % of that" in line(text, "costs take")


def test_a_loss_free_of_costs_is_a_loss() -> None:
    lost = replace(
        study(StudyKind.COSTS, ["0 x"]),
        summary={"profit_without_costs_usd": -339.31, "lost_to_costs_usd": 3.0},
    )
    screen = Console(width=120, record=True, file=StringIO())
    screen.print(sensitivity_parts(lost, trials({"total_return": -0.03}))[0])
    text = screen.export_text()
    assert line(text, "free of costs").rstrip().endswith("$339.31 would be lost")
    earned = text_of(StudyKind.COSTS, ["0 x"], {"total_return": 0.01})
    assert line(earned, "free of costs").rstrip().endswith("$10.00 would be made")


def test_differences_are_to_the_run_without() -> None:
    rows: list[Figures] = [
        {"total_return": 0.03, "sharpe": 1.5, "trades": 9},
        {"total_return": 0.01, "sharpe": 1.0, "trades": 12},
        {"total_return": 0.005, "sharpe": None, "trades": 12},
    ]
    labels = ["with", "without", "1 bar late"]
    text = text_of(StudyKind.SENTIMENT, labels, *rows)
    assert "keeps -25.00 % of that" in text.split("With, without")[0]
    assert "1 day late" not in text
    below = text.split("Less the run without")[1]
    assert line(below, "with").split()[1:3] == ["+2.00", "%"]
    assert "+0.50" in line(below, "with")
    assert "-3" in line(below, "with")
    assert "-0.50 %" in line(below, "1 bar late")
    assert "without " not in below.replace("the run without", "")
    document = sensitivity_document(study(StudyKind.SENTIMENT, labels), trials(*rows))
    (with_it, *_) = document["runs"]  # type: ignore[misc]
    assert with_it["difference"]["trades"] == -3.0
