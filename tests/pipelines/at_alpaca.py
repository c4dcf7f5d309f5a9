"""A house and a terminal whose paper account is at a fake Alpaca, at 10:00 New York with TSLA at $100."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
from click.testing import CliRunner

from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY
from tests.fakes.alpaca_launch import loopback_wires, opener
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.series import series_of_closes
from tests.fakes.terminal import Terminal, Typed
from tests.pipelines.conftest import House, house_of, settings_of
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, parse_instant
from ztrade_core.settings.load import load_settings
from ztrade_pipelines.cli.main import ztrade
from ztrade_pipelines.resources import Ztrade

NOW = (
    "2026-11-20T15:00:02Z"  # where the fake's clock begins; the last complete bar opened at 14:55Z
)
NUMBER = "PA3FAKE00001"
PLACE = f"alpaca paper account {NUMBER}"
VARIABLES = {
    "ZTRADE_BROKER": "alpaca",
    "ALPACA_API_KEY": API_KEY,
    "ALPACA_SECRET_KEY": SECRET_KEY,
}
BUY = {"manual_action": "buy", "manual_confidence": 0.9, "manual_rationale": "a test"}


def open_market(server: AlpacaServer) -> None:
    """Put the fake's clock where ours is, and quote what the agents trade."""
    server.ledger.now = parse_instant(NOW)
    server.ledger.price("TSLA", "100.00", "100.02")
    server.ledger.price("IWM", "170.00", "170.02")
    server.ledger.price("BTC/USD", "20000", "20001")


def fill_market(workshop: Workshop) -> None:
    """Store TSLA in 5-minute bars, flat at $100 with a ripple, up to the day after NOW."""
    start, stop = datetime(2026, 11, 12, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    opened = workshop.calendar.expected_bars(AssetClass.STOCK, Timeframe.M5, start, stop)
    closes = [100.0 + 0.01 * (index % 3) for index in range(len(opened))]
    volumes = [1e6] * len(opened)
    bars = series_of_closes("TSLA", Timeframe.M5, opened, closes, volumes=volumes, wick=0.001)
    workshop.bars.upsert([bars], source="hand-made", ingested_at=stop)


@contextmanager
def alpaca_house(
    server: AlpacaServer, instance: dg.DagsterInstance, folder: Path, url: str, **more: str
) -> Iterator[House]:
    """A house over the hand-made market and the fake."""
    settings = settings_of(folder, url, **VARIABLES, **more)
    wires = loopback_wires(server.url, server.url)
    made = house_of(settings, instance, now=parse_instant(NOW), wires=wires)
    fill_market(made.workshop)
    yield made
    made.workshop.engine.dispose()


def look(house: House) -> Any:
    """Evaluate the protection sensor once."""
    context = dg.build_sensor_context(
        instance=house.instance,
        resources={"ztrade": Ztrade(lambda: house.workshop)},
        repository_def=house.definitions.get_repository_def(),
    )
    return house.definitions.resolve_sensor_def("protection").evaluate_tick(context)


@dataclass(frozen=True, kw_only=True)
class AlpacaTerminal:
    """The command `ztrade` on the fake, in this process."""

    terminal: Terminal
    server: AlpacaServer

    def prepare(self, template: Path) -> None:
        """Put the hand-made market into the store."""
        self.terminal.use_database(template)
        settings = load_settings(environ={**self.terminal.environment, **VARIABLES})
        workshop = opener(self.server.url, self.server.url, now=NOW)(settings)
        fill_market(workshop)
        workshop.engine.dispose()

    def type(self, *words: str, **more: str) -> Typed:
        """Run a command; no answer may hold a key."""
        absent = dict.fromkeys(("DATABASE_URL", "ZTRADE_MARKET_DATA", "ZTRADE_CONFIG_DIR"))
        result = CliRunner().invoke(
            ztrade,
            list(words),
            env={**absent, **self.terminal.environment, **VARIABLES, **more},
            obj=opener(self.server.url, self.server.url, now=NOW),
        )
        for key in (API_KEY, SECRET_KEY):
            assert key not in result.stdout + result.stderr
        return Typed(code=result.exit_code, out=result.stdout, err=result.stderr)
