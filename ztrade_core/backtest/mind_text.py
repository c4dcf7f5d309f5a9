"""What is said of a run's mind: a recording that was repeated, a model's cost and what it may have known."""

from collections.abc import Mapping

from ztrade_core.backtest.report_text import metric, number, usd
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.words import counted

_CLEAN = (
    ("return", "clean/total_return"),
    ("sharpe", "clean/sharpe"),
    ("drawdown", "clean/max_drawdown"),
)
UNPAID = "the rest of the budget did not pay for it"


def mind_rows(run: BacktestRun) -> list[tuple[str, str]]:
    """Return what to say of a recording or a model, by name; nothing of a strategy."""
    recorded, model = run.config.get("recorded"), run.config.get("model")
    rows = []
    if isinstance(recorded, Mapping):
        answered, bars = _whole(recorded["answered"]), _bars(run.metrics.get("bars"))
        rows.append(("repeats", f"{recorded['source']} ({str(recorded['digest'])[:12]})"))
        rows.append(("answered", f"{answered} of {bars}"))
    if isinstance(model, Mapping):
        rows.append(("model", f"{model['name']}, {_cutoff_text(model)}"))
        if model.get("budget_usd") is not None:
            rows.append(("model cost", _cost_text(run, model)))
        rows.append(("contaminated", _contaminated_text(run)))
    return rows


def is_contaminated(run: BacktestRun) -> bool:
    """Return whether a model decided bars that its training data may tell of."""
    found = run.metrics.get("contaminated_bars")
    return isinstance(found, int | float) and found > 0


def mind_lines(run: BacktestRun) -> list[str]:
    """Return the same as lines."""
    return [f"{name}: {text}" for name, text in mind_rows(run)]


def _cutoff_text(model: Mapping[str, object]) -> str:
    cutoff = model["training_cutoff"]
    return f"trained on data up to {cutoff}" if cutoff else "trained up to an unknown day"


def _cost_text(run: BacktestRun, model: Mapping[str, object]) -> str:
    calls, unasked = _counted(run.metrics.get("model_calls"), "answer"), model["unasked"]
    were = "was" if unasked == 1 else "were"
    left = f"; {_bars(unasked)} {were} not asked: {UNPAID}" if unasked else ""
    spent = metric("model_cost_usd", run.metrics.get("model_cost_usd"))
    return f"{spent} of {usd(_number(model['budget_usd']))} for {calls}{left}"


def _contaminated_text(run: BacktestRun) -> str:
    """Say how many bars the model may have known, and what the others came to."""
    contaminated, clean = run.metrics.get("contaminated_bars"), run.metrics.get("clean_bars")
    if not clean:
        return f"all of {_bars(contaminated)}: the model may have known them; no figure is clean"
    figures = ", ".join(f"{text} {metric(name, run.metrics.get(name))}" for text, name in _CLEAN)
    alone = "the clean one alone" if clean == 1 else f"the {_whole(clean)} clean ones alone"
    return f"{_bars(contaminated)}; {alone}: {figures}"


def _bars(value: object) -> str:
    return _counted(value, "bar")


def _counted(value: object, noun: str) -> str:
    return counted(_number(value) or 0.0, noun)


def _whole(value: object) -> str:
    return number(_number(value), 0)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
