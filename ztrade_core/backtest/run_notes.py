"""What a stored run says against itself: where it differs from live trading, what it passed over.

Read from its configuration and metrics; nothing is loaded for it.
"""

from collections.abc import Mapping

from ztrade_core.backtest.news_ticks import told_left_out
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.configuration import OnHalt
from ztrade_core.domain.words import are, counted

LEFT_OUT = "left out"
DEAF = "sentiment was left out, as asked: the run knew no news"


def run_notes(run: BacktestRun) -> list[str]:
    """Return a line for each; none of a run without halts, a recording and news."""
    return [
        *halts_note(run),
        *_recording_note(run),
        *_sentiment_notes(run),
        *_breaking_notes(run),
    ]


def halts_note(run: BacktestRun) -> list[str]:
    """Say that halts ended by themselves, which they never do live."""
    halts, risk = run.metrics.get("halts"), run.config.get("risk")
    lifts = isinstance(risk, Mapping) and risk.get("on_halt") == OnHalt.NEXT_DAY
    if not lifts or not isinstance(halts, int | float) or not halts > 0:
        return []
    were = "was" if halts == 1 else "were"
    live = "live it holds" if halts == 1 else "live they hold"
    note = (
        f"{counted(halts, 'halt')} {were} lifted the next day, as config/risk_limits.yaml says"
        f" (on_halt: next_day); {live} until a person resumes"
    )
    return [note]


def _recording_note(run: BacktestRun) -> list[str]:
    """Say how many recorded slots within the days of the run are no bar of it."""
    recorded = run.config.get("recorded")
    if not isinstance(recorded, Mapping):
        return []
    within, answered = recorded.get("in_range"), recorded.get("answered")
    if not isinstance(within, int) or not isinstance(answered, int) or within <= answered:
        return []
    lost, first = within - answered, recorded.get("first_without_bar")
    others = f", the first of them {first}," if lost > 1 else f" ({first})"
    note = (
        f"{lost:,} of {within:,} recorded slots within these days{others} {are(lost)} no bar of the"
        " run: what was decided there is not repeated"
    )
    return [note]


def _breaking_notes(run: BacktestRun) -> list[str]:
    """Say how often news asked an agent between its bars."""
    notes = []
    for part in _parts(run):
        found = part.get("breaking_news") if isinstance(part, Mapping) else None
        data = part.get("data") if isinstance(part, Mapping) else None
        if not isinstance(found, Mapping) or not isinstance(data, Mapping):
            continue
        if "left_out" in found:
            notes.append(f"{data['symbol']}: {told_left_out(int(str(found['left_out'])))}")
        else:
            times = counted(int(str(found["decisions"])), "decision")
            notes.append(
                f"breaking news of {data['symbol']}: {times} between bars, at most one a bar; the event"
                " loop ran"
            )
    return notes


def _parts(run: BacktestRun) -> list[object]:
    """Return a lone agent's configuration, or the company's and its agents'."""
    agents = run.config.get("agents")
    return [run.config, *(agents if isinstance(agents, list) else [])]


def _sentiment_notes(run: BacktestRun) -> list[str]:
    """Say whose sentiment was read, how much there was of it, and what nobody scored."""
    notes = [DEAF] if run.config.get("sentiment") == LEFT_OUT else []
    for part in _parts(run):
        found = part.get("sentiment") if isinstance(part, Mapping) else None
        data = part.get("data") if isinstance(part, Mapping) else None
        if isinstance(found, Mapping) and isinstance(data, Mapping):
            notes += [note for note in _mood_notes(found, str(data["symbol"])) if note not in notes]
    return notes


def _mood_notes(found: Mapping[str, object], symbol: str) -> list[str]:
    names = ("stories", "unscored", "bars_with_sentiment", "bars")
    stories, unscored, seen, bars = (int(str(found[name])) for name in names)
    scorer = found["scorer"]
    share = f"{seen / bars:.0%}" if bars else "none"
    note = (
        f"sentiment of {symbol} by {scorer}: {counted(stories, 'headline')},"
        f" {seen:,} of {counted(bars, 'bar')} ({share}) had some"
    )
    notes = [note]
    if unscored:
        are_not = "is not" if unscored == 1 else "are not"
        notes.append(
            f"{counted(unscored, 'headline')} of {symbol} {are_not} scored by {scorer} and"
            f" counted for nothing: `ztrade sentiment score-stored` scores them"
        )
    return notes
