"""A live run brings news up to its moment before it looks; a source that fails stops nothing."""

from dataclasses import replace
from datetime import datetime

from typing_extensions import override

from tests.fakes.desk import at, calm, kit_in_memory
from tests.unit.risk.builders import TSLA
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.errors import DataError, TransientDataError
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.ports.sentiment import SentimentDesk
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest

FRESH = SentimentReading(score=0.4, confidence=0.5, scorer="lexicon@1")


class NewsDesk(SentimentDesk):
    """Knows a reading from its first refresh on, or fails; `asked` are its refreshes."""

    def __init__(self, failure: DataError | None = None) -> None:
        self._failure = failure
        self.asked: list[tuple[str, datetime]] = []

    @override
    def refresh(self, symbol: str, as_of: datetime) -> tuple[str, ...]:
        self.asked.append((symbol, as_of))
        if self._failure is not None:
            raise self._failure
        return ("3 new headlines",)

    def reading(self, symbol: str, as_of: datetime) -> SentimentReading | None:
        """What a market's view reads."""
        return FRESH if (symbol, as_of) in self.asked and self._failure is None else None


def cycle(news: NewsDesk, *, live: bool) -> CycleResult:
    kit = kit_in_memory()
    kit.put_bars({"TSLA": calm(5)})
    desk = kit.desk(at(4))
    market = StoreMarket(
        kit.bars,
        desk.calendar,
        clock=desk.clock,
        providers={},
        history_start=at(0),
        sentiment=news.reading,
    )
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(4), holder="test")
    return run_cycle(replace(desk, market=market, sentiment=news, live=live), request)


def test_a_live_run_refreshes_and_its_snapshot_holds_what_came() -> None:
    news = NewsDesk()
    observed = cycle(news, live=True).observed
    assert news.asked == [("TSLA", at(4))]
    assert "news: 3 new headlines" in observed.notes
    assert observed.snapshot.sentiment == FRESH


def test_a_failure_is_a_note_and_the_run_decides_on_what_there_was() -> None:
    observed = cycle(NewsDesk(TransientDataError("alpaca: 503")), live=True).observed
    assert "news: alpaca: 503" in observed.notes
    assert observed.snapshot.sentiment is None


def test_a_rehearsal_asks_nobody() -> None:
    news = NewsDesk()
    cycle(news, live=False)
    assert news.asked == []
