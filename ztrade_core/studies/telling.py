"""Which parameters decided a study's figure, and how it lies over two of them.

A parameter's share is that of the figure's variance which the means of its values account for
(eta squared); the rest is other parameters and chance.

Source: Fisher (1925), Statistical Methods for Research Workers, chapter 7 (the correlation ratio).
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ztrade_core.domain.studies import Trial
from ztrade_core.studies.candidates import metric

MOST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The mean of a figure for each pair of values; rows are `down`'s values. None: not tried."""

    across: str
    down: str
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    means: tuple[tuple[float | None, ...], ...]


def shares(trials: Sequence[Trial], name: str) -> dict[str, float]:
    """Return each parameter's share of the figure's variance, 0..1, the largest first.

    Empty when fewer than two trials have the figure or all have the same.
    """
    scored = [(trial, value) for trial in trials if (value := metric(trial, name)) is not None]
    if len(scored) < MOST:
        return {}
    mean = math.fsum(value for _, value in scored) / len(scored)
    total = math.fsum((value - mean) ** 2 for _, value in scored)
    if not total > 0.0:
        return {}
    found = {}
    for parameter, _ in scored[0][0].parameters:
        groups = _grouped([(dict(trial.parameters)[parameter], value) for trial, value in scored])
        between = math.fsum(
            len(values) * (math.fsum(values) / len(values) - mean) ** 2
            for values in groups.values()
        )
        found[parameter] = between / total
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def surface(trials: Sequence[Trial], name: str, pair: tuple[str, str]) -> Surface:
    """Return the mean of a figure over two parameters, `(across, down)`."""
    across, down = pair
    cells: dict[tuple[float, float], list[float]] = defaultdict(list)
    tried: list[tuple[float, float]] = []
    for trial in trials:
        given = dict(trial.parameters)
        place = (given[across], given[down])
        tried.append(place)
        value = metric(trial, name)
        if value is not None:
            cells[place].append(value)
    columns, rows = sorted({x for x, _ in tried}), sorted({y for _, y in tried})
    means = tuple(
        tuple(
            math.fsum(cells[x, y]) / len(cells[x, y]) if cells.get((x, y)) else None
            for x in columns
        )
        for y in rows
    )
    return Surface(across=across, down=down, columns=tuple(columns), rows=tuple(rows), means=means)


def _grouped(pairs: Sequence[tuple[float, float]]) -> Mapping[float, list[float]]:
    groups: dict[float, list[float]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
