"""A configuration of news and sentiment that asks nobody: stories from files, the lexicon."""

from ztrade_core.domain.sentiment_config import (
    NewsConfig,
    ScorerConfig,
    SentimentConfig,
    SourceWeights,
)

SENTIMENT = SentimentConfig(
    news=NewsConfig(
        stock_sources=("files",),
        crypto_sources=("files",),
        alpaca_url="https://data.alpaca.markets",
        sec_url="https://www.sec.gov",
        sec_contact=None,
        reddit_url="https://oauth.reddit.com",
        subreddits=("stocks",),
        backfill_delay_minutes=15.0,
    ),
    scorer=ScorerConfig(name="lexicon"),
    stock_half_life_hours=24.0,
    crypto_half_life_hours=6.0,
    weights=SourceWeights(news=0.40, reddit=0.25, filings=0.25),
    breaking_score=0.6,
    breaking_confidence=0.6,
)
