"""What has changed since months were judged: the bars they saw, and how many plans were walked there."""

from collections.abc import Sequence
from dataclasses import asdict

from ztrade_core.backtest.runs import series_digest
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.canonical import canonical_json, plain
from ztrade_core.domain.studies import Study, StudyKind
from ztrade_core.domain.time import MICROSECOND, to_micros
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.splits import SplitAwareBars
from ztrade_core.studies.walk_forward_data import Walk, in_sample_begin
from ztrade_core.studies.walk_forward_months import month_of

ALL = 1_000_000


def require_same_samples(walk: Walk, months: Sequence[Study]) -> None:
    """Raise NoDataError, naming the month, when the bars that one was fitted on are no longer the same.

    The store's bars are read once, from the first one to the last month's begin.
    """
    last = max(month_of(study.part) for study in months)
    shelf = SplitAwareBars(walk.bench.bars, walk.bench.splits)
    bars = shelf.read(walk.agent.symbol, walk.agent.timeframe, stop=last.begins)
    for study in months:
        series = bars.as_of(month_of(study.part).begins - MICROSECOND)
        kept = study.config.get("in_sample")
        if not isinstance(kept, dict) or kept.get("digest") != _digest(walk, study, series, kept):
            raise NoDataError(
                f"{study.part}: the store's bars are no longer those it was fitted on; {again(study)}"
                " judges it anew"
            )


def _digest(walk: Walk, study: Study, series: BarSeries, kept: dict[str, object]) -> str:
    """Return the digest of a month's sample as the store has it now, its warm-up included."""
    month, warm_up = month_of(study.part), kept.get("warm_up_bars")
    begins, ends = to_micros(in_sample_begin(walk, month)), to_micros(month.begins)
    first, stop = (int(series.timestamps.searchsorted(each)) for each in (begins, ends))
    complete = walk.bench.calendar.complete_count(
        walk.agent.instrument.asset_class,
        walk.agent.timeframe,
        series.timestamps[first:stop],
        month.begins,
    )
    before = first - warm_up if isinstance(warm_up, int) else first
    return series_digest(series.window(max(0, before), first + complete))


def again(study: Study) -> str:
    """Return the command that judges a month anew."""
    return f"`ztrade study walk-forward {study.agent_id} --from {study.part} --to {study.part} --again`"


def other_plans(walk: Walk, months: Sequence[Study]) -> list[str]:
    """Say how many other plans were walked over these months: whoever takes the best has chosen."""
    parts, own = {study.part for study in months}, _text(asdict(walk.plan))
    stored = walk.studies.studies(walk.agent.agent_id, StudyKind.WALK_FORWARD, limit=ALL)
    found = {_text(study.config.get("plan")) for study in stored if study.part in parts} - {own}
    if not found:
        return []
    told = counted(len(found), "other plan")
    said = f"{told} {are(len(found))} judged on months of these too"
    return [f"{said}: the best of them is chosen out of sample"]


def _text(plan: object) -> str:
    return canonical_json(plain(plan))
