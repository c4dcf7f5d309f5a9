"""The evaluations of a window of news and of its sentiment: one a check, with what was looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import dagster as dg

from ztrade_core.assembly.news_days import LoadedNews, ScoredDays
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import are, counted
from ztrade_core.news.cleaning import AHEAD
from ztrade_core.news.gathering import NewsWindow
from ztrade_pipelines import ui
from ztrade_pipelines.sentiment import checks
from ztrade_pipelines.sentiment.schedules import every

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
LATE_REFRESHES = 3
MOST_RETOLD = 0.5
FEW = 10
FIRST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a check found."""

    passed: bool
    text: str
    severity: dg.AssetCheckSeverity = WARN
    metadata: ui.Metadata = field(default_factory=dict)


def news_evaluations(
    key: dg.AssetKey, loaded: LoadedNews, *, refreshing: bool
) -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a check; `refreshing`: the symbol's refresh schedule runs."""
    seen = {
        checks.ANSWERED: _answered(loaded),
        checks.FUTURE: _from_the_future(loaded),
        checks.FRESH: _fresh(loaded, refreshing=refreshing),
    }
    for name, found in seen.items():
        yield _result(key, name, found, loaded.window)


def sentiment_evaluations(key: dg.AssetKey, scored: ScoredDays) -> Iterator[dg.AssetCheckResult]:
    """Yield one evaluation a check."""
    judges: dict[str, Callable[[ScoredDays], Seen]] = {
        checks.RANGE: _in_range,
        checks.KNOWN: _known_in_time,
        checks.COVERED: _covered,
        checks.ONE_SCORER: _one_scorer,
        checks.RETOLD: _few_retold,
    }
    for name, judge in judges.items():
        yield _result(key, name, judge(scored), scored.window)


def _result(key: dg.AssetKey, name: str, seen: Seen, window: NewsWindow) -> dg.AssetCheckResult:
    told = {"window": f"{iso_z(window.start)} to {iso_z(window.stop)}", **seen.metadata}
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=seen.passed,
        severity=seen.severity,
        description=seen.text,
        metadata=told,
    )


def _answered(loaded: LoadedNews) -> Seen:
    silent = dict.fromkeys(asked.provider for asked in loaded.asked if asked.failed)
    asked = dict.fromkeys(each.provider for each in loaded.asked)
    if not asked:
        return Seen(passed=True, text="nobody was asked: the notes of the run say why")
    if not silent:
        return Seen(passed=True, text=f"answered: {', '.join(asked)}")
    names = ", ".join(silent)
    return Seen(passed=False, text=f"did not answer: {names}; the notes of the run say why")


def _from_the_future(loaded: LoadedNews) -> Seen:
    bad = [
        (iso_z(one.published_at), iso_z(one.ingested_at), iso_z(one.known_at), one.source)
        for one in loaded.stories
        if one.published_at > one.ingested_at + AHEAD
        or one.known_at < one.published_at
        or one.ingested_at > loaded.asked_at
        or not loaded.window.start <= one.published_at < loaded.window.stop
    ]
    columns = ("published", "arrived", "known", "source")
    metadata: ui.Metadata = {"stories": len(loaded.stories), "bad": len(bad)}
    if not bad:
        text = f"the times of all {len(loaded.stories)} stories are possible"
        return Seen(passed=True, text=text, severity=ERROR, metadata=metadata)
    metadata["first_bad"] = ui.table(columns, bad[:FIRST])
    text = f"{len(bad)} of {len(loaded.stories)} stories have impossible times"
    return Seen(passed=False, text=text, severity=ERROR, metadata=metadata)


def _fresh(loaded: LoadedNews, *, refreshing: bool) -> Seen:
    metadata = {"last_heard_of": ui.moment(loaded.heard_at)}
    if not refreshing:
        text = "its refresh schedule is off: nothing need be fresh"
        return Seen(passed=True, text=text, metadata=metadata)
    limit = LATE_REFRESHES * timedelta(minutes=every(loaded.window.symbol))
    if loaded.heard_at is None:
        text = "its refresh schedule runs, and nothing was ever heard of it"
        return Seen(passed=False, text=text, metadata=metadata)
    age = loaded.asked_at - loaded.heard_at
    minutes, most = f"{age / timedelta(minutes=1):,.0f}", f"{limit / timedelta(minutes=1):,.0f}"
    text = f"its news was last heard of {minutes} minutes ago; at most {most} while it is refreshed"
    return Seen(passed=age <= limit, text=text, metadata=metadata)


