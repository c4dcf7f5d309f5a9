"""A walk-forward's months together: one equity curve out of sample, and what choosing was worth.

Every month begins flat on the allocated capital. The months' curves are chained: each one starts from
what the months before had made of the capital, as if positions were sized by the return and nothing
were held from month to month. Only months of one plan on one configuration are put together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from statistics import median

import numpy as np

from ztrade_core.backtest.runs import series_digest
from ztrade_core.domain.backtests import EquityPoint
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.studies import Figures, Study, StudyKind
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.metrics import curve_figures
from ztrade_core.studies.walk_forward import walk_digest
from ztrade_core.studies.walk_forward_data import Walk
from ztrade_core.studies.walk_forward_judging import CONFIGURED, HELD, OUT_OF_SAMPLE
from ztrade_core.studies.walk_forward_months import Month, month_of, months_from, stretches
from ztrade_core.studies.walk_forward_stale import ALL, again, other_plans, require_same_samples

CURVE_FIGURES = ("total_return", "cagr", "sharpe", "probabilistic_sharpe", "max_drawdown", "days")
FEW_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Months in order of time, their chained equity, and buy-and-hold over the very same bars.

    `notes` say what weakens the figures.
    """

    studies: tuple[Study, ...]
    capital_usd: float
    equity: list[EquityPoint]
    held: list[EquityPoint]
    figures: Figures
    notes: list[str]


def kept_months(walk: Walk) -> dict[Month, Study]:
    """Return the newest stored study of each month, of this plan and configuration, ascending."""
    digest = walk_digest(walk)
    found: dict[Month, Study] = {}
    for study in walk.studies.studies(walk.agent.agent_id, StudyKind.WALK_FORWARD, limit=ALL):
        if study.config.get("walk_digest") == digest:
            found.setdefault(month_of(study.part), study)
    return dict(sorted(found.items()))


def whole_of(walk: Walk, studies: Sequence[Study]) -> Whole:
    """Put judged months together. Raises NoDataError without any, and when a month's run is gone."""
    months = sorted(studies, key=lambda study: study.part)
    if not months:
        raise NoDataError(
            f"no month of {walk.agent.agent_id} is judged; `ztrade study walk-forward"
            f" {walk.agent.agent_id}` judges what the stored bars allow"
        )
    require_same_samples(walk, months)
    curves = [_curve(walk, study) for study in months]
    capital = walk.agent.allocated_usd
    equity = chained(curves, capital)
    held = _held(walk, months, curves)
    return Whole(
        studies=tuple(months),
        capital_usd=capital,
        equity=equity,
        held=held,
        figures={
            **_curve_figures(walk, OUT_OF_SAMPLE, equity),
            **_curve_figures(walk, HELD, held),
            **choice_figures(months),
        },
        notes=[*_notes(months), *other_plans(walk, months)],
    )


def chained(curves: Sequence[Sequence[EquityPoint]], capital_usd: float) -> list[EquityPoint]:
    """Return curves that each begin on `capital_usd` as one: returns compound, cash scales along."""
    factor, points = 1.0, []
    for curve in curves:
        points += [
            replace(
                point,
                portfolio_value=point.portfolio_value * factor,
                cash_balance=point.cash_balance * factor,
            )
            for point in curve
        ]
        if curve:
            factor *= curve[-1].portfolio_value / capital_usd
    return points


def choice_figures(months: Sequence[Study]) -> Figures:
    """Return what the choices were worth, over judged months in order of time.

    `overfit_probability` is the share of the months with a rank in which the best in sample came
    below the median of all candidates out of sample: a half is what choosing blindly gives. After
    Bailey, Borwein, López de Prado and Zhu (2017), The Probability of Backtest Overfitting, Journal
    of Computational Finance 20(4); theirs are combinations of one history, ours are months.
    """
    returns = _numbers(months, OUT_OF_SAMPLE + "total_return")
    below = _numbers(months, "below_median")
    kept = _numbers(months, "sharpe_kept")
    trades = _numbers(months, OUT_OF_SAMPLE + "trades")
    changes = [
        before.config["chosen"] != after.config["chosen"] for before, after in pairwise(months)
    ]
    return {
        "months": len(months),
        "profitable_months": sum(1 for value in returns if value > 0.0),
        "profitable_share": _mean([float(value > 0.0) for value in returns]),
        OUT_OF_SAMPLE + "trades": int(math.fsum(trades)),
        CONFIGURED + "total_return": _compounded(months, CONFIGURED + "total_return"),
        "average_in_sample_return_per_day": _mean(_numbers(months, "in_sample_return_per_day")),
        "average_return_per_day": _mean(_numbers(months, OUT_OF_SAMPLE + "return_per_day")),
        "average_degradation_per_day": _mean(_numbers(months, "degradation_per_day")),
        "median_sharpe_kept": median(kept) if kept else None,
        "months_with_sharpe_kept": len(kept),
        "overfit_probability": _mean(below),
        "ranked_months": len(below),
        "choice_changes": sum(changes),
        "choice_change_share": _mean([float(change) for change in changes]),
        "different_choices": len({str(study.config["chosen"]) for study in months}),
    }


