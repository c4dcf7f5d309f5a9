"""The agents of a company's run in its tear sheet: what each came to, and how they moved together."""

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.portfolio_report import AgentPart, agent_parts, pairs_of
from ztrade_core.backtest.report_html import Child, Html, element, section, table, toned
from ztrade_core.backtest.tear_sheet_content import Sheet

AFTER = "after its training cutoff"
BASELINE = (
    "Buy and hold puts the company's whole capital into these instruments, in proportion to what the"
    " agents are allocated. An agent's return is on what it is allocated, an open position marked at"
    " its last close."
)


def agents(sheet: Sheet) -> Html:
    """Return the section: a row an agent, and which rules denied its entries."""
    found = agent_parts(sheet.run)
    after = (AFTER,) if any(each.is_model for each in found) else ()
    head = (
        "agent",
        "instrument",
        "strategy",
        "allocated",
        "result",
        *after,
        "return",
        "closed",
        "won",
        "denied",
        "denied by (share of its denied entries)",
    )
    lines = [_agent(each, with_cutoff=bool(after)) for each in found]
    parts: list[Child] = [
        table(head, lines, numbers=range(3, len(head) - 1)),
        element("p", BASELINE, class_="fine"),
    ]
    pairs = pairs_of(sheet.run)
    if pairs:
        rows = [
            (
                f"{pair.first} and {pair.second}",
                text.number(pair.value),
                f"{pair.overlap:,}",
                "yes" if pair.is_correlated else "no",
            )
            for pair in pairs
        ]
        named = ("at the end of the run", "correlation", "common returns", "counts as correlated")
        parts.append(table(named, rows, numbers=(1, 2)))
    return section("Agents", *parts)


def _agent(one: AgentPart, *, with_cutoff: bool) -> tuple[Child, ...]:
    pnl, change, clean = _number(one, "pnl_usd"), _number(one, "total_return"), one.clean_pnl_usd
    after = (toned(text.usd(clean, signed=True), clean),) if with_cutoff else ()
    return (
        one.agent_id,
        f"{one.symbol} {one.timeframe}",
        one.strategy,
        text.usd(one.allocated_usd, 0),
        toned(text.usd(pnl, signed=True), pnl),
        *after,
        toned(text.percent(change, signed=True), change),
        text.number(_number(one, "trades"), 0),
        text.percent(_number(one, "win_rate"), 0),
        f"{one.denied:,}",
        denied_by(one),
    )


def denied_by(one: AgentPart) -> str:
    """Return the rules that denied an agent's entries, each with its share of them."""
    shares = one.denial_shares()
    return ", ".join(f"{rule} {text.percent(share, 0)}" for rule, share in shares.items()) or "-"


def _number(one: AgentPart, name: str) -> float | None:
    value = one.figures[name]
    return float(value) if isinstance(value, int | float) else None
