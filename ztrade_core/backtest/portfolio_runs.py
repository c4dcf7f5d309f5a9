"""Several agents in one account as a user asks for it: agents and a range in, one stored run out.

The company's rules and correlations bind all of them; each keeps its timeframe and asset class. They
decide over the range that their stored bars have in common. Figures are on the company's capital,
annualised with 365 days as soon as one of them trades crypto; each agent's own are on what it is
allocated (`portfolio_figures`). The run bears the agent id `company` (`portfolio_report`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC

from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.backtest.loop import Progress, backtest_fills, costs_paid
from ztrade_core.backtest.mood import NO_MOOD, Mood, with_moods
from ztrade_core.backtest.news_ticks import news_ticks
from ztrade_core.backtest.portfolio_data import Range, load_legs, missing_in
from ztrade_core.backtest.portfolio_engines import PortfolioRun, counted, run_portfolio
from ztrade_core.backtest.portfolio_figures import (
    agent_figures,
    clean_pnl_usd,
    held_together,
    shares_usd,
)
from ztrade_core.backtest.portfolio_minds import (
    Makers,
    clean_moment,
    figures_of_makers,
    makers_for,
    told_of_makers,
)
from ztrade_core.backtest.portfolio_report import CLEAN_PNL, COMPANY, Pair
from ztrade_core.backtest.reasons import counted_reasons
from ztrade_core.backtest.runs import BacktestResult, Bench, known_range, series_digest
from ztrade_core.domain.backtests import BacktestRun, EquityPoint
from ztrade_core.domain.canonical import canonical_json, plain, sha256_hex
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import from_micros
from ztrade_core.errors import InputError
from ztrade_core.market_data.arrays import ArrayMarket
from ztrade_core.performance.daily import days_a_year
from ztrade_core.performance.metrics import CostsPaid, measure
from ztrade_core.performance.trades import Figures
from ztrade_core.risk.arithmetic import is_correlated


@dataclass(frozen=True, slots=True, kw_only=True)
class _Played:
    """A run that is over: what it was made of, over which range, and what it left."""

    given: PortfolioInput
    common: Range
    done: PortfolioRun
    missing: dict[str, int]
    moods: dict[str, Mood]
    makers: Makers


def run_portfolio_and_store(
    bench: Bench,
    agent_ids: Sequence[str],
    start: str,
    end: str,
    progress: Progress | None = None,
    *,
    budget_usd: float | None = None,
) -> BacktestResult:
    """Run agents (none named: all of the company) in one account and keep the result.

    `budget_usd` is what their models may cost together. Raises InputError for an unknown agent, a bad
    range, and models without a budget, NoDataError for an agent without bars in it and for agents whose bars
    have no common range.
    """
    agents = chosen_agents(bench.company, agent_ids)
    makers = makers_for(agents, bench.maker_of, budget_usd)
    asked = known_range(bench, start, end)
    bare, common = load_legs(bench, agents, asked)
    legs, moods = with_moods(bench.sentiment, bench.calendar, with_news(bench, bare))
    given = PortfolioInput(company=bench.company, calendar=bench.calendar, legs=legs)
    done = run_portfolio(
        given,
        makers,
        bench.kernel_folder,
        progress,
        worth_bars=bench.worth_bars,
    )
    missing = {leg.agent.agent_id: missing_in(bench.calendar, leg, common) for leg in legs}
    played = _Played(
        given=given, common=common, done=done, missing=missing, moods=moods, makers=makers
    )
    result = _measured(bench, asked, played)
    bench.backtests.save(result.run, result.trades, result.equity)
    return result


def with_news(bench: Bench, legs: Sequence[Leg]) -> list[Leg]:
    """Return the legs with the breaking news that runs their agents between their bars."""
    return [
        replace(
            leg,
            news=news_ticks(bench.breaking, bench.calendar, leg.agent, leg.series, first=leg.first),
        )
        for leg in legs
    ]


def chosen_agents(company: Company, agent_ids: Sequence[str]) -> list[AgentConfig]:
    """Return the agents of these ids, all of them when none is named; InputError for a bad name."""
    known = {agent.agent_id: agent for agent in company.agents}
    for agent_id in agent_ids:
        if agent_id not in known:
            there = ", ".join(known) or "none"
            raise InputError(f"no agent {agent_id!r} in config/agents; there are: {there}")
        if list(agent_ids).count(agent_id) > 1:
            raise InputError(f"agent {agent_id!r} is named more than once: name it once")
    return [known[agent_id] for agent_id in agent_ids] or list(company.agents)


def _measured(bench: Bench, asked: Range, played: _Played) -> BacktestResult:
    done, legs = played.done, played.given.legs
    trades = backtest_fills(done.fills)
    baseline = _baseline(bench, played)
    commission_usd, coin_fees_usd = costs_paid(done.fills)
    metrics: Figures = measure(
        done.equity,
        trades,
        capital_usd=bench.company.capital_usd,
        asset_class=_year_of(legs),
        buy_and_hold=baseline,
        costs=CostsPaid(commission_usd=commission_usd, coin_fees_usd=coin_fees_usd),
    )
    config = _config(asked, played) | bench.deafness | told_of_makers(played.makers)
    created = bench.clock.now().astimezone(UTC)
    identity = canonical_json({"config": config, "asked": list(asked), "created": created})
    run = BacktestRun(
        run_id="bt-" + sha256_hex(identity)[:12],
        agent_id=COMPANY,
        start=played.common[0],
        end=played.common[1],
        metrics={
            **metrics,
            "bars": sum(len(leg.series) - leg.first for leg in legs),
            "missing_bars": sum(played.missing.values()),
            "halts": sum(done.halts.values()),
            **_figures_of_minds(bench, played),
        },
        config=config,
        status="finished",
        created_at=created,
    )
    return BacktestResult(
        run=run,
        trades=trades,
        equity=done.equity,
        baseline=baseline,
        series=[leg.series.window(leg.first, len(leg.series)) for leg in legs],
    )


def _figures_of_minds(bench: Bench, played: _Played) -> Figures:
    """Return each agent's own figures; where models decide, their cost and the split at their cutoffs."""
    calendar = bench.calendar
    found = figures_of_makers(
        played.makers,
        played.done.equity,
        capital_usd=bench.company.capital_usd,
        asset_class=_year_of(played.given.legs),
    )
    for leg in played.given.legs:
        name = leg.agent.agent_id
        denied = played.done.tallies[name].outcomes["denied"]
        figures = agent_figures(leg, played.done.fills, denied)
        is_model, clean_from = clean_moment(played.makers, name)
        if is_model:
            figures[CLEAN_PNL] = clean_pnl_usd(leg, played.done.fills, calendar, clean_from)
        found |= {f"{name}/{figure}": value for figure, value in figures.items()}
    return found


