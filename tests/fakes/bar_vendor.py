"""A provider of bars that follows a script: it serves, lacks, fails or limits, and remembers."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from typing_extensions import override

from tests.fakes.series import series_of_closes
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import NoDataError
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.providers import BarProvider, FetchedBars


class BarVendor(BarProvider):
    """Serves every bar of the calendar but for `holes`; `script` raises first, one a question.

    `since`: a question that begins before is refused unasked. `on_asked` is called for every request.
    """

    def __init__(
        self,
        name: str,
        calendar: Calendar,
        *,
        source: str = "",
        script: Sequence[Exception | None] = (),
        holes: Collection[datetime] = (),
        since: datetime | None = None,
    ) -> None:
        self._name = name
        self._calendar = calendar
        self._source = source or f"{name}:split"
        self._script = list(script)
        self._holes = set(holes)
        self._since = since
        self.offers = True
        self.on_asked: Callable[[], None] = lambda: None
        self.asked: list[tuple[str, Timeframe, datetime, datetime]] = []

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return self.offers

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return int(self._since is None or start >= self._since)

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        if not self.calls(symbol, timeframe, start, stop):
            raise NoDataError("holds newer bars only")
        self.on_asked()
        self.asked.append((symbol, timeframe, start, stop))
        told = self._script.pop(0) if self._script else None
        if told is not None:
            raise told
        kind = instrument_of(symbol).asset_class
        opens = self._calendar.expected_bars(kind, timeframe, start, stop)
        opens = [each for each in opens if each not in self._holes]
        if not opens:
            raise NoDataError("has none of this")
        closes = [100.0 + (each.hour * 60 + each.minute) % 97 / 100 for each in opens]
        series = series_of_closes(symbol, timeframe, opens, closes, wick=0.001)
        return FetchedBars(series=series, source=self._source)
