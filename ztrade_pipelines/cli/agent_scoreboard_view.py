"""How a scoreboard looks in the terminal: one table a question, one row a mind, or each of its parts."""

from collections.abc import Callable, Sequence

from rich.console import RenderableType
from rich.text import Text

from ztrade_core.domain.words import counted
from ztrade_core.studies.scoreboard_agreement import Agreement
from ztrade_core.studies.scoreboard_figures import MindScore, Part, PartScore, Scoreboard
from ztrade_core.studies.scoreboard_following import Followed
from ztrade_core.studies.scoreboard_hits import LEAST, HitRate
from ztrade_pipelines.cli.decisions import fields
from ztrade_pipelines.cli.formats import ABSENT, count, moment, percent, ratio, toned, usd
from ztrade_pipelines.cli.output import nothing, rows, table, without_spare

Cells = Callable[[PartScore], Sequence[str]]
ANSWERS = (
    ">moments",
    ">held",
    ">no answer",
    ">right",
    ">95 %",
    ">judged",
    ">apart",
    ">open",
    ">own",
)
FOLLOWED = (
    ">return",
    ">samples",
    ">own",
    ">buy-hold",
    ">drawdown",
    ">trades",
    ">bars",
    ">no answer",
)
SPARE_ANSWERS = (">apart", ">open", ">held", ">own", ">no answer")
SPARE_FOLLOWED = (">bars", ">drawdown", ">samples", ">trades")
FEW = "*"
COST = (">asked", ">came", ">USD", ">USD each", ">tokens each", ">s each")
ALIKE = (">agrees", ">kappa", ">of", ">repeats", ">gap", ">twice")
SPARE_ALIKE = (">gap", ">twice")


def scoreboard_parts(board: Scoreboard) -> list[RenderableType]:
    """Return what is shown of one agent's scoreboard."""
    if not board.minds:
        return [nothing(note) for note in board.notes]
    costly = [mind for mind in board.minds if any(part.cost is not None for part in mind.parts)]
    parts: list[RenderableType] = [
        fields(_about(board)),
        _table("Directions", board.minds, ANSWERS, _answer_cells, SPARE_ANSWERS),
        _table(
            "If followed alone, from flat", board.minds, FOLLOWED, _followed_cells, SPARE_FOLLOWED
        ),
    ]
    if costly:
        parts.append(_table("What answers took", costly, COST, _cost_cells, (">USD", ">asked")))
    title = "Agreement with the agent's own, and with itself"
    parts.append(_table(title, board.minds, ALIKE, _alike, SPARE_ALIKE))
    return [*parts, *[Text(f"- {note}") for note in (*board.notes, *_reading(board))]]


def _about(board: Scoreboard) -> list[tuple[str, str]]:
    horizon = counted(board.horizon_bars, "bar")
    holes = f", {count(board.missing_bars)} missing" if board.missing_bars else ""
    return [
        ("agent", f"{board.agent_id} ({board.symbol} {board.timeframe})"),
        ("account", f"{board.account}, epoch {board.account_epoch}"),
        ("decided", f"{moment(board.begins)} to {moment(board.ends)}"),
        ("bars", f"{count(board.bars)}{holes}"),
        (
            "right",
            f"by the close {horizon} later; a buy net of {percent(board.cost_fraction)} a side",
        ),
        ("common", f"{counted(board.common, 'moment')} that every mind answered"),
    ]


def _table(
    title: str,
    minds: Sequence[MindScore],
    heads: Sequence[str],
    cells: Cells,
    spare: Sequence[str],
) -> RenderableType:
    """Return a row for each part; which part is left out where no mind is a model."""
    is_split = any(part.part is not Part.ALL for mind in minds for part in mind.parts)
    before = ["mind", *(["=part"] if is_split else [])]
    lines = []
    for mind in minds:
        for number, part in enumerate(mind.parts):
            name = mind.label if number == 0 else ""
            lines.append([name, *([part.part.value] if is_split else []), *cells(part)])
    kept, left = without_spare([*before, *heads], lines, spare)
    return rows(table(title, *kept), left)


def _answer_cells(part: PartScore) -> Sequence[str]:
    moments, hits = part.moments, part.hits
    missing = moments.count - moments.answered
    return (
        count(moments.count),
        _percent(moments.held_share),
        count(missing) if missing else ABSENT,
        _rate(hits),
        _between(hits.low, hits.high),
        count(hits.judged),
        count(hits.apart),
        count(hits.open),
        ABSENT if part.own_hits is None else _rate(part.own_hits),
    )


def _rate(hits: HitRate) -> str:
    text = _percent(hits.rate)
    return f"{text}{FEW}" if hits.few and hits.rate is not None else text


def _followed_cells(part: PartScore) -> Sequence[str]:
    found = part.followed
    if found is None:
        return [ABSENT] * len(FOLLOWED)
    return (
        _return(found.total_return),
        _spread(found),
        _return(found.own_return),
        _return(found.hold_return),
        percent(found.max_drawdown),
        count(found.trades),
        count(found.bars),
        count(found.unanswered),
    )


def _spread(found: Followed) -> str:
    if found.low is None or found.high is None:
        return ABSENT
    low, high = (percent(each, signed=True) for each in (found.low, found.high))
    return f"{low} .. {high}"


def _cost_cells(part: PartScore) -> Sequence[str]:
    cost = part.cost
    if cost is None:
        return [ABSENT] * len(COST)
    return (
        count(cost.asked),
        _percent(cost.came_share),
        usd(cost.usd),
        ABSENT if cost.usd_each is None else f"${cost.usd_each:.4f}",
        count(cost.tokens_each),
        ratio(cost.seconds_each, 1),
    )


def _alike(part: PartScore) -> Sequence[str]:
    agreed = part.agreement or Agreement(moments=0, share=None, kappa=None)
    again = part.repeatability
    return (
        _percent(agreed.share),
        ratio(agreed.kappa),
        ABSENT if part.agreement is None else count(agreed.moments),
        _percent(again.share),
        ratio(again.spread),
        count(again.moments) if again.moments else ABSENT,
    )


def _reading(board: Scoreboard) -> list[str]:
    parts = [part for mind in board.minds for part in mind.parts]
    if any(part.hits.few and part.hits.judged for part in parts):
        return [
            f"{FEW} of fewer than {LEAST} answers that lie a horizon apart: it says nothing yet"
        ]
    return []


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ABSENT
    return f"{100.0 * low:.0f}-{100.0 * high:.0f}"


def _percent(value: float | None) -> str:
    return percent(value, digits=1)


def _return(value: float | None) -> str:
    return toned(percent(value, signed=True), value)
