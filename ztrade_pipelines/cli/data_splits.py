"""`ztrade data splits`: the stock splits that are known, from vendors and by hand."""

import getpass
import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import click
from rich.markup import escape

from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import new_york_date
from ztrade_core.errors import InputError
from ztrade_core.market_data.adjustments import adjustment_of
from ztrade_core.market_data.rows import SYMBOL
from ztrade_pipelines.cli.commands import FAILED, LazyGroup, ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT
from ztrade_pipelines.cli.office import note, office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

_HERE = "ztrade_pipelines.cli.data_splits"
splits = LazyGroup(
    name="splits",
    help="Stock splits: prices of raw series are adjusted for them on reading.",
    lazy={
        "list": (f"{_HERE}:list_splits", "Every split that is known, and who told it."),
        "fetch": (f"{_HERE}:fetch", "Ask the vendors for the splits of stocks, now."),
        "add": (f"{_HERE}:add", "Make a split known by hand."),
        "remove": (f"{_HERE}:remove", "Forget a split that was wrong."),
    },
)
FARTHEST = timedelta(days=365)
MOST_RATIO = 10_000.0
_RATIO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?::(\d{1,9}(?:\.\d{1,9})?))?", re.ASCII)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("list", cls=ZtradeCommand)
@click.argument("symbols", nargs=-1)
@json_option
def list_splits(symbols: Sequence[str], *, as_json: bool) -> None:
    """Show the splits that are known, of SYMBOLS or of all stocks."""
    known = office().workshop.splits
    wanted = [_stock(symbol) for symbol in symbols] or known.symbols()
    found = [split for symbol in wanted for split in known.of(symbol)]
    if as_json:
        emit_json({"splits": found})
        return
    if not found:
        which = f" of {', '.join(wanted)}" if symbols else ""
        show(nothing(f"no split{which} is known"))
        return
    made = table("Splits", "=symbol", "=ex-date", ">new for old", "~told by")
    cells = [
        (one.symbol, f"{one.ex_date}", _ratio_text(one.ratio), escape(one.source) or ABSENT)
        for one in found
    ]
    show(rows(made, cells))


@click.command(cls=ZtradeCommand)
@click.argument("symbols", nargs=-1, required=True)
@json_option
@click.pass_context
def fetch(context: click.Context, symbols: Sequence[str], *, as_json: bool) -> None:
    """Ask the configured vendors for the splits of SYMBOLS; the first that answers is believed."""
    workshop = office().workshop
    news = workshop.vendors.split_news(workshop.splits, is_live=False)
    brought = {symbol: news.ask(symbol) for symbol in map(_stock, symbols)}
    if as_json:
        emit_json({"stocks": [{"symbol": name, **_plain(one)} for name, one in brought.items()]})
    else:
        made = table("Splits asked for", "=symbol", "=answered by", ">told", ">new", "~notes")
        cells = [
            (
                symbol,
                one.vendor or ABSENT,
                str(len(one.told)) if one.vendor else ABSENT,
                str(one.added),
                escape("; ".join(one.notes)),
            )
            for symbol, one in brought.items()
        ]
        show(rows(made, cells))
    if not all(one.vendor for one in brought.values()):
        context.exit(FAILED)


@click.command(cls=ZtradeCommand)
@click.argument("symbol")
@click.argument("ex_date", type=_DAY, metavar="EX_DATE")
@click.argument("ratio")
@click.option("--why", required=True, help="Where it is known from, as it shall be read later.")
@click.option("--who", help="Who says so. [default: the user of this system]")
@json_option
def add(
    symbol: str, ex_date: datetime, ratio: str, *, why: str, who: str | None, as_json: bool
) -> None:
    """Make a split of SYMBOL known: RATIO new shares for one (3, 3:1, 1:8) from EX_DATE (2022-08-25) on."""
    workshop, name = office().workshop, _stock(symbol)
    day = _session(ex_date.date())
    said, by = why.strip(), (who or _user()).strip()
    if not said or not by:
        raise InputError("--why and --who may not be empty: they are kept with the split")
    split = Split(symbol=name, ex_date=day, ratio=_ratio_of(ratio), source=f"by hand: {by}: {said}")
    is_new = bool(workshop.splits.put([split]))
    series = _read_otherwise(name)
    if as_json:
        emit_json({"split": split, "new": is_new, "series": series})
        return
    told = f"{name} {day}: {_ratio_text(split.ratio)}"
    show(f"{told} is known now, by {escape(by)}: {escape(said)}" if is_new else f"{told} was known")
    if series:
        text = f"older bars are read in new shares from {day} on: {', '.join(series)}"
        note(text)


@click.command(cls=ZtradeCommand)
@click.argument("symbol")
@click.argument("ex_date", type=_DAY, metavar="EX_DATE")
@json_option
def remove(symbol: str, ex_date: datetime, *, as_json: bool) -> None:
    """Forget the split of SYMBOL on EX_DATE; a vendor that tells it brings it back."""
    name, day, known = _stock(symbol), ex_date.date(), office().workshop.splits
    before = {split.ex_date: split for split in known.of(name)}
    if day not in before:
        days = ", ".join(map(str, before)) or "none"
        raise InputError(f"no split of {name} on {day} is known; there are: {days}")
    known.remove(name, day)
    if as_json:
        emit_json({"removed": before[day]})
        return
    show(f"{name} {day}: {_ratio_text(before[day].ratio)} is forgotten")


def _stock(text: str) -> str:
    symbol = text.upper()
    if not SYMBOL.fullmatch(symbol):
        raise InputError(f"symbol {symbol[:40]!r} is not one like TSLA or BRK.B")
    if instrument_of(symbol).asset_class is not AssetClass.STOCK:
        raise InputError(f"{symbol} is a coin: only stocks split")
    return symbol


def _session(day: date) -> date:
    workshop = office().workshop
    today = new_york_date(workshop.clock.now())
    if day > today + FARTHEST:
        raise InputError(f"ex-date {day} lies more than a year ahead of today, {today}")
    if not workshop.calendar.session_closes(day, day):
        raise InputError(
            f"ex-date {day} ({day:%A}) is no session of the exchange: a split begins with one"
        )
    return day


def _ratio_of(text: str) -> float:
    parts = _RATIO.fullmatch(text.strip())
    new, old = (float(each or 1.0) for each in parts.groups()) if parts else (math.nan, 1.0)
    ratio = new / old if old > 0.0 else math.nan
    if not 1.0 / MOST_RATIO <= ratio <= MOST_RATIO or ratio == 1.0:
        raise InputError(
            f"ratio {text[:40]!r} is no split: write the new shares for one old, like 3, 3:1 or 1:8"
        )
    return ratio


def _ratio_text(ratio: float) -> str:
    return f"{ratio:g}:1" if ratio > 1.0 else f"1:{1.0 / ratio:g}"


def _read_otherwise(symbol: str) -> list[str]:
    """Return the stored series of a stock that say which prices they hold."""
    return [
        f"{one.symbol} {one.timeframe}"
        for one in office().workshop.bars.status()
        if one.symbol == symbol and any(map(adjustment_of, one.sources))
    ]


def _plain(brought: object) -> dict[str, object]:
    names = ("vendor", "told", "added", "notes")
    return {name: getattr(brought, name) for name in names}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise InputError("this system names no user: say who you are with --who") from error
