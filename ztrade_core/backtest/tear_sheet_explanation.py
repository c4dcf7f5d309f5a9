"""What every bar came to: held, denied, approved; by which rule, for which reason, how often.

It is what a run without a trade explains itself with. Counts come from the run's configuration:
`outcomes`, `denials`, `holds`, `halts`.
"""

from collections.abc import Iterator, Mapping

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.portfolio_report import agent_parts, halted_party
from ztrade_core.backtest.report_html import Child, Html, element, section, table
from ztrade_core.backtest.report_summary import counts, summary
from ztrade_core.backtest.run_notes import halts_note
from ztrade_core.backtest.tear_sheet_content import Sheet

NOT_KEPT = "This run was stored before reasons were kept: run it again to see them."


def every_bar(sheet: Sheet) -> Html:
    """Return the section; its heading asks why when there was no trade."""
    run = sheet.run
    outcomes = counts(run, "outcomes")
    bars = sum(outcomes.values())
    title = "What every bar came to" if sheet.trades else "Why there was no closed trade"
    rows: list[tuple[str, ...]] = [
        (who, what, named, f"{times:,}", text.percent(times / of if of else None, 1))
        for who, of, what, named, times in _reasons(sheet, bars)
    ]
    head: tuple[str, ...] = ("agent", "became", "because", "times", "of its bars")
    if not agent_parts(run):
        head, rows = ("became", "because", "times", "of all bars"), [row[1:] for row in rows]
    parts: list[Child] = [element("p", f"{summary(run)[:1].upper()}{summary(run)[1:]}.")]
    if rows:
        parts.append(table(head, rows, numbers=(len(head) - 2, len(head) - 1)))
    parts += [element("p", f"{note}.") for note in halts_note(run)]
    if "holds" not in run.config:
        parts.append(element("p", NOT_KEPT, class_="fine"))
    return section(title, *parts)


def _reasons(sheet: Sheet, bars: int) -> Iterator[tuple[str, int, str, str, int]]:
    run = sheet.run
    parts = agent_parts(run)
    for one in parts:
        for what, named, times in _counted(sheet, one.holds, one.denials):
            yield one.agent_id, one.bars, what, named, times
    if not parts:
        for what, named, times in _counted(sheet, counts(run, "holds"), counts(run, "denials")):
            yield run.agent_id, bars, what, named, times
    for breaker, times in counts(run, "halts").items():
        yield halted_party(run, breaker), bars, "halted", breaker, times


def _counted(
    sheet: Sheet, holds: Mapping[str, int], denials: Mapping[str, int]
) -> Iterator[tuple[str, str, int]]:
    for reason, times in holds.items():
        yield "held", reason, times
    for rule, times in denials.items():
        asked = sheet.rules.get(rule, "no such rule any more")
        yield "denied", f"{rule} failed. It asks: {asked}", times
