"""What vendors tell of splits, brought into the store: once a New York day for each stock.

The first vendor that answers is believed for the day. Only splits whose day has come are kept: what is
announced may be called off. A split that contradicts a kept one is told, not written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import new_york_date
from ztrade_core.errors import DataError, NoDataError
from ztrade_core.logs import get_logger
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.ports.splits import SplitAnswers, SplitStore

log = get_logger(__name__)
SINCE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What came of asking: who answered (empty: nobody), the splits told, those new, what to tell."""

    vendor: str
    told: tuple[Split, ...]
    added: int
    notes: tuple[str, ...]


class SplitNews:
    """Asks vendors in their order."""

    def __init__(
        self,
        store: SplitStore,
        answers: SplitAnswers,
        providers: Callable[[], Sequence[SplitProvider]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._answers = answers
        self._providers = providers
        self._clock = clock

    def bring(self, symbol: str) -> list[str]:
        """Ask for a stock's splits unless a vendor answered today; return what to tell."""
        if instrument_of(symbol).asset_class is not AssetClass.STOCK:
            return []
        answered = self._answers.answered_at(symbol)
        today = new_york_date(self._clock.now())
        if answered is not None and new_york_date(answered) >= today:
            return []
        providers = self._providers()
        return list(self._ask(symbol, providers).notes) if providers else []

    def ask(self, symbol: str) -> Brought:
        """Ask for a stock's splits now; a vendor's failure is told, and the next one asked."""
        return self._ask(symbol, self._providers())

    def _ask(self, symbol: str, providers: Sequence[SplitProvider]) -> Brought:
        now = self._clock.now()
        today, notes, has_none = new_york_date(now), list[str](), ""
        for provider in providers:
            try:
                told = provider.splits(symbol, SINCE, today)
                added = self._store.put(told)
            except NoDataError as error:
                has_none = has_none or provider.name
                notes.append(f"{provider.name}: splits of {symbol}: {error}")
                continue
            except DataError as error:
                log.warning("splits_failed", symbol=symbol, by=provider.name, error=str(error))
                notes.append(f"{provider.name}: splits of {symbol}: {error}")
                continue
            self._answers.note_answer(symbol, provider.name, now)
            if added:
                notes.append(f"{provider.name}: {added} new of {symbol}'s splits: {_named(told)}")
            return Brought(vendor=provider.name, told=tuple(told), added=added, notes=tuple(notes))
        if has_none:  # an answer too: it is not asked for again today
            self._answers.note_answer(symbol, has_none, now)
        if not notes:
            notes.append(
                f"no vendor tells {symbol}'s splits: `ztrade data splits add` does by hand"
            )
        return Brought(vendor="", told=(), added=0, notes=tuple(notes))


def _named(splits: Sequence[Split]) -> str:
    return ", ".join(f"{split.ex_date} {split.ratio:g} for 1" for split in splits)
