"""The account at Alpaca, opened when it is first used and kept for the life of the process.

Nothing is imported from alpaca-py, and nothing is asked, before a desk needs it. There are two
connections: the ordinary one, and one for looks that come again in seconds, bounded as a whole.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from math import ceil
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from ztrade_core.assembly.wires import Wires
from ztrade_core.domain.configuration import ALPACA, Costs
from ztrade_core.domain.orders import OrderRequest
from ztrade_core.errors import ConfigError
from ztrade_core.ports.broker import Broker
from ztrade_core.ports.broker_facts import BrokerFacts
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.store import Store
from ztrade_core.settings.environment import AlpacaAccess
from ztrade_core.settings.load import Settings

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from ztrade_core.brokers.alpaca.habits import Habits
    from ztrade_core.brokers.alpaca.transports import LookBudget
    from ztrade_core.brokers.alpaca.wire import FencedSession
    from ztrade_core.wires.bounded import WireLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLimits:
    """How long a look may take: one call, all questions, all that is sent.

    With a last call a look ends within the 60 s that Dagster gives a sensor.
    """

    call_seconds: float = 6.0
    questions_seconds: float = 30.0
    total_seconds: float = 45.0


def require_alpaca_py() -> None:
    """Raise ConfigError, naming the command, unless alpaca-py is installed."""
    if find_spec("alpaca") is None:
        raise ConfigError(
            "broker alpaca: the package alpaca-py is not installed; in the project's folder run"
            " `pip install -c constraints.txt -e '.[alpaca]'`, or write broker: simulated"
        )


class Connection(NamedTuple):
    """The broker as trading sees it, and what it can be asked beyond orders."""

    broker: Broker
    facts: BrokerFacts


class AlpacaAccount:
    """One paper account at Alpaca, known to us as `account`; safe to share between threads."""

    def __init__(
        self,
        account: str,
        access: AlpacaAccess,
        store: Store,
        costs: Costs,
        wires: Wires | None,
        *,
        looks: LookLimits | None = None,
    ) -> None:
        self._account = account
        self._access = access
        self._store = store
        self._costs = costs
        self._wires = wires
        self._looks = LookLimits() if looks is None else looks
        self._lock = Lock()
        self._ordinary: Connection | None = None
        self._looking: tuple[Connection, LookBudget] | None = None

    def connection(self, clock: Clock) -> Connection:
        """Return this process's connection; `clock` dates a number that was not seen before."""
        with self._lock:
            if self._ordinary is None:
                self._ordinary = self._connect(clock, None, None)
            return self._ordinary

    def looking(self, clock: Clock) -> Connection:
        """Return the connection for one look, its time beginning now."""
        from ztrade_core.brokers.alpaca.transports import LookBudget  # noqa: PLC0415 - requests
        from ztrade_core.wires.bounded import WireLimits  # noqa: PLC0415 - requests

        with self._lock:
            if self._looking is None:
                budget = LookBudget(
                    monotonic,
                    questions_seconds=self._looks.questions_seconds,
                    total_seconds=self._looks.total_seconds,
                )
                limits = WireLimits(deadline_seconds=self._looks.call_seconds)
                self._looking = (self._connect(clock, limits, budget), budget)
            connection, budget = self._looking
            budget.begin()
            return connection

    def _connect(
        self, clock: Clock, limits: "WireLimits | None", budget: "LookBudget | None"
    ) -> Connection:
        from ztrade_core.brokers.alpaca.broker import AlpacaBroker  # noqa: PLC0415 - alpaca-py
        from ztrade_core.brokers.alpaca.client import AlpacaClient  # noqa: PLC0415 - alpaca-py
        from ztrade_core.brokers.alpaca.facts import AlpacaFacts  # noqa: PLC0415 - alpaca-py

        session = self._session(limits, budget)
        broker = AlpacaBroker(
            session,
            requests=self._request_of,
            fee_bps_by_asset=(self._costs.stock_commission_bps, self._costs.crypto_commission_bps),
            epoch_of=lambda number: self._epoch_of(number, clock),
            habits=self._habits(),
        )
        facts = AlpacaFacts(AlpacaClient(session, base_url=self._access.base_url))
        return Connection(broker=broker, facts=facts)

    def _habits(self) -> "Habits":
        from ztrade_core.brokers.alpaca.habits import Habits  # noqa: PLC0415 - with its user

        collar = self._costs.collar_bps
        return Habits() if collar is None else Habits(collar_bps=ceil(collar))

    def _session(self, limits: "WireLimits | None", budget: "LookBudget | None") -> "FencedSession":
        from ztrade_core.brokers.alpaca.wire import FencedSession, PaperKeys  # noqa: PLC0415

        keys = PaperKeys(api_key=self._access.api_key, secret_key=self._access.secret_key)
        return FencedSession(keys, limits=limits, wire=self._transport(budget))

    def _transport(self, budget: "LookBudget | None") -> "BaseAdapter | None":
        from ztrade_core.brokers.alpaca import transports  # noqa: PLC0415 - requests
        from ztrade_core.wires.watched import WatchedAdapter  # noqa: PLC0415 - requests

        wires = self._wires
        inner = None if wires is None else transports.ByHostAdapter(wires.trading, wires.data)
        if budget is None:
            return inner
        return transports.BudgetedAdapter(inner or WatchedAdapter(), budget)

    def _request_of(self, client_order_id: str) -> OrderRequest | None:
        with self._store.reading() as uow:
            order = uow.orders.get(client_order_id)
        return None if order is None else order.request

    def _epoch_of(self, account_number: str, clock: Clock) -> int:
        with self._store.locked() as uow:
            return uow.accounts.epoch_of(self._account, ALPACA, account_number, clock.now())


def alpaca_account(
    name: str, settings: Settings, store: Store, wires: Wires | None
) -> AlpacaAccount:
    """Return where an account is at Alpaca; ConfigError without keys."""
    if (
        settings.alpaca is None
    ):  # `load_settings` has seen to it; a settings value made by hand may not
        raise ConfigError("broker alpaca: needs ALPACA_API_KEY and ALPACA_SECRET_KEY")
    return AlpacaAccount(name, settings.alpaca, store, settings.company.broker.costs, wires)
