"""config/sentiment.yaml: what it says, what replaces it, and what is refused in one line."""

from typing import Any

import pytest

from ztrade_core.domain.sentiment_config import ScorerConfig, SourceWeights

FILE = "config/sentiment.yaml"


def test_the_shipped_file_is_the_design(project: Any) -> None:
    found = project.load().company.sentiment
    assert found.news.stock_sources == ("alpaca", "sec", "reddit")
    assert found.news.crypto_sources == ("alpaca", "reddit")
    assert found.news.sec_contact is None
    assert found.news.backfill_delay_minutes == 15
    assert (found.stock_half_life_hours, found.crypto_half_life_hours) == (24, 6)
    assert found.weights == SourceWeights(news=0.40, reddit=0.25, filings=0.25)
    assert found.scorer == ScorerConfig(
        name="lexicon",
        model="ProsusAI/finbert",
        revision="4556d13015211d73dccd3fdd39d39232506f3e43",
        fallback=None,
    )


@pytest.mark.parametrize("name", ["files", "synthetic"])
def test_bars_from_nobody_are_news_from_nobody(project: Any, name: str) -> None:
    news = project.load({"ZTRADE_MARKET_DATA": name}).company.sentiment.news
    assert news.stock_sources == news.crypto_sources == (name,)


def test_another_vendor_of_bars_leaves_news_alone(project: Any) -> None:
    news = project.load({"ZTRADE_MARKET_DATA": "yahoo"}).company.sentiment.news
    assert news.stock_sources == ("alpaca", "sec", "reddit")


def test_invented_news_is_said_and_never_meets_a_broker(project: Any) -> None:
    project.replace(FILE, "crypto: [alpaca, reddit]", "crypto: [synthetic]")
    assert any("news is synthetic" in line for line in project.load().warnings)
    keys = {"ALPACA_API_KEY": "PKTEST", "ALPACA_SECRET_KEY": "secret", "ZTRADE_BROKER": "alpaca"}
    assert "alpaca with synthetic news" in project.refusal(keys)


def test_a_contact_is_a_name_and_an_address(project: Any) -> None:
    project.replace(FILE, "contact: off", "contact: Ada Lovelace ada@example.org")
    assert project.load().company.sentiment.news.sec_contact == "Ada Lovelace ada@example.org"


def test_a_fallback_is_written(project: Any) -> None:
    project.replace(FILE, "name: lexicon", "name: finbert")
    project.replace(FILE, "fallback: off", "fallback: lexicon")
    assert project.load().company.sentiment.scorer.fallback == "lexicon"


BAD = r"""
stock: [alpaca, sec, reddit] | stock: [] | sources.stock: a list: entries must be at least 1
stock: [alpaca, sec, reddit] | stock: [bloomberg] | sources.stock.0: 'bloomberg': must be alpaca, sec
stock: [alpaca, sec, reddit] | stock: [sec, sec] | sources: a source is named twice
stock: [alpaca, sec, reddit] | stock: [files, synthetic] | sources: synthetic stands alone
crypto: [alpaca, reddit] | crypto: [sec] | sources: sec has no filings of coins
url: https://data.alpaca.markets | url: http://data.alpaca.markets | vendors.alpaca.url
contact: off | contact: | vendors.sec.contact: empty; write a text, or the word off
contact: off | contact: ada@example.org | vendors.sec.contact: 'ada@example.org': not a contact
subreddits: [stocks, investing, wallstreetbets, cryptocurrency] | subreddits: [r/stocks] | vendors.reddit.subreddits.0: 'r/stocks': not a subreddit
backfill_delay_minutes: 15 | backfill_delay_minutes: -1 | backfill_delay_minutes: -1: must be at least 0
name: lexicon | name: vader | scorer.name: 'vader': must be lexicon, finbert or finbert-onnx
fallback: off | fallback: vader | scorer.fallback: 'vader': must be
fallback: off | fallback: lexicon | scorer: fallback is the scorer itself
revision: 4556d13015211d73dccd3fdd39d39232506f3e43 | revision: "../x" | scorer.revision: '../x': not a revision
stock: 24 | stock: 0 | half_life_hours.stock: 0: must be over 0
crypto: 6 | crypto: off | half_life_hours.crypto: 'off': not a number
news: 0.40 | news: 0 | weights.news: 0: must be over 0
reddit: 0.25 | redit: 0.25 | weights.redit: unknown key; did you mean reddit?
score: 0.6 | score: 1.1 | breaking.score: 1.1: must be at most 1
"""


@pytest.mark.parametrize(
    ("shipped", "instead", "said"),
    [[part.strip() for part in line.split(" | ")] for line in BAD.strip().splitlines()],
)
def test_a_bad_value_is_one_line(project: Any, shipped: str, instead: str, said: str) -> None:
    project.replace(FILE, f"{shipped}\n", f"{instead}\n")
    message = project.refusal()
    assert message.startswith(f"{FILE}: ")
    assert said in message
