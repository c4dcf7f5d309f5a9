"""What is said of a run's mind: a recording that was repeated, a model's cost and what it may have known."""

from collections.abc import Mapping

from ztrade_core.domain.backtests import BacktestRun
from ztrade_pipelines.cli.backtest_view import metric_text
from ztrade_pipelines.cli.formats import count, usd


def mind_rows(run: BacktestRun) -> list[tuple[str, str]]:
    """Return what to say of a recording or a model, by name; nothing of a strategy."""
    recorded, model = run.config.get("recorded"), run.config.get("model")
    rows = []
    if isinstance(recorded, Mapping):
        answered, bars = recorded["answered"], run.metrics.get("bars")
        rows.append(("repeats", f"{recorded['source']} ({str(recorded['digest'])[:12]})"))
        rows.append(("answered", f"{count(answered)} of {count(_number(bars))} bars"))
    if isinstance(model, Mapping):
        rows.append(("model", f"{model['name']}, {_cutoff_text(model)}"))
        rows.append(("cost", _cost_text(run, model)))
        rows.append(("knew the future", _contaminated_text(run)))
    return rows


def mind_lines(run: BacktestRun) -> list[str]:
    """Return the same as lines."""
    return [f"{name}: {text}" for name, text in mind_rows(run)]


def _cutoff_text(model: Mapping[str, object]) -> str:
    cutoff = model["training_cutoff"]
    return f"trained to {cutoff}" if cutoff else "trained to an unknown day"


def _cost_text(run: BacktestRun, model: Mapping[str, object]) -> str:
    spent, calls = run.metrics.get("model_cost_usd"), run.metrics.get("model_calls")
    unasked = model["unasked"]
    left = f"; {unasked} bars were not asked, the budget was spent" if unasked else ""
    return (
        f"{usd(_number(spent))} of {usd(_number(model['budget_usd']))}"
        f" for {count(_number(calls))} answers{left}"
    )


def _contaminated_text(run: BacktestRun) -> str:
    """Say how many bars lie before the model's training cutoff, and what the others came to."""
    contaminated, clean = run.metrics.get("contaminated_bars"), run.metrics.get("clean_bars")
    if not clean:
        return f"[yellow]on all {count(_number(contaminated))} bars: contaminated, no figure is clean[/]"
    figures = ", ".join(
        f"{text} {metric_text(name, run.metrics.get(name))}"
        for text, name in (
            ("return", "clean/total_return"),
            ("sharpe", "clean/sharpe"),
            ("drawdown", "clean/max_drawdown"),
        )
    )
    known = (
        f"[yellow]{count(_number(contaminated))} contaminated bars[/]" if contaminated else "no bar"
    )
    return f"{known}; the {count(_number(clean))} clean ones: {figures}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
