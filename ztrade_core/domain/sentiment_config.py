"""News and sentiment in the configuration, as frozen values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWeights:
    """How the groups of sources are weighed against each other; renormalised over those there are."""

    news: float
    reddit: float
    filings: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerConfig:
    """Which scorer, and of what model; the lexicon has none, whatever `model` and `revision` say.

    `fallback` is the scorer that stands in, visibly, where this one cannot be loaded; None: nothing does.
    """

    name: str
    model: str | None = None
    revision: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsConfig:
    """Where stories come from, in no order: all that can serve are asked. Addresses are of their hosts.

    `subreddits` are where Reddit is read. A backfilled story counts as known so many minutes after it was
    published.
    """

    stock_sources: tuple[str, ...]
    crypto_sources: tuple[str, ...]
    alpaca_url: str
    sec_url: str
    sec_contact: str | None
    reddit_url: str
    subreddits: tuple[str, ...]
    backfill_delay_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentConfig:
    """News and its scores: sources, scorer, half-lives in hours, weights, what counts as breaking."""

    news: NewsConfig
    scorer: ScorerConfig
    stock_half_life_hours: float
    crypto_half_life_hours: float
    weights: SourceWeights
    breaking_score: float
    breaking_confidence: float
