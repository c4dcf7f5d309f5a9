"""Breaking news in backtests: the moments of live trading, through the very same cycle.

Bars are the session's of `tests.fakes.desk`; bar `n` opens at 100.00 + 0.02 n and closes 0.01 higher.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given as examples
from hypothesis import strategies as st

from tests.fakes.desk import SESSION_OPENS, DeskKit, at, bar, calendar, kit_in_memory
from tests.fakes.desk_makers import Script, ScriptedMaker, proposal
from tests.unit.backtest.builders import STOCK, bars_of, given, script_of, wide_open
from tests.unit.trading.builders import fills
from ztrade_core.backtest.engines import EVENT_LOOP, run_agent
from ztrade_core.backtest.loop import LoopInput, LoopOutput, run_loop
from ztrade_core.backtest.news_ticks import NewsTick, news_ticks
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.time import iso_z
from ztrade_core.ports.sentiment import BreakingNews
from ztrade_core.trading.cycle import CycleResult

BARS = 14
BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")
LISTENER = replace(STOCK, breaking_news=True)
SERIES = bars_of(
    [
        (100 + 0.02 * n, 100.5 + 0.02 * n, 99.5 + 0.02 * n, 100.01 + 0.02 * n, 1e6)
        for n in range(BARS)
    ]
)
INSIDE = bar(3) + timedelta(minutes=2)


def story(known_at: datetime, name: str = "") -> ScoredStory:
    return ScoredStory(
        news_id=name or iso_z(known_at),
        symbol="TSLA",
        published_at=known_at,
        known_at=known_at,
        source="files",
        headline="a headline",
        scorer="lexicon@1",
        score=0.9,
        confidence=0.9,
    )


class Stories(BreakingNews):
    """Just these stories are breaking."""

    def __init__(self, *stories: ScoredStory) -> None:
        self._stories = sorted(stories, key=lambda each: (each.known_at, each.news_id))

    def breaking(self, symbol: str, *, since: datetime, until: datetime) -> list[ScoredStory]:
        return [each for each in self._stories if since < each.known_at <= until]


def ticks(*stories: ScoredStory) -> tuple[NewsTick, ...]:
    return news_ticks(Stories(*stories), calendar(), LISTENER, SERIES, first=0)


def asked(news: tuple[NewsTick, ...], answers: Script) -> LoopInput:
    mind = ScriptedMaker(answers)
    return replace(given(SERIES, mind, trader=LISTENER, house=wide_open()), news=news)


def run(news: tuple[NewsTick, ...], answers: Script) -> tuple[LoopOutput, list[CycleResult]]:
    results: list[CycleResult] = []
    return run_loop(asked(news, answers), watcher=results.append), results


def test_a_story_within_a_bar_is_a_moment_and_one_at_a_completion_is_none() -> None:
    found = ticks(story(INSIDE), story(at(5)), story(at(5) + timedelta(microseconds=1)))

    assert [tick.at for tick in found] == [INSIDE, at(5) + timedelta(microseconds=1)]


def test_of_a_bars_stories_the_one_known_first_is_decided_on() -> None:
    found = ticks(*(story(bar(4) + timedelta(seconds=second)) for second in (40, 20, 200)))

    assert [tick.at for tick in found] == [bar(4) + timedelta(seconds=20)]


def test_nothing_is_decided_before_the_first_decision_nor_after_the_last_nor_by_the_deaf() -> None:
    early, late = story(bar(0) + timedelta(seconds=9)), story(bar(BARS) + timedelta(seconds=9))

    assert ticks(early, late) == ()
    assert news_ticks(Stories(story(INSIDE)), calendar(), STOCK, SERIES, first=0) == ()
    assert news_ticks(None, calendar(), LISTENER, SERIES, first=0) == ()


def test_a_story_between_sessions_is_decided_on_when_the_next_one_opens() -> None:
    """The last bar of Tuesday the 27th, then Wednesday's: two stories of the night are one decision."""
    tuesday = datetime.fromisoformat("2022-12-27T20:55:00Z")
    stamps = [tuesday, *(bar(number) for number in range(3))]
    series = bars_of([(100, 101, 99, 100, 1e6)] * 4, opened=stamps)
    night = [story(tuesday + timedelta(hours=hours)) for hours in (2, 5)]

    found = news_ticks(Stories(*night), calendar(), LISTENER, series, first=0)

    assert [(tick.at, tick.known_at) for tick in found] == [(SESSION_OPENS, night[0].known_at)]


