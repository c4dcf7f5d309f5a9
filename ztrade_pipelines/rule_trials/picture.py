"""Two equity curves in one picture: a period under the limits of now and under proposed ones.

Drawn on matplotlib's Agg canvas, imported when a picture is drawn.
"""

from typing import Any

from ztrade_core.studies.rule_trial_parts import Part
from ztrade_core.studies.rule_trial_path import Path
from ztrade_pipelines.pictures import BLUE, DOTS_AN_INCH, GRID, MOST_POINTS, png_of

INCHES = (8.0, 3.2)
NOW, PROPOSED = "#8f8f8f", BLUE


def paths_picture(today: Path, proposed: Path, holdout: Part | None) -> bytes:
    """Return both lines as PNG, 640 x 256, the holdout shaded; without marks a frame that says so."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (heavy)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=INCHES, dpi=DOTS_AN_INCH, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    axes: Any = figure.subplots()
    if len(today.equity):
        for path, colour, label in ((today, NOW, "now"), (proposed, PROPOSED, "proposed")):
            _draw(axes, path, colour, label)
        if holdout is not None:
            axes.axvspan(holdout.start, holdout.stop, color=GRID, zorder=0, label="holdout")
            axes.set_xlim(right=max(today.equity[-1].timestamp, holdout.start))
        axes.legend(fontsize=7, loc="best")
        figure.autofmt_xdate()
    else:
        axes.text(0.5, 0.5, "no path was played", ha="center", transform=axes.transAxes)
    axes.set_title("The whole path: equity under both sets of limits", fontsize=9, loc="left")
    axes.set_ylabel("USD", fontsize=8)
    axes.ticklabel_format(axis="y", useOffset=False, style="plain")
    axes.grid(color=GRID)
    axes.tick_params(labelsize=7)
    return png_of(canvas)


def _draw(axes: Any, path: Path, colour: str, label: str) -> None:
    step = max(1, len(path.equity) // MOST_POINTS)
    points = path.equity[::step]
    times = [point.timestamp for point in points]
    axes.plot(times, points.portfolio_values, color=colour, linewidth=1.2, label=label)
