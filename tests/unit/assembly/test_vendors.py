"""Providers by their names in the configuration: who is in a chain, and what it lacks."""

from pathlib import Path

import pytest

from tests.fakes.vendor_config import KEYS, vendors_at
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import load_settings

REPOSITORY = Path(__file__).resolve().parents[3]


def workshop_of(folder: Path, url: str, **environ: str) -> Workshop:
    made = {"DATABASE_URL": url, "ZTRADE_DATA_DIR": str(folder / "data"), **environ}
    return open_workshop(load_settings(root=REPOSITORY, environ=made))


def names(workshop: Workshop, kind: AssetClass, only: str | None = None) -> list[str]:
    return [each.name for each in workshop.vendors.backfill_chains(only)[kind].providers]


def test_the_shipped_chains_are_asked_in_their_order(tmp_path: Path, sqlite_url: str) -> None:
    workshop = workshop_of(tmp_path, sqlite_url)
    assert names(workshop, AssetClass.STOCK) == ["alpaca", "alpha_vantage", "yahoo"]
    assert names(workshop, AssetClass.CRYPTO) == ["alpaca", "coingecko", "yahoo"]
    live = workshop.vendors.live_chains()
    assert [each.name for each in live[AssetClass.CRYPTO].providers] == [
        "alpaca",
        "coingecko",
        "yahoo",
    ]


def test_without_keys_the_keyless_ones_serve_and_the_others_say_what_they_lack(
    tmp_path: Path, sqlite_url: str
) -> None:
    chain = workshop_of(tmp_path, sqlite_url).vendors.backfill_chains()[AssetClass.STOCK]
    why = {each.name: chain.why_not(each, "TSLA", Timeframe.M5, "") for each in chain.providers}
    assert why == {
        "alpaca": "no key: stocks need ALPACA_API_KEY and ALPACA_SECRET_KEY",
        "alpha_vantage": "no key: it needs ALPHAVANTAGE_API_KEY",
        "yahoo": "",
    }


def test_with_keys_everybody_may_be_asked(tmp_path: Path, sqlite_url: str) -> None:
    workshop = workshop_of(tmp_path, sqlite_url, **KEYS)
    chain = workshop.vendors.backfill_chains()[AssetClass.STOCK]
    assert [chain.why_not(each, "TSLA", Timeframe.M5, "") for each in chain.providers] == [""] * 3


def test_files_fetch_nothing_and_one_vendor_may_be_named(tmp_path: Path, sqlite_url: str) -> None:
    workshop = workshop_of(tmp_path, sqlite_url, ZTRADE_MARKET_DATA="files")
    assert names(workshop, AssetClass.STOCK) == []
    assert names(workshop, AssetClass.CRYPTO, "yahoo") == ["yahoo"]
    with pytest.raises(ConfigError, match="provider bloomberg: unknown"):
        names(workshop, AssetClass.STOCK, "bloomberg")


def test_a_rehearsal_has_nobody_to_ask(tmp_path: Path, sqlite_url: str) -> None:
    config = vendors_at(tmp_path)
    workshop = workshop_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(config))
    desk = workshop.rehearsal_desk(workshop.clock.now())
    report = desk.market.refresh("TSLA", Timeframe.M5, workshop.clock.now())
    assert report.notes == ("no provider delivered TSLA 5m after 2018-01-01",)


def test_requests_are_counted_against_the_shared_limits(tmp_path: Path, sqlite_url: str) -> None:
    workshop = workshop_of(tmp_path, sqlite_url)
    assert [used for _, used in workshop.vendors.used("alpha_vantage")] == [0, 0]
    assert workshop.vendors.used("synthetic") == []
