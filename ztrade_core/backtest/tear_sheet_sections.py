"""The sections of a tear sheet that show the run itself, in the order of the page."""

import base64
import json
from collections import Counter
from collections.abc import Mapping
from itertools import islice

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.portfolio_report import COMPANY, agent_parts, is_company, part
from ztrade_core.backtest.report_charts import equity_chart, price_chart
from ztrade_core.backtest.report_html import Child, Html, element, section, table, toned
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import MICROSECOND, new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.performance.daily import daily_closes
from ztrade_core.performance.definitions import BASELINE_PREFIX, definition_of
from ztrade_core.performance.drawdowns import deepest_falls
from ztrade_core.performance.monthly import monthly_table
from ztrade_core.performance.trades import RoundTrip

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_TRADES = 300
MOST_PRICES = 6
TILES = (
    ("total_return", "return"),
    ("buy_and_hold_total_return", "buy and hold"),
    ("sharpe", "Sharpe"),
    ("max_drawdown", "max drawdown"),
    ("trades", "closed trades"),
    ("win_rate", "win rate"),
    ("exposure", "exposure"),
)
SIGNED_TILES = frozenset({"total_return", "buy_and_hold_total_return"})


def header(sheet: Sheet) -> Html:
    """Return who was run, on what, over which days."""
    run, agent = sheet.run, part(sheet.run.config, "agent")
    last = new_york_date(run.end - MICROSECOND)
    line = (
        f"{_on_what(sheet)} · {new_york_date(run.start)} to {last} ·"
        f" capital {text.usd(sheet.capital_usd, 0)}"
    )
    made = f"run {run.run_id} · made {text.moment(run.created_at)} UTC · {run.status}"
    description = str(agent.get("description", ""))
    return element(
        "header",
        element("h1", run.agent_id),
        element("p", line, class_="lead"),
        *((element("p", description),) if description else ()),
        element("p", made, class_="fine"),
    )


def _on_what(sheet: Sheet) -> str:
    run = sheet.run
    if is_company(run):
        agents = [f"{each.symbol} {each.timeframe}" for each in agent_parts(run)]
        return f"{len(agents)} agents in one account: {', '.join(agents)}"
    data, strategy = part(run.config, "data"), part(part(run.config, "agent"), "strategy")
    return (
        f"{data.get('symbol', '?')} {data.get('timeframe', '')} ·"
        f" {strategy.get('name', 'no strategy named')}"
    )


def tiles(sheet: Sheet) -> Html:
    """Return the figures a person looks for first."""
    metrics, guards = sheet.run.metrics, sheet.guards
    tiles = []
    for name, label in TILES:
        value = metrics.get(name)
        shown: Child = text.metric(name, value)
        if name in SIGNED_TILES and isinstance(value, int | float):
            shown = toned(text.percent(value, signed=True), value)
        tiles.append(_tile(label, shown))
    tiles.append(_tile("probabilistic Sharpe", text.percent(guards.probabilistic_sharpe, 1)))
    tiles.append(_tile("deflated Sharpe", text.percent(guards.deflated_sharpe, 1)))
    return element("div", *tiles, class_="tiles")


def _tile(label: str, value: Child) -> Html:
    return element("div", element("b", value), element("span", label), class_="tile")


def warnings(sheet: Sheet) -> Html:
    """Return every reason to look again."""
    if not sheet.warnings:
        return element("p", "No warning sign was found.", class_="fine")
    items = [element("li", warning) for warning in sheet.warnings]
    return element("div", element("b", "Warnings"), element("ul", *items), class_="warnings")


def equity(sheet: Sheet) -> Html:
    """Return the curve beside buy-and-hold, with drawdown and exposure."""
    title = "Equity, drawdown and exposure"
    if not sheet.equity:
        return section(title, element("p", "No equity curve is stored with this run."))
    name = COMPANY if is_company(sheet.run) else "agent"
    svg = equity_chart(sheet.equity, sheet.baseline, sheet.capital_usd, name)
    return section(title, _picture(svg, title))


def months(sheet: Sheet) -> Html:
    """Return returns by month and year."""
    closes = daily_closes(sheet.equity)
    rows = [
        (str(year.year), *[_return(change) for change in year.months], _return(year.total))
        for year in monthly_table(closes, sheet.capital_usd)
    ]
    title = "Monthly returns (%)"
    if not rows:
        return section(title, element("p", "No daily close to take a return from."))
    return section(title, table(("year", *MONTHS, "year"), rows, numbers=range(1, 14)))


def _return(change: float | None) -> Child:
    shown = text.number(None if change is None else 100.0 * change)
    return toned(shown if change is None or change <= 0.0 else f"+{shown}", change)


def falls(sheet: Sheet) -> Html:
    """Return the deepest drawdowns."""
    rows = [
        (
            text.percent(fall.fraction),
            text.moment(fall.began),
            text.moment(fall.bottom),
            "not yet" if fall.recovered is None else text.moment(fall.recovered),
            text.number(fall.days),
        )
        for fall in deepest_falls(sheet.equity, sheet.capital_usd)
    ]
    title = "Deepest drawdowns"
    if not rows:
        return section(title, element("p", "Equity never fell below its peak."))
    head = ("depth", "peak (UTC)", "bottom (UTC)", "recovered (UTC)", "days")
    return section(title, table(head, rows, numbers=(0, 4)))


