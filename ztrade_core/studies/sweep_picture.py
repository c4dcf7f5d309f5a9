"""One picture of a sweep: the ranking figure over the two most telling parameters, and over all trials.

Drawn with matplotlib's Agg canvas, imported inside the functions. Not here: the figures themselves.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ztrade_core.backtest.picture import DOTS_AN_INCH, GRID, INK, LOSS_RED, SIZE_INCHES, small_png
from ztrade_core.domain.studies import Study, Trial
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.studies.candidates import best_of, metric
from ztrade_core.studies.telling import MOST, Surface, shares, surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FILL = "#8fb3d9"
MOST_TICKS = 12
MOST_LABELLED = 144  # cells: more are coloured only
BINS = 40
LIGHT = 0.75  # of the colour scale, beyond which a label is dark


def sweep_picture(study: Study, trials: Sequence[Trial]) -> bytes:
    """Return the picture as PNG, 1000 x 600; it says so when there is nothing to compare."""
    from matplotlib import style  # noqa: PLC0415 - heavy: only who draws pays for it
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    rank_by = str(study.summary["rank_by"])
    with style.context("default"):
        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_AN_INCH, layout="constrained")
        canvas: Any = FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.9, 1.0]})
        _title(figure, study)
        telling = shares(trials, rank_by)
        pair = tuple(telling)[:MOST]
        if len(pair) == MOST:
            _heat(figure, left, surface(trials, rank_by, (pair[0], pair[1])), rank_by)
            left.set_xlabel(
                f"{pair[0]} (decides {telling[pair[0]]:.0%} of the variance)", color=INK
            )
            left.set_ylabel(f"{pair[1]} ({telling[pair[1]]:.0%})", color=INK)
            _mark_best(left, trials, rank_by, pair)
        else:
            _nothing(left, "fewer than two parameters to compare")
        _spread(right, trials, rank_by)
        canvas.draw()
        return small_png(np.asarray(canvas.buffer_rgba()))


def _title(figure: "Figure", study: Study) -> None:
    period = f"{new_york_date(study.start)} to {new_york_date(study.end - MICROSECOND)}"
    count = counted(int(study.summary["trials"] or 0), "trial")
    figure.suptitle(
        f"{study.agent_id}, {period}: {study.summary['rank_by']} of {count}",
        x=0.012,
        ha="left",
        fontsize=13,
        fontweight="bold",
        color=INK,
    )


def _heat(figure: "Figure", axes: "Axes", found: Surface, rank_by: str) -> None:
    values = np.array(
        [[np.nan if mean is None else mean for mean in row] for row in found.means],
        dtype=np.float64,
    )
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="viridis")
    axes.set_title(f"mean {rank_by}", loc="left", fontsize=10, color=INK)
    for set_ticks, ticks in (
        (axes.set_xticks, found.columns),
        (axes.set_yticks, found.rows),
    ):
        step = max(1, -(-len(ticks) // MOST_TICKS))
        places = list(range(0, len(ticks), step))
        set_ticks(places, [f"{ticks[place]:g}" for place in places])
    axes.tick_params(colors=INK, labelsize=9)
    bar = figure.colorbar(image, ax=axes, shrink=0.9)
    bar.ax.tick_params(labelsize=8, colors=INK)
    if values.size <= MOST_LABELLED:
        _label(axes, values, image)


def _label(axes: "Axes", values: Any, image: Any) -> None:
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            is_light = image.norm(value) > LIGHT
            axes.text(
                column,
                row,
                f"{round(float(value), 2) + 0.0:.2f}",
                ha="center",
                va="center",
                fontsize=8,
                color=INK if is_light else "white",
            )


def _mark_best(axes: "Axes", trials: Sequence[Trial], rank_by: str, pair: Sequence[str]) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    best = best_of(trials, rank_by)
    if best is None:
        return
    given = dict(best.parameters)
    places = [
        sorted({dict(trial.parameters)[name] for trial in trials}).index(given[name])
        for name in pair
    ]
    corner = (places[0] - 0.5, places[1] - 0.5)
    axes.add_patch(Rectangle(corner, 1.0, 1.0, fill=False, edgecolor=LOSS_RED, linewidth=2.0))


def _spread(axes: "Axes", trials: Sequence[Trial], rank_by: str) -> None:
    values = [value for trial in trials if (value := metric(trial, rank_by)) is not None]
    if not values:
        _nothing(axes, f"no trial has a {rank_by}")
        return
    axes.hist(values, bins=min(BINS, max(1, len(values) // 2)), color=FILL)
    best = best_of(trials, rank_by)
    top = None if best is None else metric(best, rank_by)
    if top is not None:
        axes.axvline(top, color=LOSS_RED, linewidth=1.5, label=f"best {top:.2f}")
    middle = float(np.median(values))
    axes.axvline(middle, color=INK, linewidth=1.0, linestyle=":", label=f"median {middle:.2f}")
    axes.legend(fontsize=9, frameon=False, labelcolor=INK)
    axes.set_title("all trials", loc="left", fontsize=10, color=INK)
    axes.set_xlabel(rank_by, color=INK)
    axes.set_ylabel("trials", color=INK)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=9)


def _nothing(axes: "Axes", text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color=INK)
    axes.set(xticks=[], yticks=[])
