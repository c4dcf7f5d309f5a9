"""The picture of a symbol's sentiment: the score over the last days, and a dot a story."""

import math
from collections.abc import Sequence
from typing import Any

from ztrade_core.domain.sentiment import ScoredStory, SentimentSeries
from ztrade_core.domain.time import from_micros
from ztrade_pipelines.pictures import BLUE, DOTS_AN_INCH, GRID, INCHES, png_of

GREEN, RED, GREY = "#2e7d4f", "#b3392f", "#9aa3ab"
FAINT = 0.35
ROOM = 1.05


def sentiment_picture(
    curve: SentimentSeries | None,
    stories: Sequence[ScoredStory],
    retold: frozenset[str],
    *,
    title: str,
) -> bytes:
    """Return the PNG, 640 x 224. Where there was no news the line has a gap; retold stories are faint."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (heavy)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=INCHES, dpi=DOTS_AN_INCH, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    axes: Any = figure.subplots()
    is_empty = curve is None or all(math.isnan(score) for score in curve.scores.tolist())
    if curve is not None and not is_empty:
        times = [from_micros(stamp) for stamp in curve.known_at.tolist()]
        axes.plot(times, curve.scores.tolist(), color=BLUE, linewidth=1.4)
        _dots(axes, stories, retold)
        axes.set_xlim(times[0], times[-1])
        figure.autofmt_xdate()
    else:
        axes.text(0.5, 0.5, "no news in these days", ha="center", transform=axes.transAxes)
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set_ylim(-ROOM, ROOM)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_ylabel("score", fontsize=8)
    axes.grid(color=GRID)
    axes.tick_params(labelsize=7)
    return png_of(canvas)


def _dots(axes: Any, stories: Sequence[ScoredStory], retold: frozenset[str]) -> None:
    """Draw each scored story at the moment it was known."""
    for is_retold in (True, False):
        some = [
            (each.known_at, each.score)
            for each in stories
            if each.score is not None and (each.news_id in retold) is is_retold
        ]
        axes.scatter(
            [known_at for known_at, _ in some],
            [score for _, score in some],
            s=20,
            c=[GREEN if score > 0 else RED if score < 0 else GREY for _, score in some],
            alpha=FAINT if is_retold else 1.0,
            linewidths=0,
            zorder=3,
        )