def prices(sheet: Sheet) -> Html:
    """Return each symbol's price with every execution; the most traded ones of many."""
    title = "Trades on the price"
    if not sheet.series:
        return section(title, element("p", "The store has no bars of this range any more."))
    chosen = most_traded(sheet)[:MOST_PRICES]
    parts: list[Child] = []
    for bars in chosen:
        fills = [fill for fill in sheet.fills if fill.symbol == bars.symbol]
        trades = [trade for trade in sheet.trades if trade.symbol == bars.symbol]
        named = title if len(sheet.series) == 1 else f"{title} of {bars.symbol}"
        parts.append(_picture(price_chart(bars, fills, trades), named))
    if len(chosen) < len(sheet.series):
        left = len(sheet.series) - len(chosen)
        parts.append(element("p", f"The {left} least traded symbols are left out.", class_="fine"))
    return section(title, *parts)


def most_traded(sheet: Sheet) -> list[BarSeries]:
    """Return the bars of each symbol, the one with most executions first."""
    times = Counter(fill.symbol for fill in sheet.fills)
    return sorted(sheet.series, key=lambda bars: -times[bars.symbol])


def metrics(sheet: Sheet) -> Html:
    """Return every metric with its meaning and source."""
    metrics = sheet.run.metrics
    rows = []
    for name, value in metrics.items():
        meaning = definition_of(name)
        is_agents_own = "/" in name and meaning is None  # they have their table
        if name.startswith(BASELINE_PREFIX) or is_agents_own:
            continue
        held = BASELINE_PREFIX + name
        rows.append(
            (
                name,
                text.metric(name, value),
                text.metric(held, metrics[held]) if held in metrics else "",
                meaning.definition if meaning else "",
                meaning.source if meaning else "",
            )
        )
    head = ("metric", "value", "buy and hold", "meaning", "source")
    return section("Metrics", table(head, rows, numbers=(1, 2)))


def trades(sheet: Sheet) -> Html:
    """Return closed trades, newest first."""
    title = "Closed trades"
    if not sheet.trades:
        return section(title, element("p", _without_trades(sheet)))
    newest = list(islice(reversed(sheet.trades), MOST_TRADES))
    note = f"The newest {len(newest)} of {len(sheet.trades)}, net of costs; times are UTC."
    head = ("opened", "closed", "symbol", "quantity", "entry", "exit", "result", "return")
    made = table(head, [_trade(trade) for trade in newest], numbers=range(3, 8))
    return section(title, element("p", note, class_="fine"), made)


def _without_trades(sheet: Sheet) -> str:
    if not sheet.fills:
        return "None: nothing was bought."
    return f"None: {counted(len(sheet.fills), 'execution')}, and the position is still open."


def _trade(trade: RoundTrip) -> tuple[Child, ...]:
    return (
        text.moment(trade.opened_at),
        text.moment(trade.closed_at),
        trade.symbol,
        text.quantity(trade.quantity),
        text.price(trade.entry_price),
        text.price(trade.exit_price),
        toned(text.usd(trade.pnl_usd, signed=True), trade.pnl_usd),
        toned(text.percent(trade.return_fraction, signed=True), trade.pnl_usd),
    )


def data(sheet: Sheet) -> Html:
    """Return where the bars came from, and all that determined the result."""
    config = sheet.run.config
    data, costs = part(config, "data"), part(config, "costs")
    rows: list[tuple[Child, Child]] = [
        ("bars from", str(data.get("source", "unknown"))),
        ("first to last bar", f"{data.get('first_bar', '?')} to {data.get('last_bar', '?')}"),
        ("bars", str(data.get("bars", "?"))),
        ("digest of the bars", str(data.get("digest", "unknown"))),
        ("engine", str(config.get("engine", "unknown"))),
        ("annualised with", f"{config.get('annualised_with_days', '?')} days a year"),
        *_strategies(sheet),
        ("costs", ", ".join(f"{name} = {value}" for name, value in costs.items()) or "unknown"),
        ("configuration digest", str(config.get("config_digest", "unknown"))),
    ]
    document = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False)
    whole = element(
        "details", element("summary", "The whole configuration"), element("pre", document)
    )
    return section("Data and engine", table(("what", "which"), rows), whole)


def _strategies(sheet: Sheet) -> list[tuple[Child, Child]]:
    config = sheet.run.config
    if is_company(sheet.run):
        listed = config.get("agents")
        agents = [part(each, "agent") for each in listed] if isinstance(listed, list) else []
        return [
            (f"{agent.get('agent_id')}", _strategy(part(agent, "strategy"))) for agent in agents
        ]
    strategy = part(part(config, "agent"), "strategy")
    return [("strategy", _strategy(strategy))]


def _strategy(strategy: Mapping[str, object]) -> str:
    pairs = strategy.get("parameters")
    parameters = [f"{name} = {value}" for name, value in pairs] if isinstance(pairs, list) else []
    return f"{strategy.get('name', 'unknown')}: {', '.join(parameters) or 'no parameter named'}"


def _picture(svg: bytes, description: str) -> Html:
    """Return an image that carries its own bytes."""
    address = "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
    return element("img", src=address, alt=description)
