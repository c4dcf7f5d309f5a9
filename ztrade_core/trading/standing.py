"""Every rule's word on the account as it stands, for people. Writes nothing.

The rules judge the standing book with no order proposed, as they do on a hold: what fails here is
reported, and would deny the next entry.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.snapshots import PairCorrelation
from ztrade_core.domain.time import from_micros
from ztrade_core.ports.market import MarketView
from ztrade_core.risk.case import ChainStatus, MarketFacts, RiskCase
from ztrade_core.risk.judge import judge, rules_for
from ztrade_core.trading.conduct import desk_facts
from ztrade_core.trading.desk import TradingDesk
from ztrade_core.trading.marking import account_facts
from ztrade_core.trading.portfolio import Portfolio, portfolio_of
from ztrade_core.trading.spending import spent_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account, the file HALT's text, and the verdicts per agent in the configuration's order."""

    portfolio: Portfolio
    halt_file: str | None
    verdicts: tuple[tuple[str, tuple[Verdict, ...]], ...]


def judge_standing(desk: TradingDesk, at: datetime) -> Standing:
    """Let every rule judge the account as it stands, once for each agent."""
    portfolio, view = portfolio_of(desk, at), desk.market.view(at)
    halt_file = desk.halt_signal.standing()
    chain = ChainStatus(verified=True, fault=portfolio.chain_fault)
    pairs, rules = correlations_of(desk, view), rules_for(desk.company)
    facts = account_facts(desk, view)
    found = []
    for agent in desk.company.agents:
        market = _market_facts(desk, view, agent, pairs)
        with desk.store.reading() as uow:
            conduct = replace(
                desk_facts(desk, uow, facts, agent, market.last_bar),
                model_spent_usd=spent_in(desk, uow, agent, agent.mode.value),
            )
        case = RiskCase(
            company=desk.company,
            agent=agent,
            book=portfolio.book,
            candidate=None,
            market=market,
            desk=conduct,
            chain=chain,
            halt_file=halt_file,
        )
        found.append((agent.agent_id, judge(case, rules)))
    return Standing(portfolio=portfolio, halt_file=halt_file, verdicts=tuple(found))


def correlations_of(desk: TradingDesk, view: MarketView) -> tuple[PairCorrelation, ...]:
    """Return how the agents' symbols move together, as RULE_004 sees it at the view's moment."""
    risk = desk.company.risk
    return view.correlations(
        [(agent.symbol, agent.timeframe) for agent in desk.company.agents],
        risk.correlation_returns,
        risk.correlation_min_overlap,
    )


def _looks_back_to(desk: TradingDesk, view: MarketView, agent: AgentConfig) -> datetime | None:
    """Return the first bar that the agent's next decision sees; None (every bar) where nobody says."""
    maker = desk.makers.get(Mode.STRATEGY if agent.mode is Mode.MANUAL else agent.mode)
    if maker is None:
        return None
    bars = view.last_bars(agent.symbol, agent.timeframe, maker.lookback_bars(agent))
    return from_micros(int(bars.timestamps[0])) if len(bars) else None


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
        issues=view.issues(agent.symbol, agent.timeframe, _looks_back_to(desk, view, agent)),
        close=float(bars.closes[-1]) if len(bars) else math.nan,
        volume=float(bars.volumes[-1]) if len(bars) else math.nan,
        config_digest=desk.company.digest,
    )
