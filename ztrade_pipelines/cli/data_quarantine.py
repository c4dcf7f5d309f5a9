"""`ztrade data quarantine`: the bars that checks keep out of the store, and their release by hand."""

import getpass
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict

import click
from rich.markup import escape
from typing_extensions import Unpack

from ztrade_core.domain.time import MICROSECOND, Timeframe, from_micros, iso_z
from ztrade_core.errors import InputError
from ztrade_core.market_data.quarantine import release_bars
from ztrade_core.market_data.rows import SYMBOL
from ztrade_core.ports.quarantine import HeldRange, HeldSeries, Outcome, QuarantinedBar, Release
from ztrade_pipelines.cli.commands import LazyGroup, ZtradeCommand
from ztrade_pipelines.cli.formats import count, moment, price, quantity
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table
from ztrade_pipelines.cli.times import INSTANT

_HERE = "ztrade_pipelines.cli.data_quarantine"
quarantine = LazyGroup(
    name="quarantine",
    help="Bars that checks keep out of the store, with the reason; a person releases them.",
    lazy={
        "list": (f"{_HERE}:list_series", "Every series with bars in quarantine."),
        "show": (f"{_HERE}:show_bars", "One series' bars in quarantine, and why."),
        "release": (f"{_HERE}:release", "Let bars in as they are, or drop them for good."),
    },
)
MOST_SHOWN = 50


class RangeOptions(TypedDict):
    """Which bars of a series."""

    symbol: str
    timeframe: str
    start: datetime | None
    stop: datetime | None
    source: str | None


class ReleaseOptions(RangeOptions):
    """What becomes of them, and who says so."""

    who: str | None
    why: str
    outcome: str | None
    as_json: bool


def _range_options(callback: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--source", help="Of this source only."),
        click.option("--to", "stop", type=INSTANT, help="Up to the bar that opens then, included."),
        click.option("--from", "start", type=INSTANT, help="From the bar that opens then on."),
        click.argument("timeframe"),
        click.argument("symbol"),
    ):
        callback = option(callback)
    return callback


@click.command("list", cls=ZtradeCommand)
@json_option
def list_series(*, as_json: bool) -> None:
    """Show every series that has, or had, bars in quarantine."""
    found = office().workshop.quarantine.series()
    if as_json:
        emit_json({"series": found})
        return
    if not found:
        show(nothing("no bar is in quarantine"))
        return
    made = table(
        "Bars in quarantine", "=series", ">held", "=first", "=last", ">released", "~checks"
    )
    show(rows(made, [_series_cells(one) for one in found]))


def _series_cells(one: HeldSeries) -> tuple[str, ...]:
    held = f"[red]{count(one.held)}[/]" if one.held else "0"
    return (
        f"{one.symbol} {one.timeframe}",
        held,
        moment(one.first_open),
        moment(one.last_open),
        count(one.released),
        ", ".join(one.checks),
    )


@click.command("show", cls=ZtradeCommand)
@_range_options
@click.option("--all", "with_released", is_flag=True, help="The released ones too.")
@json_option
def show_bars(*, with_released: bool, as_json: bool, **options: Unpack[RangeOptions]) -> None:
    """Show the bars of SYMBOL TIMEFRAME that are in quarantine, and why."""
    workshop, wanted = office().workshop, _wanted(options)
    found = workshop.quarantine.bars(wanted, released=False)
    if with_released:
        found += workshop.quarantine.bars(wanted, released=True)
        found.sort(key=lambda one: (one.bar.timestamp, one.source))
    if as_json:
        emit_json({"bars": [_document(one) for one in found]})
        return
    if not found:
        show(nothing(_none_held(wanted)))
        return
    made = table(
        f"{_name(wanted)} in quarantine", "=open", ">o", ">h", ">l", ">c", ">volume", "why"
    )
    hidden = len(found) - MOST_SHOWN
    more = [nothing(f"and {count(hidden)} more; --from and --to narrow it")] if hidden > 0 else []
    show(rows(made, [_bar_cells(one) for one in found[:MOST_SHOWN]]), *more)


def _bar_cells(one: QuarantinedBar) -> tuple[str, ...]:
    bar, release = one.bar, one.release
    why = f"[bold]{one.check}[/]: {escape(one.reason)} ({escape(one.source)})"
    if release is not None:
        said = escape(f"by {release.who}, {moment(release.at)}: {release.why}")
        why += f"\n[green]{release.outcome} {said}[/]"
    prices = [price(value) for value in (bar.open, bar.high, bar.low, bar.close)]
    return (moment(from_micros(bar.timestamp)), *prices, quantity(bar.volume), why)


