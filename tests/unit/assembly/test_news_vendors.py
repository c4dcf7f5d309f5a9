"""Sources of news by their names in the configuration: who is asked, and what others lack."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.alpaca_news import AlpacaNewsVendor, story_of
from tests.fakes.vendor_server import VendorServer
from ztrade_core.assembly.news import REFRESH_BUDGET, NewsVendors, beside
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.errors import TransientDataError
from ztrade_core.settings.load import load_settings

for client in ("alpaca", "praw", "pyrate_limiter"):
    pytest.importorskip(client, reason=f"{client} is not installed")

REPOSITORY = Path(__file__).resolve().parents[3]
NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)
KEYS = {
    "ALPACA_API_KEY": "PKCANARYDATA",
    "ALPACA_SECRET_KEY": "canarySecretData",
    "REDDIT_CLIENT_ID": "canaryId",
    "REDDIT_CLIENT_SECRET": "canarySecret",
    "REDDIT_USER_AGENT": "linux:ztrade-test:0.1 (by /u/nobody)",
}


def vendors_of(folder: Path, *changes: tuple[str, str], **environ: str) -> NewsVendors:
    """The shipped configuration with changes to its sentiment.yaml."""
    config = Path(shutil.copytree(REPOSITORY / "config", folder / "config"))
    text = (config / "sentiment.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (config / "sentiment.yaml").write_text(text, encoding="utf-8")
    made = {"ZTRADE_CONFIG_DIR": str(config), "ZTRADE_DATA_DIR": str(folder / "data"), **environ}
    settings = load_settings(root=REPOSITORY, environ=made)
    return NewsVendors(settings=settings, clock=SimulatedClock(NOW))


CONTACT = ("contact: off", "contact: Ada Lovelace ada@example.org")


def test_with_keys_and_contact_all_that_are_configured_are_asked(tmp_path: Path) -> None:
    vendors = vendors_of(tmp_path, CONTACT, **KEYS)
    for sources in (vendors.live(), vendors.backfill()):
        stocks, coins = sources[AssetClass.STOCK], sources[AssetClass.CRYPTO]
        assert [each.name for each in stocks.providers] == ["alpaca", "sec", "reddit"]
        assert [each.name for each in coins.providers] == ["alpaca", "reddit"]
        assert all(each.supports("TSLA") for each in stocks.providers)
        assert stocks.notes == coins.notes == ()


def test_what_lacks_a_key_is_passed_over_and_says_which(tmp_path: Path) -> None:
    sources = vendors_of(tmp_path).live()[AssetClass.STOCK]
    assert sources.providers == ()
    assert sources.notes == (
        "alpaca: no key: news needs ALPACA_API_KEY and ALPACA_SECRET_KEY",
        "sec: no contact: the SEC asks for one; write sentiment.yaml: vendors.sec.contact",
        "reddit: no key: it needs REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET and REDDIT_USER_AGENT",
    )


def test_files_ask_nobody_and_synthetic_stands_alone(tmp_path: Path) -> None:
    vendors = vendors_of(
        tmp_path,
        ("stock: [alpaca, sec, reddit]", "stock: [files]"),
        ("crypto: [alpaca, reddit]", "crypto: [synthetic]"),
    )
    sources = vendors.live()
    assert (sources[AssetClass.STOCK].providers, sources[AssetClass.STOCK].notes) == ((), ())
    assert [each.name for each in sources[AssetClass.CRYPTO].providers] == ["synthetic"]


def test_requests_are_counted_and_share_alpacas_limit_with_bars(tmp_path: Path) -> None:
    with VendorServer(AlpacaNewsVendor([story_of(1, NOW - timedelta(hours=1))])) as server:
        change = ("https://data.alpaca.markets", server.url)
        vendors = vendors_of(tmp_path, change, **KEYS)
        source = vendors.live()[AssetClass.STOCK].providers[0]
        found = source.fetch("TSLA", NOW - timedelta(days=1), NOW)
    assert len(found.stories) == 1
    assert vendors.meter.sent == {"alpaca": 1}
    assert [used for _, used in vendors.used("alpaca")] == [1]
    assert vendors.used("synthetic") == []


def test_a_refresh_ends_with_its_time(tmp_path: Path) -> None:
    vendors = vendors_of(tmp_path, CONTACT, **KEYS)
    sources = vendors.live()[AssetClass.STOCK].providers
    clock = vendors.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to(NOW + REFRESH_BUDGET)
    for source in sources:
        with pytest.raises(TransientDataError, match="of a refresh are used up"):
            source.fetch("TSLA", NOW - timedelta(days=1), NOW)
    assert vendors.meter.sent == {}


@pytest.mark.parametrize(
    ("url", "ours", "theirs", "other"),
    [
        ("https://www.sec.gov", "www", "data", "https://data.sec.gov"),
        ("https://oauth.reddit.com", "oauth", "www", "https://www.reddit.com"),
        ("https://mirror.example", "www", "data", "https://mirror.example"),
        ("http://127.0.0.1:4016", "www", "data", "http://127.0.0.1:4016"),
    ],
)
def test_the_other_host_of_a_vendor(url: str, ours: str, theirs: str, other: str) -> None:
    assert beside(url, ours, theirs) == other
