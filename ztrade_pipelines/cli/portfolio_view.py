"""How an account looks: figures, positions with their stops, working orders, halts.

Only the look is here; every number comes from `ztrade_core.trading.portfolio`.
"""

from collections.abc import Sequence

from rich.columns import Columns
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.domain.book import Book, Halt, Position
from ztrade_core.domain.instruments import instrument_of
from ztrade_core.domain.orders import Order, OrderType
from ztrade_core.risk.arithmetic import is_covered
from ztrade_core.risk.breakers import halt_text
from ztrade_core.trading.portfolio import Portfolio
from ztrade_pipelines.cli.formats import (
    exchange_time,
    moment,
    percent,
    price,
    quantity,
    toned,
    usable,
    usd,
)
from ztrade_pipelines.cli.output import console, nothing, rows, table

WIDE = 106


def account_panel(portfolio: Portfolio, company: str, place: BrokerPlace) -> Panel:
    """Return the account's figures in one panel."""
    book = portfolio.book
    gain, share = day_result(book)
    figures = [
        ("equity", usd(book.equity), ""),
        ("cash", usd(book.cash), ""),
        ("today", toned(usd(gain, signed=True), gain), percent(share, signed=True)),
        (
            "exposure",
            usd(portfolio.gross_exposure_usd),
            f"{percent(portfolio.gross_exposure_fraction)} of capital",
        ),
        ("drawdown", percent(portfolio.drawdown_fraction), "from the peak"),
    ]
    title = (
        f"[bold]{company}[/] · {portfolio.account} account, epoch {portfolio.account_epoch}"
        f" · {place.text}"
    )
    return Panel(
        Columns([_figure(*figure) for figure in figures], padding=(0, 3)),
        title=title,
        subtitle=f"{moment(portfolio.at)} · {exchange_time(portfolio.at)}",
        title_align="left",
        subtitle_align="right",
        border_style="red" if alarms(portfolio) else "cyan",
    )


def _figure(name: str, value: str, beneath: str) -> Table:
    grid = Table.grid()
    grid.add_column()
    grid.add_row(Text(name, style="dim"))
    grid.add_row(Text.from_markup(value, style="bold"))
    grid.add_row(Text(beneath, style="dim"))
    return grid


def day_result(book: Book) -> tuple[float | None, float | None]:
    """Return today's gain in USD and as a fraction of the equity at 00:00 New York."""
    equity, base = usable(book.equity), usable(book.day_base_equity)
    if equity is None or base is None or base == 0.0:
        return None, None
    return equity - base, (equity - base) / base


def alarms(portfolio: Portfolio) -> list[str]:
    """Return what a person must look at: breaches, uncovered positions, a broken chain."""
    found = [*portfolio.breaches, *portfolio.unprotected]
    if portfolio.chain_fault is not None:
        fault = portfolio.chain_fault
        found.append(f"the ledger is broken at row {fault.sequence}: {fault.problem}")
    return found


def alarm_panel(portfolio: Portfolio, halt_file: str | None) -> list[RenderableType]:
    """Return the red panel of halts and alarms, or nothing."""
    lines = [halt_text(halt) for halt in portfolio.book.halts]
    if halt_file is not None:
        lines.append(f"the file HALT stands: {halt_file}")
    lines += alarms(portfolio)
    if not lines:
        return []
    text = Text("\n".join(lines), style="red")
    return [Panel(text, title="Attention", title_align="left", border_style="red")]


def positions_table(portfolio: Portfolio) -> RenderableType:
    """Return open positions with their stops, or a line that there are none."""
    if not portfolio.book.positions:
        return nothing("no positions")
    wide = console().width >= WIDE
    prices = (">paid", ">mark") if wide else ()
    made = table(
        "Positions",
        "=agent",
        "=symbol",
        ">quantity",
        *prices,
        ">value",
        ">gain",
        ">stop",
        ">target",
        "=safe",
    )
    held = portfolio.book.positions
    return rows(made, [_position_row(position, wide=wide) for position in held])


