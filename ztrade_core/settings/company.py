"""The company: its files read, set against each other, and made one frozen value with a digest."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.configuration import ALPACA, BrokerConfig, Company, MarketDataConfig
from ztrade_core.domain.model_config import SubagentConfig
from ztrade_core.domain.sentiment_config import SentimentConfig
from ztrade_core.errors import ConfigError
from ztrade_core.settings.agents import LoadedAgent, load_agents
from ztrade_core.settings.deadlines import check_deadlines
from ztrade_core.settings.explain import Model, validate
from ztrade_core.settings.language_models import ModelsFile, models_told
from ztrade_core.settings.limits import load_limits
from ztrade_core.settings.models import (
    BrokerFile,
    BrokerName,
    CompanyFile,
    MarketDataFile,
    Provider,
)
from ztrade_core.settings.project import shown_path
from ztrade_core.settings.prompts import prompt_digest
from ztrade_core.settings.sentiment import SentimentFile
from ztrade_core.settings.yaml_text import parse_mapping, read_text

_TOLERANCE = 1.0 + 1e-9

UNSAID = ("ensemble", "shadows")


def load_company(
    config_dir: Path,
    root: Path,
    *,
    broker_name: BrokerName | None = None,
    market_data: Provider | None = None,
) -> Company:
    """Return the whole configuration; ConfigError names file and key.

    `broker_name` replaces the broker, `market_data` the providers of both asset classes; `files` and
    `synthetic` replace the sources of news as well.
    """
    company = _file(CompanyFile, config_dir / "company.yaml", root)
    risk = load_limits(config_dir / "risk_limits.yaml", root)
    broker = _file(BrokerFile, config_dir / "broker.yaml", root)
    bars = _file(MarketDataFile, config_dir / "market_data.yaml", root).to_domain()
    sentiment = _file(SentimentFile, config_dir / "sentiment.yaml", root).to_domain()
    models = _file(ModelsFile, config_dir / "models.yaml", root).to_domain()
    agents = load_agents(config_dir / "agents", root, models)
    _check_allocation(agents, company, shown_path(config_dir / "company.yaml", root))
    own = tuple(item.agent for item in agents)
    check_deadlines([(item.shown, item.agent) for item in agents], models, broker.run_max_seconds)
    return with_digest(
        Company(
            name=company.name,
            capital_usd=company.capital_usd,
            agents=own,
            risk=risk,
            broker=_traded_at(broker.to_domain(), broker_name),
            market_data=_override(bars, market_data),
            sentiment=_sources_override(sentiment, market_data),
            digest="",
            models=replace(models, prompt_digest=prompt_digest(config_dir, root, own)),
        )
    )


def with_digest(company: Company) -> Company:
    """Return the company with the digest of its content: SHA-256 over its canonical JSON.

    What an agent does not have (`UNSAID`) is not in it, nor what `models` leaves at its default: a
    digest outlives the versions that brought them.
    """
    content = asdict(replace(company, digest=""))
    for agent in content["agents"]:
        for name in UNSAID:
            if not agent[name]:
                del agent[name]
    if company.models.subagent == SubagentConfig():
        del content["models"]["subagent"]
    if company.models.shadow_budget_usd is None:
        del content["models"]["shadow_budget_usd"]
    if not company.models.prompt_digest:
        del content["models"]["prompt_digest"]
    return replace(company, digest=sha256_hex(canonical_json(content)))


def warnings_of(
    company: Company, *, has_alpaca_keys: bool = False, has_anthropic_key: bool = False
) -> tuple[str, ...]:
    """Return what is allowed but worth saying, one line each."""
    found = [*_oversized(company), *_denied_anyway(company)]
    found += models_told(company.agents, has_key=has_anthropic_key)
    if has_alpaca_keys and company.broker.broker != ALPACA:
        found.append(
            f"ALPACA_API_KEY is set, but the broker is {company.broker.broker}: no order is sent to"
            " Alpaca; to trade there write broker: alpaca into broker.yaml or ZTRADE_BROKER=alpaca"
        )
    if company.broker.initial_cash_usd != company.capital_usd:
        found.append(
            f"broker.yaml: initial_cash_usd {company.broker.initial_cash_usd:g} is not "
            f"capital_usd {company.capital_usd:g} of company.yaml"
        )
    if has_synthetic_bars(company):
        found.append("market data is synthetic: invented bars, for demonstrations only")
    if has_synthetic_news(company):
        found.append("news is synthetic: invented stories, for demonstrations only")
    return tuple(found)


def has_synthetic_bars(company: Company) -> bool:
    """Return whether any bars are invented."""
    bars = company.market_data
    return "synthetic" in (*bars.stock_providers, *bars.crypto_providers)


def has_synthetic_news(company: Company) -> bool:
    """Return whether any stories are invented."""
    news = company.sentiment.news
    return "synthetic" in (*news.stock_sources, *news.crypto_sources)


def _oversized(company: Company) -> list[str]:
    share = company.risk.max_symbol_fraction
    if share is None:
        return []
    ceiling = share * company.capital_usd
    return [
        f"{agent.agent_id}: limits.position_usd {agent.limits.position_usd:g} is over "
        f"max_symbol_fraction of the capital ({ceiling:g}): its orders will be made smaller"
        for agent in company.agents
        if agent.limits.position_usd > ceiling * _TOLERANCE
    ]


def _denied_anyway(company: Company) -> list[str]:
    """Return where the company's own numbers make orders that its rules would always deny."""
    risk, costs = company.risk, company.broker.costs
    found = []
    if _over(costs.collar_bps, risk.max_price_gap_bps):
        found.append(
            f"broker.yaml: costs.collar_bps {costs.collar_bps:g} is over max_price_gap_bps "
            f"{risk.max_price_gap_bps:g}: every entry will be denied"
        )
    if _over(costs.max_volume_fraction, risk.max_order_volume_multiple):
        found.append(
            f"broker.yaml: costs.max_volume_fraction {costs.max_volume_fraction:g} is over "
            f"max_order_volume_multiple {risk.max_order_volume_multiple:g}: large entries will be "
            "denied"
        )
    collar = 1.0 + (costs.collar_bps or 0.0) / 10000.0
    for agent in company.agents:
        if _over(agent.limits.position_usd, risk.max_order_usd):
            found.append(
                f"{agent.agent_id}: limits.position_usd {agent.limits.position_usd:g} is over "
                f"max_order_usd {risk.max_order_usd:g}: its full size will be denied"
            )
        distance = 1.0 - (1.0 - agent.limits.stop_loss_fraction) / collar
        if _over(risk.min_stop_distance_fraction, distance) or _over(
            distance, risk.max_stop_distance_fraction
        ):
            found.append(
                f"{agent.agent_id}: limits.stop_loss_fraction "
                f"{agent.limits.stop_loss_fraction:g} is {distance:.4g} below the limit price, "
                "outside of min_ and max_stop_distance_fraction: its entries will be denied"
            )
    return found


