"""What a run's bars came to, in one sentence; read from its configuration, nothing is loaded for it."""

from ztrade_core.backtest.portfolio_report import counts_of
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.words import counted


def counts(run: BacktestRun, name: str) -> dict[str, int]:
    """Return how often what happened, most frequent first; empty when the run does not say."""
    return counts_of(run.config, name)


def summary(run: BacktestRun) -> str:
    """Say in one sentence what the bars came to, and what was most often in the way."""
    outcomes = counts(run, "outcomes")
    if not outcomes:
        return "the run does not say what its bars came to"
    said = [f"{number:,} {outcome}" for outcome, number in outcomes.items()]
    sentence = f"of {counted(sum(outcomes.values()), 'bar')}: {', '.join(said)}"
    for name, what in (("holds", "most often held because"), ("denials", "most often denied by")):
        first = next(iter(counts(run, name).items()), None)
        if first is not None:
            sentence += f"; {what} {first[0]} ({first[1]:,})"
    return sentence
