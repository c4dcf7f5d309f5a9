"""Where the agent stands and what binds it, in words: position, session, own and company's limits."""

from ztrade_core.decision_makers.automated.told_market import money, percent
from ztrade_core.domain.configuration import AgentLimits, RiskLimits
from ztrade_core.domain.decisions import is_news_slot
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import HeldPosition, MarketSnapshot

MOST_ISSUE = 200
MOST_ISSUES = 10


def position_told(snapshot: MarketSnapshot) -> str:
    """Return the agent's own position, with its result at the last close."""
    held = snapshot.position
    if held is None:
        return "You hold nothing."
    text = f"You hold {held.quantity:.8g} {snapshot.symbol}, bought at {money(held.average_price)} on average."
    if len(snapshot.bars):
        close = float(snapshot.bars.closes[-1])
        gain = (close - held.average_price) * held.quantity
        text += (
            f" At the last close of {money(close)} that is {gain:+.2f} USD"
            f" ({percent(close / held.average_price - 1.0)})."
        )
    return f"{text} {_legs_told(held)}"


def session_told(snapshot: MarketSnapshot) -> str:
    """Return whether an entry decided now can fill, and whether news is why it is asked."""
    woken = "You are asked because of breaking news. " if is_news_slot(snapshot.key.slot) else ""
    if snapshot.session_open:
        return f"{woken}An entry decided now can fill."
    note = visible_line(snapshot.session_note, MOST_ISSUE) or "there is no session"
    return f"{woken}An entry decided now cannot fill: {note}."


def issues_told(snapshot: MarketSnapshot) -> str:
    """Return what is wrong with the inputs, or that nothing is."""
    issues = [visible_line(each, MOST_ISSUE) for each in snapshot.issues[:MOST_ISSUES]]
    if not snapshot.is_fresh:
        issues.append("the last bar that should be there is missing")
    if not issues:
        return "The inputs are complete and fresh."
    return "Something is wrong with the inputs: " + "; ".join(issues) + "."


def own_limits_told(limits: AgentLimits) -> str:
    """Return the agent's own limits."""
    rows = (
        f"a position of at most {limits.position_usd:,.0f} USD",
        f"at most {limits.risk_usd:,.0f} USD lost when its stop is hit",
        f"no entry below a confidence of {limits.min_confidence:g}",
        f"at most {limits.max_daily_trades} entries a New York day",
        f"{limits.max_consecutive_losses} losing trades in a row pause you until a person resumes you",
        "no adding to a position, no selling short",
    )
    return _listed(rows)


def company_limits_told(risk: RiskLimits) -> str:
    """Return the company's limits that bind an entry; one that is off is not told."""
    rows = (
        _share(risk.max_agent_exposure_fraction, "of total capital in all your positions together"),
        _share(risk.max_symbol_fraction, "of total capital in one symbol, whoever holds it"),
        _share(risk.max_gross_exposure_fraction, "of total capital in the positions of all agents"),
        _share(
            risk.max_daily_loss_fraction, "of the day's first equity lost, then all entries halt"
        ),
        _stops(risk),
        None
        if risk.max_correlated_positions is None
        else f"at most {risk.max_correlated_positions} positions that move together (correlation above"
        f" {risk.correlation_threshold:g})",
        f"no stock cheaper than {risk.min_stock_price_usd:g} USD",
    )
    return _listed(tuple(row for row in rows if row is not None))


def _legs_told(held: HeldPosition) -> str:
    stop = (
        "no stop is known"
        if held.stop_price is None
        else f"the stop is at {money(held.stop_price)}"
    )
    if held.target_price is None:
        return f"{stop.capitalize()}; there is no target."
    return f"{stop.capitalize()}, the target at {money(held.target_price)}."


def _share(fraction: float | None, of: str) -> str | None:
    return None if fraction is None else f"at most {100.0 * fraction:g} % {of}"


def _stops(risk: RiskLimits) -> str | None:
    least, most = risk.min_stop_distance_fraction, risk.max_stop_distance_fraction
    if least is None and most is None:
        return None
    low = "" if least is None else f"at least {100.0 * least:g} %"
    high = "" if most is None else f"at most {100.0 * most:g} %"
    return f"a stop {' and '.join(each for each in (low, high) if each)} below the order's price"


def _listed(rows: tuple[str, ...]) -> str:
    return "\n".join(f"- {row}" for row in rows)
