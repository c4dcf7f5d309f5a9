"""How an agent's shadows look in the terminal: what each answered, as its run told the page."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.plain_text import visible_line
from ztrade_pipelines import ui
from ztrade_pipelines.cli.launching import Launched
from ztrade_pipelines.cli.output import rows, table

COLUMNS = ("shadow", "sample", "action", "confidence", "USD", "seconds", "answer", "outcome")
MOST_REASON = 60
_NUMBERS = ("sample", "confidence", "USD", "seconds")


def shadow_parts(launched: Launched, agent_id: str) -> list[RenderableType]:
    """Return the shadows' answers of a run as a table; nothing where none was asked."""
    found = _rows(launched, agent_id)
    if not found:
        return []
    made = table(
        "Shadows",
        "=shadow",
        "=action",
        ">sure",
        ">USD",
        ">seconds",
        "=rules",
        "=agrees",
        "~reason",
        caption="they trade nothing; rules: what the rules would have said of it",
    )
    return [rows(made, [_cells(each) for each in found])]


def shadow_documents(launched: Launched, agent_id: str) -> list[dict[str, object]]:
    """Return the shadows' answers of a run as plain values."""
    return [
        {
            **{name.lower(): _plain(name, each[name]) for name in COLUMNS},
            "agrees": each["agrees"] == "yes",
            "reason": each["reason"],
        }
        for each in _rows(launched, agent_id)
    ]


def _rows(launched: Launched, agent_id: str) -> Sequence[dict[str, str]]:
    told = launched.materialized.get(f"{agent_id}/shadows", {}).get("shadows")
    return [] if told is None else [dict(record.data) for record in told.records]


def _cells(row: dict[str, str]) -> tuple[Text, ...]:
    answer, action = row["answer"], row["action"]
    cells = (
        f"{row['shadow']} {row['sample']}",
        action if answer == AnswerOutcome.ANSWERED else f"{action}, {answer}",
        row["confidence"],
        row["USD"],
        _short(row["seconds"]),
        row["outcome"],
        row["agrees"],
        visible_line(row["reason"], MOST_REASON),
    )
    return tuple(Text(cell) for cell in cells)


def _short(seconds: str) -> str:
    return seconds if seconds == ui.ABSENT else f"{float(seconds.replace(',', '')):.1f}"


def _plain(name: str, cell: str) -> object:
    if cell == ui.ABSENT:
        return None
    if name == "sample":
        return int(cell)
    return float(cell.replace(",", "")) if name in _NUMBERS else cell
