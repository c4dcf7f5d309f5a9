"""`ztrade data backfill`: what the store lacks of series, from vendors, in as many launches as it takes.

Exit codes: 0 every expected bar is there, and every source of news that was asked answered; 3 some are
missing or did not, and the closing tables say which and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import click
from pydantic import TypeAdapter
from typing_extensions import TypedDict, Unpack

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.time import NEW_YORK, Timeframe
from ztrade_core.errors import InputError
from ztrade_core.market_data.backfill import Backfill
from ztrade_core.market_data.backfill_plan import BackfillPlan, Planner
from ztrade_core.market_data.backfill_report import Progress, SeriesReport
from ztrade_core.market_data.chain import Chain, SeriesWindow
from ztrade_core.settings.fields import Symbol
from ztrade_pipelines.cli import data_backfill_view as view
from ztrade_pipelines.cli.many_values import ManyValuesCommand, several
from ztrade_pipelines.cli.mirror import mirrored
from ztrade_pipelines.cli.office import Office, note, office
from ztrade_pipelines.cli.output import emit_json, json_option, show

if TYPE_CHECKING:
    from ztrade_pipelines.cli.data_backfill_news import NewsOfDays

INCOMPLETE = 3
CHAIN = "chain"
PROVIDERS = ("alphavantage", "alpha_vantage", "alpaca", "coingecko", "yahoo", CHAIN)
MOST_DAYS = 20_000
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Which days: the last so many, today's included, or from one to another, both included."""

    days: int | None
    first: datetime | None
    last: datetime | None


class BackfillOptions(TypedDict):
    """What may stand on the command's line."""

    symbols: Sequence[str]
    timeframes: Sequence[str]
    days: int | None
    first: datetime | None
    last: datetime | None
    provider: str
    dry_run: bool
    again: bool
    no_sentiment: bool
    as_json: bool


@click.command(cls=ManyValuesCommand)
@several("--symbols", "Symbols: TSLA IWM BTC/USD. [default: the agents']")
@several("--timeframes", "Timeframes: 1m 5m 15m 1h 1d. [default: the agents']")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), help="The last days, today included.")
@click.option("--from", "first", type=_DAY, help="The first day.")
@click.option("--to", "last", type=_DAY, help="The last day, included. [default: today]")
@click.option("--provider", type=click.Choice(PROVIDERS), default=CHAIN, show_default=True)
@click.option("--dry-run", is_flag=True, help="Show the plan; ask nobody.")
@click.option("--again", is_flag=True, help="Ask also for what a vendor said it does not have.")
@click.option("--no-sentiment", is_flag=True, help="Bars only: no news, no scores.")
@json_option
def backfill(**options: Unpack[BackfillOptions]) -> int:
    """Load what the store lacks of series, month by month; a second launch goes on where one ended.

    Bars that the store can make of shorter complete ones (15m and 1h of 5m) are made, not asked for.
    News of the same days is loaded and scored too.
    """
    here, with_news = office(), not options["no_sentiment"]
    days = Days(days=options["days"], first=options["first"], last=options["last"])
    windows = asked_windows(here, options["symbols"], options["timeframes"], days)
    chains = asked_chains(here, options["provider"], windows)
    tools, again = here.workshop.backfill_tools(), options["again"]
    plan = Planner(tools, chains, again=again).plan(windows)
    if not options["as_json"]:
        show(*view.plan_parts(plan))
    if options["dry_run"]:
        if options["as_json"]:
            emit_json({"plan": view.plan_document(plan)})
        elif with_news:
            note("news of these days would be loaded and scored too; --no-sentiment leaves it out")
        return 0
    wrote: list[SeriesWindow] = []

    def watch(told: Progress) -> None:
        view.tell_progress(told)
        if told.written:
            wrote.append(told.month)

    reports = Backfill(tools, chains, again=again).run(windows, watch=watch)
    mirrored(lambda: _record(here, reports, wrote))
    news = _news(here, windows) if with_news else []
    return _close(plan, reports, news, as_json=options["as_json"])


def _news(here: Office, windows: Sequence[SeriesWindow]) -> "list[NewsOfDays]":
    """Load and score the news of the same days; turn them green on the page."""
    from ztrade_pipelines.cli import data_backfill_news as of  # noqa: PLC0415 - Dagster

    found = of.backfill_news(here, windows)
    mirrored(lambda: note(of.recorded_text(here, found)))
    return found


