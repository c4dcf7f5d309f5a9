"""Sentiment sensitivity: with, without and late; a look into the next bars does not survive delay."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.fakes.desk import calendar
from tests.fakes.portfolios import MOMENTUM
from tests.fakes.sentiment_history import OneSentiment
from tests.fakes.study_store import MemoryStudyStore
from tests.golden.small_backtest import COINS, CROSSOVER, STOCK, series_for
from tests.unit.risk.builders import company
from tests.unit.studies.builders import ASKED, bench_of
from ztrade_core.backtest.kernel.schedule import bar_schedule
from ztrade_core.backtest.runs import Bench, run_and_store
from ztrade_core.domain.configuration import StrategyChoice
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.studies import StudyKind
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.studies.sentiment import bars_late, differences, late, study_sentiment, variants_of
from ztrade_core.studies.variants import Varied

SERIES = series_for(STOCK)
COMPLETED, _ = bar_schedule(calendar(), STOCK.instrument.asset_class, SERIES)
LABELS = ["with", "without", "1 bar late", "1 hour late", "1 day late"]


def bench(backtests: BacktestStore, choice: StrategyChoice = MOMENTUM) -> Bench:
    house = company(replace(STOCK, strategy=choice), costs=COINS)
    return bench_of(house, SERIES, backtests)


def mood(scores: list[float], every: int = 1) -> SentimentSeries:
    """One reading at the completion of each bar, or of every so many."""
    known_at = COMPLETED[: len(scores) * every : every]
    weights = np.where(np.isnan(scores), np.nan, 1.0)
    return SentimentSeries(
        known_at=known_at, scores=np.array(scores), confidences=weights, scorer="test"
    )


def foreseen(bars: int) -> SentimentSeries:
    """Each bar is told where the close goes within the next bars: hindsight."""
    closes = SERIES.closes
    later = np.append(closes[bars:], np.full(bars, closes[-1]))
    return mood(np.where(later > closes, 1.0, -1.0).tolist())


def study(
    backtests: BacktestStore, known: SentimentSeries, choice: StrategyChoice = MOMENTUM
) -> Varied:
    history = OneSentiment("TSLA", known)
    return study_sentiment(
        bench(backtests, choice), MemoryStudyStore(), history, STOCK.agent_id, ASKED
    )


def test_the_run_without_has_the_figures_of_a_stored_run(backtests: BacktestStore) -> None:
    found = study(backtests, foreseen(2))
    stored = run_and_store(bench(backtests), STOCK.agent_id, *ASKED).run.metrics
    assert found.labels == tuple(LABELS)
    without = found.trials[1].metrics
    assert {name: without[name] for name in stored} == stored
    assert found.trials[0].metrics["total_return"] != stored["total_return"]


def test_a_look_into_the_next_bars_is_gone_one_bar_later(backtests: BacktestStore) -> None:
    found = study(backtests, foreseen(1))
    summary = found.study.summary
    added, kept = summary["added_return"], summary["kept_share_1_bar_late"]
    assert isinstance(added, float)
    assert isinstance(kept, float)
    assert added > 0.0
    assert kept < 0.5
    assert found.notes[-1].startswith(
        f"1 bar late, {1.0 - kept:.0%} of what sentiment adds is gone"
    )
    assert summary["return_1_bar_late"] == found.trials[2].metrics["total_return"]


def test_differences_are_told_a_figure(backtests: BacktestStore) -> None:
    found = study(backtests, foreseen(1))
    one, other = found.trials[0], found.trials[1]
    told = differences(one, other)
    assert told["total_return"] == found.study.summary["added_return"]
    assert told["bars_with_sentiment"] == len(SERIES)
    assert differences(one, replace(other, metrics={}))["total_return"] is None


def test_a_bar_late_is_first_seen_one_bar_later() -> None:
    """Seen at bars 0, 0 (between bars, too), 1 and the last; the second hides the first."""
    moments = [COMPLETED[0] - 5, COMPLETED[0], COMPLETED[1] - 1, COMPLETED[-1]]
    known = replace(mood([0.1, 0.2, 0.3, 0.4]), known_at=np.array(moments, dtype=np.int64))
    found = bars_late(known, COMPLETED)
    assert found.known_at.tolist() == [COMPLETED[1], COMPLETED[2]]
    assert found.scores.tolist() == [0.2, 0.3]
    scores, _ = known.at_each(COMPLETED)
    delayed, _ = found.at_each(COMPLETED)
    assert delayed[2:].tolist() == scores[1:-1].tolist()


def test_late_is_later_by_just_so_much() -> None:
    known = mood([0.1, 0.2])
    found = late(known, timedelta(hours=1))
    assert (found.known_at - known.known_at).tolist() == [3_600_000_000] * 2
    assert found.scores.tolist() == known.scores.tolist()


@pytest.mark.parametrize(
    ("timeframe", "absent"), [(Timeframe.H1, "1 hour late"), (Timeframe.D1, "1 day late")]
)
def test_a_delay_of_a_bars_length_is_not_run_twice(
    backtests: BacktestStore, timeframe: Timeframe, absent: str
) -> None:
    found = variants_of(bench(backtests), mood([0.1]), COMPLETED, timeframe)
    assert [each.label for each in found] == [label for label in LABELS if label != absent]


def test_a_strategy_that_reads_no_sentiment_is_told(backtests: BacktestStore) -> None:
    found = study(backtests, foreseen(1), CROSSOVER)
    assert found.notes == ("no figure differs: sma_crossover made nothing of the sentiment",)
    assert found.study.summary["kept_share_1_bar_late"] is None


def test_bars_without_sentiment_are_counted(backtests: BacktestStore) -> None:
    found = study(backtests, mood([0.5] * 10 + [float("nan")]))
    assert found.study.summary["bars_with_sentiment"] == 10
    assert found.notes[0] == f"10 of {len(SERIES)} bars had sentiment: the others decided without"
    assert [trial.metrics["bars_with_sentiment"] for trial in found.trials][:3] == [10, 0, 10]


def test_readings_that_had_become_old_are_told_with_the_oldest_age(
    backtests: BacktestStore,
) -> None:
    """A reading of 7 days before the last bar is not old; of 10 days before it, some bars' is."""
    last = int(COMPLETED[-1])

    def notes(days: int) -> tuple[str, ...]:
        moment = last - timedelta(days=days) // timedelta(microseconds=1)
        return study(
            backtests, replace(mood([0.5]), known_at=np.array([moment], dtype=np.int64))
        ).notes

    (told,) = [note for note in notes(10) if "reading of more than 7 days" in note]
    assert told.startswith(f"{len(SERIES)} bars had only")
    assert "the oldest was 10 days old, at " in told
    assert not any("reading of more than" in note for note in notes(7))


