"""How a sweep looks on the page: figures, the best trials, which parameters told, one picture."""

from collections.abc import Sequence

import dagster as dg

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.backtest.overfit import Guards, guards_of, trades_of
from ztrade_core.domain.studies import Trial
from ztrade_core.studies.candidates import ranking
from ztrade_core.studies.sweep import Sweep
from ztrade_core.studies.sweep_picture import sweep_picture
from ztrade_core.studies.telling import shares
from ztrade_pipelines import ui

SHOWN = 20
FIGURES = ("sharpe", "total_return", "max_drawdown", "trades", "win_rate", "profit_factor")
PLOTTED = (
    "combinations",
    "trials",
    "dropped",
    "event_loop_trials",
    "ranked_trials",
    "best",
    "median",
    "profitable_fraction",
    "seconds",
)


def sweep_metadata(workshop: Workshop, sweep: Sweep) -> ui.Metadata:
    """Describe a finished sweep; every figure is plotted over runs."""
    study, trials = sweep.study, sweep.trials
    rank_by = str(study.summary["rank_by"])
    png = sweep_picture(study, trials)
    return {
        "study_id": study.study_id,
        "run_id": study.run_id or ui.ABSENT,
        "start": ui.moment(study.start),
        "end": ui.moment(study.end),
        "method": str(study.config["method"]),
        "rank_by": rank_by,
        "dagster/row_count": len(trials),
        "picture": ui.picture(png, f"{rank_by} over the two most telling parameters"),
        "best_trials": _best_trials(ranking(trials, rank_by)[:SHOWN], rank_by),
        "told_by": ui.table(
            ("parameter", "share_of_variance"), list(shares(trials, rank_by).items())
        ),
        "config": dg.MetadataValue.json(study.config),
        **{f"sweep/{name}": ui.number(_number(study.summary[name])) for name in PLOTTED},
        **_overfit(workshop, sweep),
    }


def _best_trials(trials: Sequence[Trial], rank_by: str) -> object:
    names = tuple(name for name, _ in trials[0].parameters) if trials else ()
    figures = tuple(dict.fromkeys((rank_by, *FIGURES)))
    rows = [
        (
            number,
            *(value for _, value in trial.parameters),
            *(trial.metrics.get(name) for name in figures),
        )
        for number, trial in enumerate(trials, start=1)
    ]
    return ui.table(("rank", *names, *figures), rows)


def _overfit(workshop: Workshop, sweep: Sweep) -> ui.Metadata:
    if sweep.best is None:
        rank_by = sweep.study.summary["rank_by"]
        warning = f"no trial can win by {rank_by} (a Sharpe ratio is needed): nothing was chosen"
        return {"warnings": ui.lines([warning])}
    trades = trades_of(sweep.best.run, sweep.best.trades)
    guards: Guards = guards_of(sweep.best.run, trades, workshop.backtests)
    return {
        "warnings": ui.lines(guards.warnings),
        "overfit/probabilistic_sharpe": ui.number(guards.probabilistic_sharpe),
        "overfit/deflated_sharpe": ui.number(guards.deflated_sharpe),
        "overfit/trials": ui.number(guards.trials),
        "overfit/sharpe_by_luck": ui.number(guards.sharpe_by_luck),
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
