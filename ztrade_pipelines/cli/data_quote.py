"""`ztrade data quote`: the latest bid and ask, to look at. Nothing is stored, nothing trades on it.

Exit codes: 0 every symbol has a quote that is not stale; 3 one has none, or an old one while it trades.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import click
from rich.markup import escape

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import MICROSECOND, Timeframe
from ztrade_core.errors import DataError, InputError
from ztrade_core.ports.clock import Calendar
from ztrade_core.ports.providers import FetchedQuote, QuoteProvider
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.data_backfill import INCOMPLETE, require_symbol
from ztrade_pipelines.cli.formats import ABSENT, count, price, quantity
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table

_TONES = {"fresh": "green", "closed": "dim", "stale": "red", "none": "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenQuote:
    """What was learned of a symbol: `state` is fresh, stale, closed (no session now) or none.

    `age_seconds` at the moment of looking; `why` there is no quote.
    """

    symbol: str
    state: str
    told: FetchedQuote | None = None
    age_seconds: float | None = None
    why: str = ""


@click.command(cls=ZtradeCommand)
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option(
    "--max-age",
    type=click.FloatRange(min=0.0, max=31_536_000.0),
    default=60.0,
    show_default=True,
    help="Seconds; an older quote of a running session is stale.",
)
@json_option
def quote(*, symbols: Sequence[str], max_age: float, as_json: bool) -> int:
    """Ask Alpaca for the latest quotes of stocks (TSLA) and coins (BTC/USD)."""
    if math.isnan(max_age):
        raise InputError("--max-age: nan is no number of seconds")
    workshop = office().workshop
    for symbol in symbols:
        require_symbol(symbol)
    told, why = asked(workshop.vendors.quotes(), list(dict.fromkeys(symbols)))
    now = workshop.clock.now()
    oldest = timedelta(seconds=max_age)
    seen = [
        judged(symbol, told[symbol], workshop.calendar, now, oldest)
        if symbol in told
        else SeenQuote(symbol=symbol, state="none", why=why.get(symbol, "it has no quote"))
        for symbol in dict.fromkeys(symbols)
    ]
    if as_json:
        emit_json({"quotes": [_document(each) for each in seen]})
    else:
        made = table(
            "Quotes", "=symbol", ">bid", ">size", ">ask", ">size", ">age", "=state", "~source"
        )
        show(
            rows(made, [_cells(each) for each in seen]),
            *[f"[yellow]{each.symbol}: {escape(each.why)}[/]" for each in seen if each.why],
        )
    return INCOMPLETE if any(each.state in ("stale", "none") for each in seen) else 0


def asked(
    provider: QuoteProvider, symbols: Sequence[str]
) -> tuple[dict[str, FetchedQuote], dict[str, str]]:
    """Return quotes by symbol, and why others have none; asked once an asset class."""
    found: dict[str, FetchedQuote] = {}
    why: dict[str, str] = {}

    def kind(symbol: str) -> str:
        return instrument_of(symbol).asset_class.value

    for _, group in groupby(sorted(symbols, key=kind), key=kind):
        wanted = list(group)
        try:
            found |= provider.latest(wanted)
        except DataError as error:
            why |= dict.fromkeys(wanted, f"{provider.name}: {error}")
    return found, why


def judged(
    symbol: str, told: FetchedQuote, calendar: Calendar, now: datetime, oldest: timedelta
) -> SeenQuote:
    """Judge a quote's age; what is of no running session is not stale but closed."""
    asset_class = instrument_of(symbol).asset_class
    age = now - told.quote.at
    state = (
        "fresh" if abs(age) <= oldest else "stale"
    )  # one of the future is as wrong as an old one
    if state == "stale" and asset_class is AssetClass.STOCK:
        minute = Timeframe.M1.duration
        running = calendar.expected_bars(
            asset_class, Timeframe.M1, now - minute + MICROSECOND, now + MICROSECOND
        )
        state = "stale" if running else "closed"
    return SeenQuote(symbol=symbol, state=state, told=told, age_seconds=age.total_seconds())


def _cells(seen: SeenQuote) -> tuple[str, ...]:
    state = f"[{_TONES[seen.state]}]{seen.state}[/]"
    if seen.told is None or seen.age_seconds is None:
        return (seen.symbol, *[ABSENT] * 5, state, ABSENT)
    told = seen.told
    return (
        seen.symbol,
        price(told.quote.bid),
        quantity(told.bid_size),
        price(told.quote.ask),
        quantity(told.ask_size),
        f"{count(round(seen.age_seconds))} s",
        state,
        told.source,
    )


def _document(seen: SeenQuote) -> dict[str, object]:
    told = seen.told
    return {
        "symbol": seen.symbol,
        "state": seen.state,
        "bid": None if told is None else told.quote.bid,
        "bid_size": None if told is None else told.bid_size,
        "ask": None if told is None else told.quote.ask,
        "ask_size": None if told is None else told.ask_size,
        "at": None if told is None else told.quote.at,
        "age_seconds": seen.age_seconds,
        "source": None if told is None else told.source,
        "why": seen.why or None,
    }