def _position_row(position: Position, *, wide: bool) -> tuple[str, ...]:
    gain = (position.mark - position.average_price) * position.quantity
    prices = (price(position.average_price), price(position.mark)) if wide else ()
    return (
        position.agent_id,
        position.symbol,
        quantity(position.quantity),
        *prices,
        usd(position.market_value),
        toned(usd(gain, signed=True), gain),
        price(position.stop_price),
        price(position.target_price),
        "[green]yes[/]" if is_guarded(position) else "[red bold]NO[/]",
    )


def is_guarded(position: Position) -> bool:
    """Return whether stops at the broker cover the whole position."""
    lots = instrument_of(position.symbol).lots_per_unit
    return is_covered(position.protected_quantity, position.quantity, lots)


def orders_table(working: Sequence[Order]) -> RenderableType:
    """Return the orders that may still fill, or a line that there are none."""
    if not working:
        return nothing("no open orders")
    wide = console().width >= WIDE
    symbol = ("=symbol",) if wide else ()
    made = table("Open orders", "=agent", *symbol, "=what", ">quantity", ">at", "=status", "=since")
    return rows(made, [_order_row(order, wide=wide) for order in working])


def _order_row(order: Order, *, wide: bool) -> tuple[str, ...]:
    request = order.request
    at = request.stop_price if request.type is OrderType.STOP else request.limit_price
    return (
        request.agent_id,
        *((request.symbol,) if wide else ()),
        f"{request.role} {request.side}",
        quantity(request.quantity - order.filled_quantity),
        "market" if request.type is OrderType.MARKET else price(at),
        order.status.value,
        moment(order.created_at),
    )


def place_document(place: BrokerPlace) -> dict[str, object]:
    """Return where an account's orders go as plain values."""
    return {
        "broker": place.broker,
        "account_number": place.account_number,
        "host": place.host,
        "first_seen_at": place.first_seen_at,
    }


def portfolio_document(portfolio: Portfolio, place: BrokerPlace) -> dict[str, object]:
    """Return the account's figures as plain values."""
    book = portfolio.book
    gain, share = day_result(book)
    return {
        "account": portfolio.account,
        "account_epoch": portfolio.account_epoch,
        "broker": place_document(place),
        "at": portfolio.at,
        "equity": book.equity,
        "cash": book.cash,
        "day_base_equity": book.day_base_equity,
        "day_result_usd": gain,
        "day_result_fraction": share,
        "total_capital": book.total_capital,
        "gross_exposure_usd": portfolio.gross_exposure_usd,
        "gross_exposure_fraction": portfolio.gross_exposure_fraction,
        "drawdown_fraction": portfolio.drawdown_fraction,
        "alarms": alarms(portfolio),
        "halts": [halt_document(halt) for halt in book.halts],
    }


def position_document(position: Position) -> dict[str, object]:
    """Return a position as plain values."""
    return {
        "agent_id": position.agent_id,
        "symbol": position.symbol,
        "position_id": position.position_id,
        "quantity": position.quantity,
        "average_price": position.average_price,
        "mark": position.mark,
        "market_value": position.market_value,
        "unrealised_usd": (position.mark - position.average_price) * position.quantity,
        "stop_price": position.stop_price,
        "target_price": position.target_price,
        "protected_quantity": position.protected_quantity,
        "guarded": is_guarded(position),
        "opened_at": position.opened_at,
    }


def order_document(order: Order) -> dict[str, object]:
    """Return an order as plain values."""
    request = order.request
    return {
        "client_order_id": request.client_order_id,
        "broker_order_id": order.broker_order_id,
        "agent_id": request.agent_id,
        "symbol": request.symbol,
        "role": request.role,
        "side": request.side,
        "type": request.type,
        "quantity": request.quantity,
        "filled_quantity": order.filled_quantity,
        "limit_price": request.limit_price,
        "stop_price": request.stop_price,
        "target_price": request.target_price,
        "status": order.status,
        "reason": order.reason or None,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def halt_document(halt: Halt) -> dict[str, object]:
    """Return a halt as plain values; `agent_id` null is the whole company."""
    return {
        "halt_id": halt.halt_id,
        "agent_id": halt.agent_id,
        "kind": halt.kind,
        "who": halt.who,
        "why": halt.why,
        "since": halt.since,
    }
