"""How the company's portfolio looks on the page."""

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.domain.book import Position
from ztrade_core.domain.orders import Order
from ztrade_core.trading.portfolio import Portfolio, Stock
from ztrade_pipelines import ui
from ztrade_pipelines.pictures import line_picture

POSITION_COLUMNS = (
    "agent",
    "symbol",
    "quantity",
    "average_price",
    "mark",
    "value_usd",
    "unrealised_usd",
    "stop",
    "target",
    "protected",
)
ORDER_COLUMNS = ("agent", "symbol", "role", "side", "quantity", "limit", "stop", "status", "id")


def stock_metadata(stock: Stock, place: BrokerPlace) -> ui.Metadata:
    """Describe the account, its positions, its orders, and what looking at them mended."""
    portfolio = stock.portfolio
    book = portfolio.book
    report, protection = stock.reconciliation, stock.protection
    return {
        "account": portfolio.account,
        "account_epoch": portfolio.account_epoch,
        "broker": place.text,
        "broker_host": place.host or "none: simulated in our own database",
        "at": ui.moment(portfolio.at),
        "equity_usd": ui.number(book.equity),
        "cash_usd": ui.number(book.cash),
        "gross_exposure_usd": ui.number(portfolio.gross_exposure_usd),
        "gross_exposure_fraction": ui.number(portfolio.gross_exposure_fraction),
        "day_base_usd": ui.number(book.day_base_equity),
        "day_loss_fraction": ui.number(portfolio.day_loss_fraction),
        "drawdown_fraction": ui.number(portfolio.drawdown_fraction),
        "open_positions": len(book.positions),
        "positions": ui.table(POSITION_COLUMNS, [_position(p) for p in book.positions]),
        "working_orders": ui.table(ORDER_COLUMNS, [_order(o) for o in portfolio.working]),
        "halts": ui.lines(
            [f"{h.agent_id or 'company'}: {h.kind} by {h.who}, {h.why}" for h in book.halts]
        ),
        "fills_taken_over": report.fills_added,
        "adopted_orders": ui.lines(report.adopted),
        "stops_armed": ui.lines(protection.armed),
        "flattened": ui.lines(protection.flattened),
        "chain_head": f"{portfolio.head.sequence}:{portfolio.head.digest}",
        "equity": ui.picture(_equity_png(portfolio), f"equity of {portfolio.account}"),
    }


def _position(position: Position) -> tuple[ui.Cell, ...]:
    return (
        position.agent_id,
        position.symbol,
        position.quantity,
        position.average_price,
        position.mark,
        position.market_value,
        position.quantity * (position.mark - position.average_price),
        position.stop_price,
        position.target_price,
        position.protected_quantity,
    )


def _order(order: Order) -> tuple[ui.Cell, ...]:
    request = order.request
    return (
        request.agent_id,
        request.symbol,
        request.role.value,
        request.side.value,
        float(request.quantity),
        None if request.limit_price is None else float(request.limit_price),
        None if request.stop_price is None else float(request.stop_price),
        order.status.value,
        request.client_order_id,
    )


def _equity_png(portfolio: Portfolio) -> bytes:
    return line_picture(
        [mark.at for mark in portfolio.curve],
        [mark.equity for mark in portfolio.curve],
        title=f"Equity, account {portfolio.account}, epoch {portfolio.account_epoch}",
        unit="USD",
    )
