"""Stories of one symbol from every provider that can serve: all are asked, each on its own.

A provider that fails hides no other: what the others had is kept, and the failure is told with it. A
provider whose limit is used up rests for the rest of the run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ztrade_core.domain.time import MICROSECOND, iso_z
from ztrade_core.errors import DataError, RateLimitedError
from ztrade_core.news.cleaning import Fetch
from ztrade_core.news.intake import TakenIn, take_in
from ztrade_core.news.knowing import LIVE_REACH
from ztrade_core.ports.news import NewsProvider, NewsStore

PIECE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsWindow:
    """Which stories: about `symbol`, with `start <= published_at < stop`."""

    symbol: str
    start: datetime
    stop: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking one provider; `failed` is empty when it answered.

    `until`: a limit stands in the way up to then.
    """

    provider: str
    taken: TakenIn = field(default_factory=TakenIn)
    notes: tuple[str, ...] = ()
    failed: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What came of a window: one entry a provider that has the symbol, in the providers' order.

    `passed_over` names who was not asked, and why.
    """

    window: NewsWindow
    asked: tuple[Asked, ...]
    passed_over: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """How many stories entered."""
        return sum(each.taken.new for each in self.asked)

    @property
    def known_before(self) -> int:
        """How many stories were there already."""
        return sum(each.taken.known_before for each in self.asked)

    @property
    def refused(self) -> int:
        """How many stories may not enter."""
        return sum(len(each.taken.refused) for each in self.asked)

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the providers that did not answer."""
        return tuple(each.provider for each in self.asked if each.failed)

    @property
    def is_complete(self) -> bool:
        """Whether everybody who was asked has answered."""
        return not self.failed

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, each line with the provider's name."""
        lines = [
            f"{each.provider}: {text}"
            for each in self.asked
            for text in (*each.notes, *each.taken.notes, each.failed)
            if text
        ]
        return (*lines, *self.passed_over)


def live_window(symbol: str, as_of: datetime) -> NewsWindow:
    """Return what a live refresh asks for: as far back as what it finds counts as live."""
    return NewsWindow(symbol=symbol, start=as_of - LIVE_REACH, stop=as_of + MICROSECOND)


def pieces(window: NewsWindow) -> Iterator[NewsWindow]:
    """Yield a window in pieces of at most 30 days, oldest first: a backfill keeps each as it comes."""
    start = window.start
    while start < window.stop:
        stop = min(start + PIECE, window.stop)
        yield replace(window, start=start, stop=stop)
        start = stop


class Gathering:
    """Asks providers for windows; one run. `fetched_at` is the run's moment.

    `passed_over` says of configured sources why they are not among the providers.
    """

    def __init__(
        self,
        providers: Sequence[NewsProvider],
        store: NewsStore,
        *,
        fetched_at: datetime,
        backfill_delay: timedelta,
        passed_over: Sequence[str] = (),
    ) -> None:
        self._providers = tuple(providers)
        self._passed_over = tuple(passed_over)
        self._store = store
        self._fetched_at = fetched_at
        self._delay = backfill_delay
        self._resting: dict[str, RateLimitedError] = {}

    def refresh(self, symbol: str) -> Gathered:
        """Ask for the newest stories about a symbol."""
        return self.gather(live_window(symbol, self._fetched_at))

    def backfill(self, window: NewsWindow) -> list[Gathered]:
        """Ask for a window piece by piece; what a piece brought is kept whatever comes after."""
        return [self.gather(piece) for piece in pieces(window)]

    def gather(self, window: NewsWindow) -> Gathered:
        """Ask every provider that has the symbol for one window."""
        able = [each for each in self._providers if each.supports(window.symbol)]
        silent = tuple(
            f"{each.name}: offers no stories about {window.symbol}"
            for each in self._providers
            if each not in able
        )
        passed_over = (*self._passed_over, *silent)
        if not self._providers and not passed_over:
            passed_over = ("nobody to ask: stories come from files only (`ztrade news import`)",)
        asked = tuple(self._ask(provider, window) for provider in able)
        return Gathered(window=window, asked=asked, passed_over=passed_over)

    def _ask(self, provider: NewsProvider, window: NewsWindow) -> Asked:
        limit = self._resting.get(provider.name)
        if limit is not None:
            return Asked(provider=provider.name, failed=str(limit), until=limit.until)
        try:
            return self._taken(provider, window)
        except RateLimitedError as error:
            self._resting[provider.name] = error
            return Asked(provider=provider.name, failed=str(error), until=error.until)
        except DataError as error:
            return Asked(provider=provider.name, failed=str(error))

    def _taken(self, provider: NewsProvider, window: NewsWindow) -> Asked:
        fetched = provider.fetch(window.symbol, window.start, window.stop)
        inside, naive = [], []
        for raw in fetched.stories:
            if raw.published_at.tzinfo is None:
                naive.append(raw)  # taken along, so that its refusal is told
            elif window.start <= raw.published_at < window.stop:
                inside.append(raw)
        outside = len(fetched.stories) - len(inside) - len(naive)
        notes = list(fetched.notes)
        if outside:
            notes.append(
                f"{outside} stories not from {iso_z(window.start)} to {iso_z(window.stop)} left out"
            )
        fetch = Fetch(
            provider=provider.name, fetched_at=self._fetched_at, backfill_delay=self._delay
        )
        taken = take_in([*inside, *naive], self._store, fetch, only=window.symbol)
        return Asked(provider=provider.name, taken=taken, notes=tuple(notes))
