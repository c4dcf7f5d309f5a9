"""What every bar came to: held, denied, approved; by which rule, for which reason, how often.

It is what a run without a trade explains itself with. Counts come from the run's configuration:
`outcomes`, `denials`, `holds`, `halts`.
"""

from collections.abc import Mapping

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.report_html import Child, Html, element, table
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
    holds, denials = counts(run, "holds"), counts(run, "denials")
    parts: list[Child] = [element("p", f"{summary(run)[:1].upper()}{summary(run)[1:]}.")]
    if holds:
        parts.append(_table("held because", holds, bars))
    elif "holds" not in run.config:
        parts.append(element("p", NOT_KEPT, class_="fine"))
    if denials:
        named = {
            f"{rule}: {sheet.rules.get(rule, 'no such rule any more')}": number
            for rule, number in denials.items()
        }
        parts.append(_table("denied, because this was not so", named, bars))
    halts = counts(run, "halts")
    if halts:
        parts.append(_table("halted by", halts, bars))
    return element("section", element("h2", title), *parts)


def _table(what: str, found: Mapping[str, int], bars: int) -> Html:
    rows = [
        (reason, f"{number:,}", text.percent(number / bars if bars else None, 1))
        for reason, number in found.items()
    ]
    return table((what, "times", "of all bars"), rows, numbers=(1, 2))
