"""Small pictures for metadata: one line over time, as PNG bytes.

Drawn on matplotlib's Agg canvas, imported when a picture is drawn. The picture of a backtest is
core's (`ztrade_core.backtest.picture`).
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

INCHES = (8.0, 2.8)
DOTS_AN_INCH = 80
BLUE = "#1f5fa8"
GRID = "#e3e6e9"
MOST_POINTS = 1500


def line_picture(
    times: Sequence[datetime], values: Sequence[float], *, title: str, unit: str
) -> bytes:
    """Return the line as PNG, 640 x 224; without points a frame that says so."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (heavy)
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=INCHES, dpi=DOTS_AN_INCH, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.subplots()
    step = max(1, len(times) // MOST_POINTS)
    if times:
        axes.plot(list(times[::step]), list(values[::step]), color=BLUE, linewidth=1.2)  # type: ignore[arg-type]
        figure.autofmt_xdate()
    else:
        axes.text(0.5, 0.5, "nothing to draw yet", ha="center", transform=axes.transAxes)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_ylabel(unit, fontsize=8)
    axes.grid(color=GRID)
    axes.tick_params(labelsize=7)
    return png_of(canvas)


def png_of(canvas: Any) -> bytes:
    """Return what is drawn on an Agg canvas as PNG."""
    canvas.draw()
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()