@click.command(cls=ZtradeCommand)
@_range_options
@click.option("--who", help="Who decides. [default: the user of this system]")
@click.option("--why", required=True, help="Why, as it shall be read later.")
@click.option("--as-is", "outcome", flag_value=Outcome.AS_IS.value, help="Let them in as they are.")
@click.option("--drop", "outcome", flag_value=Outcome.DROP.value, help="Keep them out for good.")
@json_option
def release(**options: Unpack[ReleaseOptions]) -> None:
    """Release the bars of SYMBOL TIMEFRAME that are in quarantine: --as-is, or --drop."""
    if options["outcome"] is None:
        raise InputError(
            "say what becomes of the bars: --as-is lets them in, --drop keeps them out"
        )
    who, why = (options["who"] or _user()).strip(), options["why"].strip()
    if not who or not why:
        raise InputError("--who and --why may not be empty: they are kept with the bars")
    workshop, wanted = office().workshop, _wanted(options)
    said = Release(outcome=Outcome(options["outcome"]), who=who, why=why, at=workshop.clock.now())
    done = release_bars(
        wanted,
        said,
        store=workshop.bars,
        quarantine=workshop.quarantine,
        calendar=workshop.calendar,
    )
    if options["as_json"]:
        emit_json({"released": [_document(one) for one in done]})
        return
    if not done:
        show(nothing(f"nothing released: {_none_held(wanted)}"))
        return
    did = "entered the store as they are" if said.outcome is Outcome.AS_IS else "are dropped"
    show(
        f"{_name(wanted)}: {count(len(done))} of the bars in quarantine {did},"
        f" by {escape(who)}: {escape(why)}",
        f"from {_moment_of(done[0])} to {_moment_of(done[-1])}",
    )


def _wanted(options: RangeOptions | ReleaseOptions) -> HeldRange:
    symbol, timeframe = options["symbol"].upper(), options["timeframe"]
    if not SYMBOL.fullmatch(symbol):
        raise InputError(f"symbol {symbol[:40]!r} is not one like TSLA, BRK.B or BTC/USD")
    if timeframe not in list(Timeframe):
        raise InputError(f"no timeframe {timeframe[:40]!r}; there are: {' '.join(Timeframe)}")
    start, stop = options["start"], options["stop"]
    if start is not None and stop is not None and stop < start:
        raise InputError(f"--to {iso_z(stop)} lies before --from {iso_z(start)}")
    _refuse_unknown(symbol, Timeframe(timeframe))
    wanted = HeldRange(symbol=symbol, timeframe=Timeframe(timeframe), source=options["source"])
    return replace(wanted, start=start, stop=None if stop is None else stop + MICROSECOND)


def _refuse_unknown(symbol: str, timeframe: Timeframe) -> None:
    workshop = office().workshop
    known = {(one.symbol, one.timeframe) for one in workshop.quarantine.series()}
    known |= {(one.symbol, one.timeframe) for one in workshop.bars.status()}
    if (symbol, timeframe) not in known:
        listed = ", ".join(f"{name} {frame}" for name, frame in sorted(known)) or "none yet"
        raise InputError(f"no series {symbol} {timeframe}; there are: {listed}")


def _none_held(wanted: HeldRange) -> str:
    bounds = (wanted.start, wanted.stop, wanted.source)
    where = " there" if any(bound is not None for bound in bounds) else ""
    return f"no bar of {_name(wanted)} is in quarantine{where}"


def _name(wanted: HeldRange) -> str:
    return f"{wanted.symbol} {wanted.timeframe}"


def _moment_of(one: QuarantinedBar) -> str:
    return moment(from_micros(one.bar.timestamp))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise InputError("this system names no user: say who you are with --who") from error


def _document(one: QuarantinedBar) -> dict[str, object]:
    bar = one.bar
    return {
        "symbol": one.symbol,
        "timeframe": one.timeframe,
        "open_time": from_micros(bar.timestamp),
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": bar.volume,
        "source": one.source,
        "ingested_at": one.ingested_at,
        "check": one.check,
        "reason": one.reason,
        "release": one.release,
    }