def _record(here: Office, reports: Sequence[SeriesReport], wrote: Sequence[SeriesWindow]) -> None:
    """Turn the days that are whole now green on the page."""
    from ztrade_pipelines.cli.recording_bars import Brought, record_backfill  # noqa: PLC0415 - Dagster

    workshop = here.workshop
    brought = [
        Brought(report=one, written=[month for month in wrote if month.name == one.window.name])
        for one in reports
    ]
    days = record_backfill(here.settings, workshop.bars, brought, workshop.clock.now())
    if days:
        note(f"{days} whole days recorded on the page")


def _close(
    plan: BackfillPlan,
    reports: Sequence[SeriesReport],
    news: "Sequence[NewsOfDays]",
    *,
    as_json: bool,
) -> int:
    incomplete = any(report.missing for report in reports) or not all(e.is_whole for e in news)
    document, parts = view.backfill_document(plan, reports), view.report_parts(reports)
    if news:
        from ztrade_pipelines.cli.data_backfill_news import news_document, news_parts  # noqa: PLC0415 - Dagster

        document["news"] = news_document(news)
        parts += news_parts(news)
    if as_json:
        emit_json(document)
    else:
        show(*parts)
    return INCOMPLETE if incomplete else 0


def asked_windows(
    here: Office, symbols: Sequence[str], timeframes: Sequence[str], days: Days
) -> list[SeriesWindow]:
    """Return the windows that are asked for; InputError says what is wrong with them."""
    series = asked_series(here, symbols, timeframes)
    return [_window(symbol, timeframe, days, here) for symbol, timeframe in series]


def asked_series(
    here: Office, symbols: Sequence[str], timeframes: Sequence[str]
) -> list[tuple[str, Timeframe]]:
    """Return each symbol in each timeframe; the agents' series where one or both are left out."""
    known = {each.value: each for each in Timeframe}
    for text in timeframes:
        if text not in known:
            raise InputError(f"no timeframe {text!r}; there are: {', '.join(known)}")
    chosen = [known[text] for text in dict.fromkeys(timeframes)]
    agents = here.settings.company.agents
    found = []
    for symbol in dict.fromkeys(symbols) or dict.fromkeys(agent.symbol for agent in agents):
        require_symbol(symbol)
        own = [agent.timeframe for agent in agents if agent.symbol == symbol]
        if not (chosen or own):
            raise InputError(f"no agent trades {symbol}: name its --timeframes")
        found += [(symbol, timeframe) for timeframe in chosen or own]
    return found


def require_symbol(symbol: str) -> None:
    """Raise InputError for what is no symbol."""
    try:
        TypeAdapter(Symbol).validate_python(symbol)
    except ValueError:
        raise InputError(
            f"{symbol!r} is no symbol; write a stock as TSLA, crypto as BTC/USD"
        ) from None


def _window(symbol: str, timeframe: Timeframe, days: Days, here: Office) -> SeriesWindow:
    is_stock = instrument_of(symbol).asset_class is AssetClass.STOCK
    zone = NEW_YORK if is_stock else UTC
    today = here.workshop.clock.now().astimezone(zone).date()
    if (days.days is None) == (days.first is None):
        raise InputError("write either --days N, or --from YYYY-MM-DD (and --to)")
    last = today if days.last is None else days.last.date()
    if days.first is not None:
        first = days.first.date()
    else:
        first = last - timedelta(days=(days.days or 1) - 1)
    if first > last:
        raise InputError(f"the range begins on {first} and ends on {last}, before it")
    if first > today:
        raise InputError(f"the range begins on {first}, and today is {today}")
    start, stop = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return SeriesWindow(symbol=symbol, timeframe=timeframe, start=start, stop=stop)


def asked_chains(
    here: Office, provider: str, windows: Sequence[SeriesWindow]
) -> dict[AssetClass, Chain]:
    """Return whom to ask: the configured chains or one vendor; InputError when that is nobody."""
    name = provider.replace("alphavantage", "alpha_vantage")
    chains = here.workshop.vendors.backfill_chains(None if name == CHAIN else name)
    for window in windows:
        if not chains[instrument_of(window.symbol).asset_class].providers:
            raise InputError(
                f"{window.name}: config/market_data.yaml (or ZTRADE_MARKET_DATA) says files, which"
                " fetches nothing; name a vendor with --provider, or run `ztrade data import PATH...`"
            )
    return chains