def test_an_entry_on_news_fills_at_the_open_of_the_bar_after() -> None:
    """Decided within bar 3; bar 4 opens at 100.08, plus 2 bps: 100.100016."""
    news = ticks(story(INSIDE, "s"))

    output, _ = run(news, {(LISTENER.agent_id, "news:s"): BUY})

    (entry,) = output.fills
    assert entry.timestamp == bar(4)
    assert entry.price == 100.08 * (1 + 2 / 10000)
    assert len(output.equity) == BARS


def test_a_run_that_news_asks_in_is_the_event_loops_and_says_why() -> None:
    news = ticks(story(INSIDE, "s"))

    done = run_agent(asked(news, {}), None)

    assert done.engine == EVENT_LOOP
    assert "1 breaking story (the first at 2022-12-28T14:47:00Z)" in done.why_not_compiled


def test_a_run_without_stories_is_the_run_it_was() -> None:
    answers = script_of(SERIES, {2: BUY, 7: SELL}, LISTENER.agent_id)

    listening, _ = run((), answers)
    deaf = run_loop(given(SERIES, ScriptedMaker(answers), trader=STOCK, house=wide_open()))

    assert listening == deaf


def test_a_replay_is_the_rehearsal_of_the_same_moments() -> None:
    news = ticks(story(INSIDE, "s"), story(bar(8) + timedelta(seconds=1), "t"))
    answers: Mapping[tuple[str, str], Proposal] = {
        **script_of(SERIES, {10: BUY}, LISTENER.agent_id),
        (LISTENER.agent_id, "news:s"): BUY,
        (LISTENER.agent_id, "news:t"): SELL,
    }
    output, replayed = run(news, answers)

    kit = rehearsal(answers, news)
    moments = sorted(
        [(at(number), None) for number in range(BARS)] + [(t.at, t.news_id) for t in news],
        key=lambda moment: moment[0],
    )
    rehearsed = [kit.cycle(moment, LISTENER.agent_id, story=name) for moment, name in moments]

    assert [told(each) for each in replayed] == [told(each) for each in rehearsed]
    assert [(f.timestamp, f.quantity, f.price) for f in output.fills] == [
        (f.filled_at, float(f.quantity), float(f.price)) for f in fills(kit)
    ]
    assert [fill.timestamp for fill in output.fills] == [bar(4), bar(9), bar(11)]


def rehearsal(answers: Script, news: tuple[NewsTick, ...]) -> DeskKit:
    known = {tick.news_id: tick.known_at for tick in news}
    house = replace(wide_open(), agents=(LISTENER,))
    kit = kit_in_memory(script=answers, company=house, stories=lambda name, _: known.get(name))
    kit.bars.upsert([SERIES], source="test", ingested_at=SESSION_OPENS)
    return kit


def told(result: CycleResult) -> tuple[object, ...]:
    admission = result.validated.admission
    assert admission is not None
    decision = admission.row.decision
    return (
        decision.key.slot,
        decision.as_of,
        decision.outcome,
        decision.reason,
        decision.quantity,
        decision.limit_price,
        decision.stop_price,
    )


SECONDS = st.lists(st.integers(1, 300 * (BARS - 1)), max_size=12, unique=True)


@examples(seconds=SECONDS, cut=st.integers(1, 300 * (BARS - 1)))
def test_what_is_told_later_changes_no_earlier_decision(seconds: list[int], cut: int) -> None:
    """Stories after `cut` are taken away: what was decided up to then stays, to the last bit."""
    known = [story(bar(0) + timedelta(seconds=second)) for second in seconds]
    until = bar(0) + timedelta(seconds=cut)
    answers = {
        (LISTENER.agent_id, f"news:{each.news_id}"): SELL if number % 2 else BUY
        for number, each in enumerate(known)
    }

    _, whole = run(ticks(*known), answers)
    _, part = run(ticks(*(each for each in known if each.known_at <= until)), answers)

    def early(results: list[CycleResult]) -> list[tuple[object, ...]]:
        return [told(each) for each in results if each.observed.snapshot.as_of <= until]

    assert early(whole) == early(part)
