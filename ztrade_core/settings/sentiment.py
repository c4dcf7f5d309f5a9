"""config/sentiment.yaml, key by key: what may stand in it and how it becomes a domain value.

Every key is required. `examples` is what an error message proposes.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ztrade_core.domain.sentiment_config import (
    NewsConfig,
    ScorerConfig,
    SentimentConfig,
    SourceWeights,
)
from ztrade_core.settings import fields
from ztrade_core.settings.fields import StrictModel

Source = Literal["alpaca", "sec", "reddit", "files", "synthetic"]
Sources = Annotated[list[Source], Field(min_length=1, max_length=10)]
Hours = Annotated[float, Field(gt=0, le=720)]
_SUBREDDIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
MOST_CONTACT = 200
_CONTACT = re.compile(r"[^\s@]+( [^\s@]+)* [^\s@]+@[^\s@]+\.[^\s@]+")


def _off_is_none(value: Any) -> Any:
    if value is None:
        raise ValueError("empty; write a text, or the word off")
    return None if value == "off" else value


def _check_contact(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) <= MOST_CONTACT and text.isprintable() and _CONTACT.fullmatch(text):
        return text
    raise ValueError("not a contact; write a name and an e-mail address, or off")


def _check_subreddit(text: str) -> str:
    if _SUBREDDIT.fullmatch(text):
        return text
    raise ValueError("not a subreddit; write its name without r/, e.g. stocks")


def _check_revision(text: str | None) -> str | None:
    if text is None or _REVISION.fullmatch(text):
        return text
    raise ValueError("not a revision; write the model's commit, or off")


Contact = Annotated[str | None, BeforeValidator(_off_is_none), AfterValidator(_check_contact)]
Subreddit = Annotated[str, AfterValidator(_check_subreddit)]
Revision = Annotated[str | None, BeforeValidator(_off_is_none), AfterValidator(_check_revision)]
Fallback = Annotated[Literal["lexicon"] | None, BeforeValidator(_off_is_none)]


class SourcesSection(StrictModel):
    """`sources` of the sentiment file; all of a list are asked."""

    stock: Sources = Field(examples=["[files]"])
    crypto: Sources = Field(examples=["[files]"])

    @model_validator(mode="after")
    def _refuse_mixtures(self) -> Self:
        for chosen in (self.stock, self.crypto):
            if len(set(chosen)) < len(chosen):
                raise ValueError("a source is named twice; keep one")
            if "synthetic" in chosen and len(chosen) > 1:
                raise ValueError("synthetic stands alone: invented news never mixes with real")
        if "sec" in self.crypto:
            raise ValueError("sec has no filings of coins; remove it from crypto")
        return self


class AlpacaNewsSection(StrictModel):
    """`vendors.alpaca` of the sentiment file."""

    url: fields.VendorUrl = Field(examples=["https://data.alpaca.markets"])


class SecSection(StrictModel):
    """`vendors.sec` of the sentiment file."""

    url: fields.VendorUrl = Field(examples=["https://www.sec.gov"])
    contact: Contact = Field(examples=["off"])


class RedditSection(StrictModel):
    """`vendors.reddit` of the sentiment file."""

    url: fields.VendorUrl = Field(examples=["https://oauth.reddit.com"])
    subreddits: list[Subreddit] = Field(min_length=1, max_length=50, examples=["[stocks]"])


class NewsVendorsSection(StrictModel):
    """`vendors` of the sentiment file."""

    alpaca: AlpacaNewsSection = Field(examples=["a mapping with url"])
    sec: SecSection = Field(examples=["a mapping with url and contact"])
    reddit: RedditSection = Field(examples=["a mapping with url and subreddits"])


class ScorerSection(StrictModel):
    """`scorer` of the sentiment file."""

    name: Literal["lexicon", "finbert", "finbert-onnx"] = Field(examples=["lexicon"])
    model: fields.Text = Field(examples=["ProsusAI/finbert"])
    revision: Revision = Field(examples=["the commit of the model"])
    fallback: Fallback = Field(examples=["off"])

    @model_validator(mode="after")
    def _refuse_itself(self) -> Self:
        if self.fallback == self.name:
            raise ValueError("fallback is the scorer itself; write off")
        return self


class HalfLifeSection(StrictModel):
    """`half_life_hours` of the sentiment file."""

    stock: Hours = Field(examples=[24])
    crypto: Hours = Field(examples=[6])


class WeightsSection(StrictModel):
    """`weights` of the sentiment file."""

    news: fields.Share = Field(examples=[0.40])
    reddit: fields.Share = Field(examples=[0.25])
    filings: fields.Share = Field(examples=[0.25])


class BreakingSection(StrictModel):
    """`breaking` of the sentiment file."""

    score: fields.Share = Field(examples=[0.6])
    confidence: fields.Share = Field(examples=[0.6])


class SentimentFile(StrictModel):
    """config/sentiment.yaml."""

    sources: SourcesSection = Field(examples=["a mapping with stock and crypto"])
    vendors: NewsVendorsSection = Field(examples=["a mapping of vendors"])
    backfill_delay_minutes: float = Field(ge=0, le=1440, examples=[15])
    scorer: ScorerSection = Field(examples=["a mapping, as shipped"])
    half_life_hours: HalfLifeSection = Field(examples=["a mapping with stock and crypto"])
    weights: WeightsSection = Field(examples=["a mapping with news, reddit and filings"])
    breaking: BreakingSection = Field(examples=["a mapping with score and confidence"])

    def to_domain(self) -> SentimentConfig:
        """Return the frozen sentiment configuration."""
        vendors = self.vendors
        return SentimentConfig(
            news=NewsConfig(
                stock_sources=tuple(self.sources.stock),
                crypto_sources=tuple(self.sources.crypto),
                alpaca_url=vendors.alpaca.url,
                sec_url=vendors.sec.url,
                sec_contact=vendors.sec.contact,
                reddit_url=vendors.reddit.url,
                subreddits=tuple(vendors.reddit.subreddits),
                backfill_delay_minutes=self.backfill_delay_minutes,
            ),
            scorer=ScorerConfig(**self.scorer.model_dump()),
            stock_half_life_hours=self.half_life_hours.stock,
            crypto_half_life_hours=self.half_life_hours.crypto,
            weights=SourceWeights(**self.weights.model_dump()),
            breaking_score=self.breaking.score,
            breaking_confidence=self.breaking.confidence,
        )
