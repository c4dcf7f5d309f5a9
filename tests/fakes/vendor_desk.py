"""Each vendor's adapter in front of a local server: `with yahoo(answer) as (source, server):`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from tests.fakes.vendor_faults import Unpaced, years
from tests.fakes.vendor_server import VendorServer
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.market_data.vendors.alpha_vantage import AlphaVantageBars
from ztrade_core.market_data.vendors.coingecko import CoinGeckoBars
from ztrade_core.market_data.vendors.yahoo import YahooBars
from ztrade_core.wires.bounded import WireLimits
from ztrade_core.wires.pace import Pace
from ztrade_core.wires.vendor import VENDOR_LIMITS

KEY = "CANARY+/=7"
NOW = datetime(2022, 11, 25, 15, 42, tzinfo=UTC)  # Friday after Thanksgiving, in session
LIVE = NOW + timedelta(seconds=13)  # Yahoo stamps its last row with it
MONDAY = datetime(2022, 11, 21, 14, 30, tzinfo=UTC)
UNPACED = Unpaced()


@contextmanager
def alpha_vantage(
    answer: Any,
    *,
    key: str | None = KEY,
    now: datetime = NOW,
    limits: WireLimits = VENDOR_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[AlphaVantageBars, VendorServer]]:
    """Serve Alpha Vantage's adapter by `answer`, at `now`."""
    with VendorServer(answer) as server:
        yield (
            AlphaVantageBars(
                url=server.url,
                key=None if key is None else SecretStr(key),
                calendar=years(),
                clock=SimulatedClock(now),
                pace=pace,
                limits=limits,
            ),
            server,
        )


@contextmanager
def coingecko(
    answer: Any,
    *,
    key: str | None = KEY,
    now: datetime = NOW,
    limits: WireLimits = VENDOR_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[CoinGeckoBars, VendorServer]]:
    """Serve CoinGecko's adapter by `answer`, at `now`."""
    with VendorServer(answer) as server:
        yield (
            CoinGeckoBars(
                url=server.url,
                key=None if key is None else SecretStr(key),
                calendar=years(),
                clock=SimulatedClock(now),
                pace=pace,
                limits=limits,
            ),
            server,
        )


@contextmanager
def yahoo(
    answer: Any,
    *,
    now: datetime = LIVE,
    limits: WireLimits = VENDOR_LIMITS,
    pace: Pace = UNPACED,
) -> Iterator[tuple[YahooBars, VendorServer]]:
    """Serve Yahoo's adapter by `answer`, at `now`."""
    with VendorServer(answer) as server:
        yield (
            YahooBars(
                url=server.url,
                calendar=years(),
                clock=SimulatedClock(now),
                pace=pace,
                limits=limits,
            ),
            server,
        )
