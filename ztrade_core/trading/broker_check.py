"""Is the broker fit to trade at: a look at everything that an order would need, sending none.

Contract: asks and changes nothing but the epoch that a new account number begins. A question that is
not answered is a finding, and the last one: whoever is down is not asked ten times more. A simulated
broker is always fit, and says that nothing was contacted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ztrade_core.domain.brokerage import BrokerAsset, BrokerClock, Quote
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import TransientBrokerError
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.trading.desk import TradingDesk

MAX_QUOTE_SECONDS = 900.0
"""How old the latest quote may be while its market is open; thin instruments quote rarely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `problem` is empty when it is fine, else says what is wrong."""

    what: str
    value: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerCheck:
    """What a check found, and the epoch it is about (None when nobody answered)."""

    account_epoch: int | None
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not fine, one line each."""
        return tuple(f"{each.what}: {each.problem}" for each in self.findings if each.problem)


def check_broker(desk: TradingDesk) -> BrokerCheck:
    """Look at account, clock, session, and every agent's asset and quote."""
    if desk.facts is None:
        found = Finding(what="broker", value="simulated in our own database; nothing is contacted")
        return BrokerCheck(account_epoch=desk.broker.epoch(), findings=(found,))
    findings: list[Finding] = []
    epoch: int | None = None
    try:
        findings.extend(_account(desk.facts))
        epoch = desk.broker.epoch()
        clock = desk.facts.clock()
        findings.extend(_time(desk, clock))
        for agent in desk.company.agents:
            findings.append(_asset(agent, desk.facts.asset(agent.symbol)))
            findings.append(_quote(desk, agent, desk.broker.quote(agent.symbol), clock))
    except TransientBrokerError as error:
        findings.append(Finding(what="answer", value="none", problem=str(error)))
    return BrokerCheck(account_epoch=epoch, findings=tuple(findings))


def _account(facts: BrokerFacts) -> Iterator[Finding]:
    standing = facts.standing()
    paper = "" if standing.is_paper else "this is no paper account: nothing is sent to it"
    yield Finding(what="paper account", value=_word(standing.is_paper), problem=paper)
    blocked = "" if standing.may_trade else f"the broker would refuse orders ({standing.status})"
    yield Finding(what="may trade", value=standing.status, problem=blocked)
    short = "" if standing.long_only else "a sell could open a short: run `ztrade broker long-only`"
    yield Finding(what="long only", value=_word(standing.long_only), problem=short)
    foreign = "" if standing.currency == "USD" else "our book is kept in USD"
    yield Finding(what="currency", value=standing.currency, problem=foreign)
    yield Finding(what="equity", value=f"{standing.equity:,.2f}")
    yield Finding(what="cash", value=f"{standing.cash:,.2f}")
    spent = "" if standing.buying_power > 0 else "nothing can be bought"
    yield Finding(what="buying power", value=f"{standing.buying_power:,.2f}", problem=spent)


def _time(desk: TradingDesk, clock: BrokerClock) -> Iterator[Finding]:
    limit = desk.company.risk.max_clock_skew_seconds
    skew = (desk.clock.now() - clock.now).total_seconds()
    wrong = ""
    if not abs(skew) <= limit:
        wrong = f"our clock is off by {skew:.1f} s; at most {limit:g} s are allowed (RULE_012)"
    yield Finding(what="clock", value=f"ours is {skew:+.1f} s", problem=wrong)
    word = f"open until {iso_z(clock.next_close)}"
    if not clock.is_open:
        word = f"closed until {iso_z(clock.next_open)}"
    yield Finding(what="stock session", value=word)


def _asset(agent: AgentConfig, asset: BrokerAsset | None) -> Finding:
    what = f"{agent.symbol} asset"
    if asset is None:
        return Finding(what=what, value="unknown", problem="the broker has no such asset")
    grid = ", ".join(
        f"{name} {value.normalize():f}"
        for name, value in (
            ("at least", asset.minimum_quantity),
            ("lot", asset.quantity_increment),
            ("tick", asset.price_increment),
        )
        if value is not None
    )
    value = f"{'tradable' if asset.tradable else 'not tradable'}{f' ({grid})' if grid else ''}"
    problem = "" if asset.tradable else "the broker does not trade it now"
    return Finding(what=what, value=value, problem=problem)


def _quote(
    desk: TradingDesk, agent: AgentConfig, quote: Quote | None, clock: BrokerClock
) -> Finding:
    what = f"{agent.symbol} quote"
    is_open = clock.is_open or agent.instrument.asset_class is AssetClass.CRYPTO
    if quote is None:
        problem = "an exit would go to the market without a limit" if is_open else ""
        return Finding(what=what, value="none", problem=problem)
    age = (desk.clock.now() - quote.at).total_seconds()
    sides = f"{_side(quote.bid)} / {_side(quote.ask)}, {round(age)} s old"
    stale = is_open and not age <= MAX_QUOTE_SECONDS
    problem = f"older than {MAX_QUOTE_SECONDS:g} s while its market is open" if stale else ""
    return Finding(what=what, value=sides, problem=problem)


def _side(price: Decimal | None) -> str:
    return "none" if price is None else f"{price:,f}"


def _word(value: bool) -> str:  # noqa: FBT001 - a fact to be spelled
    return "yes" if value else "no"
