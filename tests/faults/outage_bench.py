"""What an override is tried on: entries open, waiting and yet to come, and a position to be sold.

All of it is made and looked at in the test's own process, at the account that the house's processes
trade on. "Effective" means: the open entry is cancelled at the broker, the entry that was admitted
before is not sent any more, and a new one is denied.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from tests.fakes.desk_points import Meanwhile
from tests.faults.daemon_minds import pause
from tests.faults.daemon_records import EPOCH, Records, until
from tests.faults.daemon_trades import BAR, hold_positions, trade
from ztrade_core.assembly.workshop import PAPER
from ztrade_core.clocks.system import SystemClock
from ztrade_core.domain.book import Halt
from ztrade_core.domain.decisions import Outcome
from ztrade_core.domain.orders import TERMINAL, BrokerOrder, Order, OrderStatus, Role
from ztrade_core.errors import LeaseLostError
from ztrade_core.store.halt_file import HaltFile
from ztrade_core.trading import override
from ztrade_core.trading.submission import submit

HOLDER, PROBE = "agent_steady_holder", "agent_steady_probe"
PAIRS = tuple((f"agent_steady_open{n}", f"agent_steady_waits{n}") for n in range(4))
ALL_AGENTS = (HOLDER, PROBE, *(agent for pair in PAIRS for agent in pair))
WHO = "ada"


class DiedError(Exception):
    """What a run raises where it would die."""


def die() -> None:
    raise DiedError


@dataclass(frozen=True, kw_only=True)
class Entries:
    """The entries of one trial, by client order id."""

    open: str
    waiting: str


class Bench:
    """See the module."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._workshop = records.workshop
        self._free_at = dict.fromkeys(PAIRS, SystemClock().now())
        hold_positions(records, HOLDER)

    def arrange(self) -> Entries:
        """Open an entry, and let a run die between admission and sending another. Waits for a bar."""
        pair = min(self._free_at, key=lambda each: self._free_at[each])
        pause(max(0.0, (self._free_at[pair] - SystemClock().now()).total_seconds()))
        self._free_at[pair] = SystemClock().now() + BAR
        opened, waits = pair
        trade(self._workshop, opened, "buy")
        dying = replace(self._workshop, checkpoints=Meanwhile({"admitted": die}))
        with suppress(DiedError):
            trade(dying, waits, "buy")
        entries = Entries(open=self._newest(opened), waiting=self._newest(waits))
        standing = self._at_broker(entries.open)
        assert standing is not None
        assert standing.status is OrderStatus.ACCEPTED
        assert self._at_broker(entries.waiting) is None
        return entries

    def _newest(self, agent_id: str) -> str:
        order = self.records.orders(agent_id)[0]
        assert order.request.role is Role.ENTRY
        return order.request.client_order_id

    def _at_broker(self, order_id: str) -> BrokerOrder | None:
        return self._workshop.live_desk().broker.order_by_client_id(order_id)

    def is_cancelled(self, entries: Entries) -> bool:
        """Return whether the open entry is cancelled at the broker."""
        order = self._at_broker(entries.open)
        return order is not None and order.status is OrderStatus.CANCELED

    def halts(self) -> list[Halt]:
        """Return the halts that stand in the database."""
        with self._workshop.store.reading() as uow:
            return list(uow.halts.standing(PAPER))

    def nothing_enters(self, entries: Entries) -> str:
        """Try to send the waiting entry and to get a new one; return why they were held back."""
        desk = self._workshop.live_desk()
        with suppress(LeaseLostError):
            submit(desk, entries.waiting, holder="a late run", at=desk.clock.now())
        assert self._at_broker(entries.waiting) is None
        denied = trade(self._workshop, PROBE, "buy", dry_run=True).validated
        assert denied.outcome is Outcome.DENIED
        (halted,) = [each for each in denied.verdicts if each.rule_id == "RULE_008"]
        assert not halted.passed
        with self._workshop.store.reading() as uow:
            order = uow.orders.get(entries.waiting)
        assert order is not None
        assert order.status in TERMINAL
        assert order.broker_order_id is None
        return f"{order.reason}; {halted.message}"

    def exits(self) -> list[Order]:
        """Return the position's exits that the broker has, working."""
        with self._workshop.store.reading() as uow:
            orders = uow.orders.working(PAPER, EPOCH)
        return [
            order
            for order in orders
            if order.request.role is Role.EXIT and order.broker_order_id is not None
        ]

    def keep(self) -> None:
        """Take the sale back, so that the position can be sold once more; its stop stands anyway."""
        desk = self._workshop.live_desk()
        for order in self.exits():
            desk.broker.cancel(order.request.client_order_id)

    def resume(self) -> None:
        """Lift everything again."""
        HaltFile(self._workshop.halt_path).remove()
        desk = self._workshop.live_desk()
        override.resume(desk, who=WHO, why="the next trial", at=desk.clock.now())


def crowd() -> float:
    """Return how many programs want each processor now; 1 when there is one to spare."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def seconds_until(look: Callable[[], object], began: float, bound: float, what: str) -> float:
    """Wait until something is so; return how long after `began`. Fails beyond the bound.

    The bound is promised on a machine with a processor to spare; a crowded one gets its share more.
    """
    allowed = bound * crowd()
    until(lambda: look() or None, 4 * allowed, what)
    took = time.monotonic() - began
    assert took <= allowed, f"{what}: {took:.1f} s, promised {bound:g} s, crowd {crowd():.1f}"
    return took