def _baseline(bench: Bench, played: _Played) -> Sequence[EquityPoint]:
    legs, company = played.given.legs, bench.company
    capital = shares_usd(
        company.capital_usd, {leg.agent.agent_id: leg.agent.allocated_usd for leg in legs}
    )
    return held_together(
        [
            (leg.series.window(leg.first, len(leg.series)), capital[leg.agent.agent_id])
            for leg in legs
        ],
        played.done.equity,
        calendar=bench.calendar,
        costs=company.broker.costs,
    )


def _year_of(legs: Sequence[Leg]) -> AssetClass:
    """Return whose days make the year: crypto's as soon as one agent trades it."""
    classes = {leg.agent.instrument.asset_class for leg in legs}
    return AssetClass.CRYPTO if AssetClass.CRYPTO in classes else AssetClass.STOCK


def _config(asked: Range, played: _Played) -> dict[str, object]:
    given, done = played.given, played.done
    company, legs = given.company, given.legs
    content: dict[str, object] = plain(
        {
            "engine": done.engine,
            "why_not_compiled": done.why_not_compiled,
            "asked": list(asked),
            "agents": [_agent(leg, played) for leg in legs],
            "capital_usd": company.capital_usd,
            "risk": asdict(company.risk),
            "costs": asdict(company.broker.costs),
            "config_digest": company.digest,
            "annualised_with_days": days_a_year(_year_of(legs)),
            "data": _data(played),
            "correlations": _correlations(given),
            "outcomes": dict(sorted(counted(done.tallies, "outcomes").items())),
            "denials": dict(sorted(counted(done.tallies, "denials").items())),
            "holds": counted_reasons(counted(done.tallies, "holds")),
            "halts": done.halts,
        }
    )
    return content


def _agent(leg: Leg, played: _Played) -> dict[str, object]:
    agent, tally = leg.agent, played.done.tallies[leg.agent.agent_id]
    decided = leg.series.window(leg.first, len(leg.series))
    return {
        "agent": {**asdict(agent), "personality": sha256_hex(agent.personality)},
        "data": {
            "symbol": agent.symbol,
            "timeframe": agent.timeframe,
            "source": leg.source,
            "first_bar": from_micros(int(decided.timestamps[0])),
            "last_bar": decided.last_open,
            "bars": len(decided),
            "digest": series_digest(decided),
            "missing_bars": played.missing[agent.agent_id],
        },
        "outcomes": dict(sorted(tally.outcomes.items())),
        "denials": dict(sorted(tally.denials.items())),
        "holds": counted_reasons(tally.holds),
        **played.moods.get(agent.agent_id, NO_MOOD).entry,
    }


def _data(played: _Played) -> dict[str, object]:
    """Return the bars of all agents as one, in the words of a lone agent's run."""
    legs = played.given.legs
    decided = [leg.series.window(leg.first, len(leg.series)) for leg in legs]
    digests = [series_digest(bars) for bars in decided]
    return {
        "symbol": ", ".join(leg.agent.symbol for leg in legs),
        "timeframe": ", ".join(leg.agent.timeframe.value for leg in legs),
        "source": ", ".join(dict.fromkeys(leg.source for leg in legs)),
        "first_bar": from_micros(min(int(bars.timestamps[0]) for bars in decided)),
        "last_bar": max(bars.last_open for bars in decided),
        "bars": sum(len(bars) for bars in decided),
        "digest": sha256_hex("|".join(digests)),
        "missing_bars": sum(played.missing.values()),
    }


def _correlations(given: PortfolioInput) -> dict[str, object]:
    """Return how the symbols moved together at the end of the run, as RULE_004 saw it then."""
    legs, risk, calendar = given.legs, given.company.risk, given.calendar
    last = max(
        calendar.completes_at(
            leg.agent.instrument.asset_class, leg.agent.timeframe, leg.series.last_open
        )
        for leg in legs
    )
    view = ArrayMarket([leg.series for leg in legs], calendar).view(last)
    found = view.correlations(
        [(leg.agent.symbol, leg.agent.timeframe) for leg in legs],
        risk.correlation_returns,
        risk.correlation_min_overlap,
    )
    pairs = [
        Pair(
            first=each.first,
            second=each.second,
            value=each.value,
            overlap=each.overlap,
            is_correlated=is_correlated(
                float("nan") if each.value is None else each.value, risk.correlation_threshold
            ),
        )
        for each in found
    ]
    return {"as_of": last, "threshold": risk.correlation_threshold, "pairs": pairs}
