"""What every bar came to: held, denied, approved; by which rule, for which reason, how often.

It is what a run without a trade explains itself with. Counts come from the run's configuration:
`outcomes`, `denials`, `holds`, `halts`.
"""

from collections.abc import Iterator

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.report_html import Child, Html, element, section, table
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.domain.backtests import BacktestRun

NOT_KEPT = "This run was stored before reasons were kept: run it again to see them."


def counts(run: BacktestRun, name: str) -> dict[str, int]:
    """Return how often what happened, most frequent first; empty when the run does not say."""
    found = run.config.get(name)
    if not isinstance(found, dict):
        return {}
    numbers = {str(key): n for key, n in found.items() if isinstance(n, int)}
    return dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def summary(run: BacktestRun) -> str:
    """Say in one sentence what the bars came to, and what was most often in the way."""
    outcomes = counts(run, "outcomes")
    if not outcomes:
        return "the run does not say what its bars came to"
    said = [f"{number:,} {outcome}" for outcome, number in outcomes.items()]
    sentence = f"of {sum(outcomes.values()):,} bars: {', '.join(said)}"
    for name, what in (("holds", "most often held because"), ("denials", "most often denied by")):
        first = next(iter(counts(run, name).items()), None)
        if first is not None:
            sentence += f"; {what} {first[0]} ({first[1]:,})"
    return sentence


def every_bar(sheet: Sheet) -> Html:
    """Return the section; its heading asks why when there was no trade."""
    run = sheet.run
    outcomes = counts(run, "outcomes")
    bars = sum(outcomes.values())
    title = "What every bar came to" if sheet.trades else "Why there was no closed trade"
    rows = [
        (what, named, f"{times:,}", text.percent(times / bars if bars else None, 1))
        for what, named, times in _reasons(sheet)
    ]
    head = ("became", "because", "times", "of all bars")
    parts: list[Child] = [element("p", f"{summary(run)[:1].upper()}{summary(run)[1:]}.")]
    if rows:
        parts.append(table(head, rows, numbers=(2, 3)))
    if "holds" not in run.config:
        parts.append(element("p", NOT_KEPT, class_="fine"))
    return section(title, *parts)


def _reasons(sheet: Sheet) -> Iterator[tuple[str, str, int]]:
    run = sheet.run
    for reason, times in counts(run, "holds").items():
        yield "held", reason, times
    for rule, times in counts(run, "denials").items():
        asked = sheet.rules.get(rule, "no such rule any more")
        yield "denied", f"{rule} failed. It asks: {asked}", times
    for breaker, times in counts(run, "halts").items():
        yield "halted", breaker, times
