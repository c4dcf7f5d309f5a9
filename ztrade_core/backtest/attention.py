"""What a sleeping mind may know of the account it trades, counted cycle by cycle in the event loop.

The compiled session counts the same things in its arrays (`kernel.resuming`).
"""

from ztrade_core.domain.book import Halt
from ztrade_core.domain.decisions import Outcome, is_news_slot
from ztrade_core.domain.orders import Role
from ztrade_core.domain.waking import AccountCounts
from ztrade_core.trading.cycle import CycleResult
from ztrade_core.trading.desk import TradingDesk


class Attention:
    """Counts for one agent on one desk. `watch` names the desk, `add` each finished cycle.

    `agent_id` picks its own among several agents' cycles; None: it is alone.
    """

    def __init__(self, agent_id: str | None = None) -> None:
        self._agent_id = agent_id
        self._desk: TradingDesk | None = None
        self._bars = 0
        self._denied = 0
        self._entries = 0

    def watch(self, desk: TradingDesk) -> None:
        """Look at this desk from now on."""
        self._desk = desk

    def add(self, result: CycleResult) -> None:
        """Count a cycle: one bar (none on news between bars), and the entry it admitted or denied."""
        if self._agent_id not in {None, result.observed.key.agent_id}:
            return
        self._bars += not is_news_slot(result.observed.key.slot)
        validated = result.validated
        self._denied += validated.outcome is Outcome.DENIED
        order = None if validated.admission is None else validated.admission.order
        self._entries += order is not None and order.request.role is Role.ENTRY

    def counts(self) -> AccountCounts:
        """Return the counts as they stand when the mind would be asked."""
        if self._desk is None:
            raise ValueError("no desk is watched yet")
        account = self._desk.account
        with self._desk.store.reading() as uow:
            epoch = self._desk.broker.epoch()
            fills = [
                each for each in uow.orders.fills(account, epoch) if self._is_mine(each.agent_id)
            ]
            working = uow.orders.working(account, epoch)
            history = [halt for halt, *_ in uow.halts.history(account)]
            standing = [halt for halt in uow.halts.standing(account) if self._concerns(halt)]
        entered = sum(1 for fill in fills if fill.role is Role.ENTRY)
        pending = sum(
            1
            for order in working
            if order.request.role is Role.ENTRY and self._is_mine(order.request.agent_id)
        )
        return AccountCounts(
            bars=self._bars,
            fills=len(fills),
            denied=self._denied,
            unfilled=self._entries - entered - pending,
            halts=len([halt for halt in history if self._concerns(halt)]),
            standing=frozenset(halt.kind for halt in standing),
        )

    def _is_mine(self, agent_id: str) -> bool:
        return self._agent_id in {None, agent_id}

    def _concerns(self, halt: Halt) -> bool:
        return halt.agent_id is None or self._is_mine(halt.agent_id)