def test_a_study_is_kept_once_with_what_determined_it(backtests: BacktestStore) -> None:
    kept, given = MemoryStudyStore(), bench(backtests)
    for known in (foreseen(1), foreseen(1), foreseen(2)):
        study_sentiment(given, kept, OneSentiment("TSLA", known), STOCK.agent_id, ASKED)
    studies = kept.studies(STOCK.agent_id, StudyKind.SENTIMENT)
    assert len(studies) == 2
    assert {each.config["sentiment"]["readings"] for each in studies} == {len(SERIES)}  # type: ignore[index]
    names = ("delay_bars", "delay_seconds", "sentiment")
    assert [trial.parameters for trial in kept.trials(studies[0].study_id)] == [
        tuple(zip(names, values, strict=True))
        for values in ((0, 0, 1), (0, 0, 0), (1, 0, 1), (0, 3600, 1), (0, 86400, 1))
    ]


def test_without_readings_it_says_so_and_what_to_do(backtests: BacktestStore) -> None:
    given, kept = bench(backtests), MemoryStudyStore()
    said = "no sentiment of TSLA is stored: `ztrade news import PATH"
    for history in (None, OneSentiment("IWM", foreseen(1))):
        with pytest.raises(NoDataError, match=said):
            study_sentiment(given, kept, history, STOCK.agent_id, ASKED)
    late_ones = OneSentiment("TSLA", late(foreseen(1), timedelta(days=30)))
    with pytest.raises(NoDataError, match="test knows no sentiment of TSLA from 2022-12-28"):
        study_sentiment(given, kept, late_ones, STOCK.agent_id, ASKED)
    with pytest.raises(InputError, match="no agent 'agent_x'"):
        study_sentiment(given, kept, None, "agent_x", ASKED)
    assert kept.studies() == []
