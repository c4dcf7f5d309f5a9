"""The account as it stands, for people: its book, and every rule's word on it. Writes nothing.

The rules judge the standing book with no order proposed, as they do on a hold: what fails here is
reported, and would deny the next entry.
"""

from dataclasses import dataclass
from datetime import datetime

from ztrade_core.domain.book import Book
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.orders import Order
from ztrade_core.domain.snapshots import PairCorrelation
from ztrade_core.ports.market import MarketView
from ztrade_core.risk.case import MarketFacts, RiskCase
from ztrade_core.risk.judge import judge, rules_for
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.judging import chain_status
from ztrade_core.trading.marking import account_facts, build_book


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account at `at`: its book, its working orders (oldest first), and the file HALT's text."""

    at: datetime
    book: Book
    working: tuple[Order, ...]
    halt_file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingVerdicts:
    """Every rule's word on the standing book, per agent in the order of the configuration."""

    standing: Standing
    verdicts: tuple[tuple[str, tuple[Verdict, ...]], ...]


def standing_of(desk: TradingDesk, at: datetime) -> Standing:
    """Return the account as it stands, marked as of `at`."""
    facts = account_facts(desk, desk.market.view(at))
    with desk.store.reading() as uow:
        return Standing(
            at=at,
            book=build_book(desk, uow, facts),
            working=tuple(uow.orders.working(desk.account, facts.epoch)),
            halt_file=desk.halt_signal.standing(),
        )


def judge_standing(desk: TradingDesk, at: datetime) -> StandingVerdicts:
    """Let every rule judge the account as it stands, once for each agent."""
    standing, view = standing_of(desk, at), desk.market.view(at)
    with desk.store.reading() as uow:
        chain = chain_status(uow)
    pairs, rules = correlations_of(desk, view), rules_for(desk.company)
    return StandingVerdicts(
        standing=standing,
        verdicts=tuple(
            (
                agent.agent_id,
                judge(
                    RiskCase(
                        company=desk.company,
                        agent=agent,
                        book=standing.book,
                        candidate=None,
                        market=_market_facts(desk, view, agent, pairs),
                        chain=chain,
                        halt_file=standing.halt_file,
                    ),
                    rules,
                ),
            )
            for agent in desk.company.agents
        ),
    )


def correlations_of(desk: TradingDesk, view: MarketView) -> tuple[PairCorrelation, ...]:
    """Return how the agents' symbols move together, as RULE_004 sees it at the view's moment."""
    risk = desk.company.risk
    return view.correlations(
        [(agent.symbol, agent.timeframe) for agent in desk.company.agents],
        risk.correlation_returns,
        risk.correlation_min_overlap,
    )


def _market_facts(
    desk: TradingDesk,
    view: MarketView,
    agent: AgentConfig,
    pairs: tuple[PairCorrelation, ...],
) -> MarketFacts:
    asset_class = agent.instrument.asset_class
    bars = view.last_bars(agent.symbol, agent.timeframe, 1)
    expected = desk.calendar.expected_bar(asset_class, agent.timeframe, view.as_of)
    last = bars.last_open if len(bars) else None
    is_open, why_not = False, "there are no bars to decide on"
    if last is not None:
        is_open, why_not = desk.calendar.entry_session(
            asset_class, agent.timeframe, last, view.as_of
        )
    return MarketFacts(
        fresh=last is not None and last == expected,
        last_bar=last,
        expected_bar=expected,
        session_open=is_open,
        session_note=why_not,
        clock_skew_seconds=0.0,
        correlations=pairs,
        issues=(),
    )