def _over(number: float | None, limit: float | None) -> bool:
    """Return whether a number is over a limit that is not off."""
    return number is not None and limit is not None and number > limit * _TOLERANCE


def _file(model: type[Model], path: Path, root: Path) -> Model:
    shown = shown_path(path, root)
    return validate(model, parse_mapping(read_text(path, shown), shown), shown)


def _check_allocation(agents: Sequence[LoadedAgent], company: CompanyFile, shown: str) -> None:
    allocated = 0.0
    for item in agents:
        allocated += item.agent.allocated_usd
    if allocated > company.capital_usd * _TOLERANCE:
        raise ConfigError(
            f"{shown}: capital_usd: {company.capital_usd:g} is under the {allocated:g} that the "
            "agents' allocated_usd add up to; allocate less"
        )


def _traded_at(broker: BrokerConfig, name: BrokerName | None) -> BrokerConfig:
    return broker if name is None else replace(broker, broker=name)


def _override(bars: MarketDataConfig, provider: Provider | None) -> MarketDataConfig:
    if provider is None:
        return bars
    return replace(bars, stock_providers=(provider,), crypto_providers=(provider,))


def _sources_override(sentiment: SentimentConfig, provider: Provider | None) -> SentimentConfig:
    """What asks no vendor for bars, or invents them, does so for news too."""
    if provider not in ("files", "synthetic"):
        return sentiment
    news = replace(sentiment.news, stock_sources=(provider,), crypto_sources=(provider,))
    return replace(sentiment, news=news)
