"""The picture of a scoreboard: hit rates with their intervals, returns beside buy-and-hold."""

from typing import Any

from ztrade_core.studies.scoreboard_figures import Part, PartScore, Scoreboard
from ztrade_pipelines.pictures import BLUE, DOTS_AN_INCH, GRID, png_of

GREY, FAINT = "#8f8f8f", 0.4
WIDE, ROW, ROOM = 8.0, 0.34, 1.1  # inches
EVEN = 50.0


def scoreboard_picture(board: Scoreboard) -> bytes:
    """Return the PNG, 640 wide: a row a mind and part, those with few answers faint."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (heavy)
    from matplotlib.figure import Figure  # noqa: PLC0415

    found = [(f"{mind.label}{_part(part)}", part) for mind in board.minds for part in mind.parts]
    size = (WIDE, ROOM + ROW * max(2, len(found)))
    figure = Figure(figsize=size, dpi=DOTS_AN_INCH, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    hits, returns = figure.subplots(1, 2, sharey=True)
    _hits(hits, found)
    _returns(returns, found)
    hits.set_yticks(range(len(found)), [name for name, _ in found])
    hits.set_ylim(len(found) - 0.5, -0.5)
    for axes in (hits, returns):
        axes.grid(color=GRID)
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=7)
    return png_of(canvas)


def _part(part: PartScore) -> str:
    return "" if part.part is Part.ALL else f", {part.part.value}"


def _hits(axes: Any, found: list[tuple[str, PartScore]]) -> None:
    for row, (_, part) in enumerate(found):
        hits = part.hits
        if hits.rate is None or hits.low is None or hits.high is None:
            axes.text(EVEN, row, "nothing judged", fontsize=6, color=GREY, ha="center", va="center")
            continue
        alpha = FAINT if hits.few else 1.0
        axes.plot([100 * hits.low, 100 * hits.high], [row, row], color=BLUE, lw=2.0, alpha=alpha)
        axes.plot([100 * hits.rate], [row], "o", color=BLUE, ms=5.0, alpha=alpha)
    axes.axvline(EVEN, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_xlim(0.0, 100.0)
    axes.set_title("right, % (95 % interval; faint: few)", fontsize=8, loc="left")


def _returns(axes: Any, found: list[tuple[str, PartScore]]) -> None:
    for row, (_, part) in enumerate(found):
        followed = part.followed
        if followed is None or followed.total_return is None:
            continue
        axes.barh(row, 100 * followed.total_return, height=0.5, color=BLUE, alpha=0.8)
        if followed.low is not None and followed.high is not None:
            axes.plot([100 * followed.low, 100 * followed.high], [row, row], color="black", lw=1.0)
        if followed.hold_return is not None:
            axes.plot([100 * followed.hold_return], [row], "|", color=GREY, ms=11.0, mew=2.0)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_title("return if followed, % (grey: buy-and-hold)", fontsize=8, loc="left")
