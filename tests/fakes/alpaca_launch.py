"""Ztrade on a fake Alpaca: the workshop, and the command `ztrade` as a child process of a test runs it.

    python -c 'from tests.fakes.alpaca_launch import main; main(TRADING_URL, DATA_URL, ["broker", "check"])'

The two URLs are of servers on this machine. They go in as values, below the fences: there is no setting
and no variable of production that could do the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.fakes.alpaca_server import DATA_URL, LoopbackWire
from ztrade_core.assembly.wires import Wires
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.time import parse_instant
from ztrade_core.ports.checkpoints import Checkpoints
from ztrade_core.settings.load import Settings
from ztrade_pipelines.cli.main import ztrade

VARIABLE = "ZTRADE_TEST_ALPACA"
"""What `alpaca_definitions` reads: the two URLs, with a space between. Production does not know it."""


def loopback_wires(trading_url: str, data_url: str) -> Wires:
    """Transports to local servers, in place of the paper host and the data host."""
    return Wires(trading=LoopbackWire(trading_url), data=LoopbackWire(data_url, DATA_URL))


def opener(
    trading_url: str,
    data_url: str,
    *,
    now: str | None = None,
    checkpoints: Checkpoints | None = None,
) -> Callable[[Settings], Workshop]:
    """How to open a workshop on local servers; `now` stops our clock at an instant."""

    def opened(settings: Settings) -> Workshop:
        wires = loopback_wires(trading_url, data_url)
        made = open_workshop(settings, checkpoints=checkpoints, wires=wires)
        return made if now is None else replace(made, clock=SimulatedClock(parse_instant(now)))

    return opened


def main(trading_url: str, data_url: str, argv: Sequence[str], *, now: str | None = None) -> None:
    """Run the command `ztrade` with these words, and exit with its code."""
    ztrade.main(args=list(argv), obj=opener(trading_url, data_url, now=now))
