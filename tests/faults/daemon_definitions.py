"""The production definitions over minds, a clock and a feed that misbehave: a tests-only module.

The code server, its run workers and `dagster job execute` load it; whatever else is in it is what
production builds. Files in the data folder tell what is wrong: `clock` holds the seconds that our
clock is ahead, `feed` the port of a host that is asked for bars in place of the invented ones.
"""

import socket
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from typing_extensions import override

from tests.faults.daemon_minds import Minds, ShiftedClock
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, parse_instant
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.market import StoreMarket
from ztrade_core.ports.providers import BarProvider, FetchedBars
from ztrade_core.settings.load import Settings, load_settings
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import Ztrade, resource_of


class SilentFeed(BarProvider):
    """Asks a host on this machine, with no patience of its own, and waits for what never comes."""

    name = "silent"

    def __init__(self, port: int) -> None:
        self._port = port

    @override
    def supports(self, symbol: str, timeframe: Timeframe) -> bool:
        return True

    @override
    def calls(self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime) -> int:
        return 0

    @override
    def fetch(
        self, symbol: str, timeframe: Timeframe, start: datetime, stop: datetime
    ) -> FetchedBars:
        with socket.create_connection(("127.0.0.1", self._port)) as line:
            line.sendall(f"GET /{symbol} HTTP/1.1\r\n\r\n".encode())
            line.recv(1)
        raise NoDataError("the feed closed the line without a word")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyWorkshop(Workshop):
    """A workshop whose market may have a silent feed."""

    @override
    def market(self, *, live: bool = True) -> StoreMarket:
        port = self.settings.data_dir / "feed"
        if not live or not port.exists():
            return Workshop.market(self, live=live)
        history = self.settings.company.market_data.history_start
        return StoreMarket(
            self.bars,
            self.calendar,
            clock=self.clock,
            providers={AssetClass.CRYPTO: (SilentFeed(int(port.read_text())),)},
            history_start=parse_instant(f"{history}T00:00:00Z"),
        )


def faulty_workshop(settings: Settings) -> Workshop:
    """Open the workshop of the settings over the misbehaving parts."""
    made = open_workshop(settings)
    parts = {each.name: getattr(made, each.name) for each in fields(made)}
    parts |= {"makers": dict.fromkeys(Mode, Minds(minds_of(settings)))}
    parts |= {"clock": ShiftedClock(settings.data_dir / "clock")}
    return FaultyWorkshop(**parts)


def minds_of(settings: Settings) -> Path:
    """Return where minds leave notes and find their orders."""
    return settings.data_dir / "minds"


_settings = load_settings()
defs = build_definitions(
    _settings,
    resource_of(Ztrade(lambda: faulty_workshop(_settings)), place=_settings.database_place),
)