def _in_range(scored: ScoredDays) -> Seen:
    rows = [row for row in scored.rows if not _is_sound(row)]
    bad = [(row.news_id, row.score, row.confidence, row.scorer) for row in rows]
    metadata: ui.Metadata = {"scores": len(scored.rows), "bad": len(bad)}
    if bad:
        columns = ("story", "score", "confidence", "scorer")
        metadata["first_bad"] = ui.table(columns, [tuple(map(str, one)) for one in bad[:FIRST]])
    text = f"{len(bad)} of {counted(len(scored.rows), 'score')} {are(len(bad))} out of range"
    return Seen(passed=not bad, text=text, severity=ERROR, metadata=metadata)


def _is_sound(row: ScoredStory) -> bool:
    """Return whether score and confidence are in range, or both absent; NaN is in no range."""
    if row.score is None or row.confidence is None:
        return row.score is None and row.confidence is None
    return -1.0 <= row.score <= 1.0 and 0.0 <= row.confidence <= 1.0


def _known_in_time(scored: ScoredDays) -> Seen:
    late = {row.news_id for row in scored.rows if row.known_at > scored.as_of}
    early = {row.news_id for row in scored.rows if row.known_at < row.published_at}
    read = () if scored.reading is None else scored.reading.headlines
    ahead = {one.news_id for one in read if one.news_id in late or one.published_at > scored.as_of}
    bad = late | early | ahead
    metadata: ui.Metadata = {"as_of": ui.moment(scored.as_of), "read": len(read), "bad": len(bad)}
    if not bad:
        text = (
            f"all {len(scored.rows)} scores, and the reading, were known by {iso_z(scored.as_of)}"
        )
    else:
        text = f"{counted(len(bad), 'score')} {are(len(bad))} of what was not known yet"
        metadata["first_bad"] = ui.lines(sorted(bad)[:FIRST])
    return Seen(passed=not bad, text=text, severity=ERROR, metadata=metadata)


def _covered(scored: ScoredDays) -> Seen:
    metadata: ui.Metadata = {
        "scorer": scored.scorer,
        "stories": scored.stories,
        "unscored": scored.unscored,
    }
    if scored.unscored:
        text = f"{scored.scorer} has not scored {scored.unscored} of {scored.stories} stories"
        return Seen(passed=False, text=text, severity=ERROR, metadata=metadata)
    if scored.notes:
        return Seen(passed=False, text="; ".join(scored.notes), metadata=metadata)
    text = f"{scored.scorer} has scored all {scored.stories} stories"
    return Seen(passed=True, text=text, severity=ERROR, metadata=metadata)


def _one_scorer(scored: ScoredDays) -> Seen:
    """A scorer that scored all of the days was replaced; one that scored a part changed within them."""
    counts = scored.rows_by_scorer
    parts = [
        f"{key} ({rows})"
        for key, rows in counts.items()
        if key != scored.scorer and rows < scored.stories
    ]
    metadata: ui.Metadata = {"rows": ui.table(("scorer", "rows"), list(counts.items()))}
    if not parts:
        text = f"{scored.scorer} alone" if counts else "no story, no score"
        return Seen(passed=True, text=text, metadata=metadata)
    text = (
        f"the scorer changed within these days: {', '.join(parts)} of {scored.stories} stories;"
        f" readings use {scored.scorer} only, earlier decisions may have used another"
    )
    return Seen(passed=False, text=text, metadata=metadata)


def _few_retold(scored: ScoredDays) -> Seen:
    """A share of a handful of stories says nothing."""
    count = sum(row.news_id in scored.retold for row in scored.rows)
    share = count / len(scored.rows) if scored.rows else 0.0
    metadata = {"retold": count, "retold_share": ui.number(share), "limit": ui.number(MOST_RETOLD)}
    text = f"{count} of {len(scored.rows)} stories ({share:.0%}) retell others and count once"
    few = len(scored.rows) < FEW
    return Seen(passed=few or share <= MOST_RETOLD, text=text, metadata=metadata)
