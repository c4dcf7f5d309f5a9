"""A store of bars with its quarantine, and an answer to let in."""

from datetime import datetime

from sqlalchemy.engine import Engine

from tests.fakes.quality import NOW, calendar, changed, sound_bars
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, from_micros
from ztrade_core.market_data.admission import Admitted, admit_bars
from ztrade_core.market_data.quarantine import release_bars
from ztrade_core.market_data.review import QualityReview, review_window
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import HeldRange, Outcome, QuarantinedBar, Release
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.quarantine import SqlQuarantine

TSLA = HeldRange(symbol="TSLA", timeframe=Timeframe.M5)
SOURCE = "vendor:split"
BARS = sound_bars("TSLA", Timeframe.M5).window(0, 500)


class Room:
    """A store of bars and its quarantine."""

    def __init__(self, engine: Engine) -> None:
        self.bars = SqlBarStore(engine)
        self.quarantine = SqlQuarantine(engine)

    def admit(self, bars: BarSeries, at: datetime = NOW, source: str = SOURCE) -> Admitted:
        return admit_bars(
            FetchedBars(series=bars, source=source),
            store=self.bars,
            quarantine=self.quarantine,
            calendar=calendar(),
            known_at=at,
        )

    def stored(self) -> BarSeries:
        return self.bars.read("TSLA", Timeframe.M5)

    def held(self) -> list[QuarantinedBar]:
        return self.quarantine.bars(TSLA, released=False)

    def release(self, outcome: Outcome, wanted: HeldRange = TSLA) -> list[QuarantinedBar]:
        return release_bars(
            wanted,
            Release(outcome=outcome, who="ada", why="looked at it", at=NOW),
            store=self.bars,
            quarantine=self.quarantine,
            calendar=calendar(),
        )

    def review(self, at: datetime = NOW) -> QualityReview:
        return review_window(
            TSLA, store=self.bars, quarantine=self.quarantine, calendar=calendar(), known_at=at
        )


def opened(row: int) -> datetime:
    return from_micros(int(BARS.timestamps[row]))


def spiked(row: int, factor: float = 2.0) -> BarSeries:
    far = lambda name, old: old * factor if name in ("highs", "closes") else old  # noqa: E731
    return changed(BARS, [row], far)
