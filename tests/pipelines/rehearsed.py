"""A store on which one rehearsed order has filled and its stop stands."""

from tests.fakes.by_hand import said
from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, AS_OF, NEXT_BAR, fill_store
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.domain.time import parse_instant
from ztrade_core.settings.load import load_settings
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest


def workshop_of(terminal: Terminal) -> Workshop:
    """Open the terminal's store from the side."""
    return open_workshop(load_settings(environ=terminal.environment))


def buy_in_rehearsal(terminal: Terminal) -> None:
    """Let a person buy TSLA at 10:00 and let the next bar fill it; the stop stands from there."""
    workshop = workshop_of(terminal)
    fill_store(workshop)
    for action, at in (("buy", AS_OF), ("hold", NEXT_BAR)):
        as_of = parse_instant(at)
        request = CycleRequest(agent_id=AGENT, as_of=as_of, holder="test", writer=said(action))
        run_cycle(workshop.rehearsal_desk(as_of), request)
    workshop.engine.dispose()