def _curve(walk: Walk, study: Study) -> Sequence[EquityPoint]:
    equity = walk.bench.backtests.equity(study.run_id)
    if not equity:
        raise NoDataError(
            f"{study.part}: its backtest {study.run_id} is not stored any more; {again(study)} runs it"
        )
    return equity


def _held(
    walk: Walk, months: Sequence[Study], curves: Sequence[Sequence[EquityPoint]]
) -> list[EquityPoint]:
    """Return holding over the bars of the judged months: bought at the open of each stretch."""
    judged = [month_of(study.part) for study in months]
    found = {
        month: (_bars(walk, study, judged[-1].ends), curve)
        for month, study, curve in zip(judged, months, curves, strict=True)
    }
    held = []
    for first, last in stretches(judged):
        span = months_from(first, last)
        held.append(
            buy_and_hold(
                _joined([found[month][0] for month in span]),
                [point.timestamp for month in span for point in found[month][1]],
                capital_usd=walk.agent.allocated_usd,
                costs=walk.bench.company.broker.costs,
            )
        )
    return chained(held, walk.agent.allocated_usd)


def _bars(walk: Walk, study: Study, ends: datetime) -> BarSeries:
    """Return the very bars that a month's run decided on, in the shares of the last month's end.

    Raises NoDataError when the store has others.
    """
    agent, month = walk.agent, month_of(study.part)
    shelf = SplitAwareBars(walk.bench.bars, walk.bench.splits)
    found = shelf.read(agent.symbol, agent.timeframe, start=month.begins, stop=month.ends)
    series = found.as_of(month.ends - MICROSECOND)
    complete = walk.bench.calendar.complete_count(
        agent.instrument.asset_class, agent.timeframe, series.timestamps, month.ends
    )
    decided, run = series.window(0, complete), walk.bench.backtests.run(study.run_id)
    data = run.config.get("data") if run is not None else None
    if not isinstance(data, dict) or data.get("digest") != series_digest(decided):
        raise NoDataError(
            f"{study.part}: the store's bars are no longer those it was judged on; {again(study)}"
            " judges it anew"
        )
    return found.as_of(ends - MICROSECOND).window(0, complete)


def _joined(series: Sequence[BarSeries]) -> BarSeries:
    names = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    arrays = {name: np.concatenate([getattr(one, name) for one in series]) for name in names}
    return BarSeries(symbol=series[0].symbol, timeframe=series[0].timeframe, **arrays)


def _curve_figures(walk: Walk, prefix: str, equity: Sequence[EquityPoint]) -> Figures:
    found = curve_figures(equity, walk.agent.allocated_usd, walk.agent.instrument.asset_class)
    return {prefix + name: found[name] for name in CURVE_FIGURES}


def _notes(months: Sequence[Study]) -> list[str]:
    """Say what weakens the whole: few months, holes between them, and what the months say."""
    notes = []
    if len(months) < FEW_MONTHS:
        told = f"{counted(len(months), 'month')} {are(len(months))} few"
        notes.append(f"{told}: shares of them jump by {1 / len(months):.0%}")
    judged = [month_of(study.part) for study in months]
    holes = [month.text for month in months_from(judged[0], judged[-1]) if month not in judged]
    if holes:
        notes.append(f"not judged in between, and left out of every curve: {', '.join(holes)}")
    for study in months:
        found = study.config.get("notes")
        notes += [f"{study.part}: {note}" for note in found] if isinstance(found, list) else []
    return notes


def _numbers(months: Sequence[Study], name: str) -> list[float]:
    """Return a figure of every month that has it."""
    values = [study.summary.get(name) for study in months]
    return [float(value) for value in values if isinstance(value, int | float)]


def _compounded(months: Sequence[Study], name: str) -> float | None:
    factor = 1.0
    for value in _numbers(months, name):
        factor *= 1.0 + value
    return factor - 1.0


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
