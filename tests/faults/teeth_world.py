"""What the exam's scenes are played on: a desk at the fake Alpaca, its book in a database of its own.

A death is an exception at a checkpoint: what the process knew is gone, what it wrote is there. A
`Stage` makes as many benches as a scene needs and closes them.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from typing_extensions import override

from tests.fakes.alpaca_kit import PastLedger, at_alpaca
from tests.fakes.alpaca_orders import FakeOrder, RefusalError
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import bar, kit_on
from tests.fakes.desk_points import Meanwhile
from tests.faults.alpaca_judge import judge_alpaca
from tests.faults.alpaca_rows import Terms
from tests.faults.judge import Findings
from tests.faults.nursery import End, Job, Nursery
from tests.unit.risk.builders import COSTS
from tests.unit.trading.alpaca_world import PRICES, World
from tests.unit.trading.builders import TSLA, house
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Proposal
from ztrade_core.errors import BrokerError, ConfigError
from ztrade_core.store.engine import make_engine
from ztrade_core.store.tables.ledger import DECISIONS
from ztrade_core.store.transactions import reading

EARLY = ("GET",)
Points = Mapping[str, Callable[[], object]]


class GoneError(BaseException):
    """The process is gone."""


def die() -> None:
    raise GoneError


class Mind(dict[tuple[str, str], Proposal]):
    """A script that remembers what it was asked."""

    def __init__(self, answers: Mapping[tuple[str, str], Proposal]) -> None:
        super().__init__(answers)
        self.asked: list[tuple[str, str]] = []

    @override
    def get(self, key: tuple[str, str], default: Any = None) -> Any:
        self.asked.append(key)
        return super().get(key, default)


class DeafLedger(PastLedger):
    """The fake's account; while `lists_fail` no list of orders is to be had."""

    lists_fail = False

    @override
    def all_orders(self) -> list[FakeOrder]:
        if self.lists_fail:
            raise RefusalError(503, 50310000, "service unavailable")
        return super().all_orders()


class Bench(World):
    """A world whose book is in a database."""

    def __init__(
        self,
        server: AlpacaServer,
        url: str,
        agents: tuple[AgentConfig, ...],
        script: Mapping[tuple[str, str], Proposal],
        rules: Mapping[str, Any],
    ) -> None:
        super().__init__(server, *agents)
        self.mind = Mind({**self.kit.script, **script})
        self.company = house(*agents, **{"costs": COSTS, **rules})
        self.found = Findings()
        self.server.on_request = self._witness
        self.open(url)

    def open(self, url: str) -> None:
        """Go on with another database: the former one is lost."""
        self.url, self.engine = url, make_engine(url)
        kit = kit_on(self.engine, company=self.company, script=self.mind)
        self.kit = at_alpaca(kit, self.server.url)
        self.kit.put_bars(
            {each.symbol: (PRICES[each.symbol],) * 12 for each in self.company.agents}
        )

    @override
    def set(self, moment: datetime) -> Self:
        super().set(moment)
        return self

    @override
    def later(self, seconds: float) -> Self:
        super().later(seconds)
        return self

    @override
    def bought(self, *agents: AgentConfig) -> Self:
        super().bought(*agents)
        return self

    def close(self) -> None:
        """Close the database that was used last."""
        self.engine.dispose()

    def run(
        self, agent: AgentConfig = TSLA, *, holder: str = "run", points: Points | None = None
    ) -> None:
        """Run a cycle that may die, or find its broker silent."""
        kit = replace(self.kit, checkpoints=Meanwhile(points or {}))
        self._try(lambda: kit.cycle(self.now, agent.agent_id, holder=holder))

    def looks(self, count: int, *, seconds: float = 10.0) -> None:
        """Let the watch look so often."""
        for _ in range(count):
            self.later(seconds)
            self._try(self.watch)

    def _try(self, deed: Callable[[], object]) -> None:
        """Do something that may die or be refused; whatever else it raises is a finding."""
        try:
            deed()
        except (GoneError, BrokerError, ConfigError):
            return
        except Exception as error:  # noqa: BLE001 - the day goes on, as after a run that failed
            self.found.wrong.append(f"raised {type(error).__name__}: {error}")

    def _witness(self, seen: Seen) -> None:
        """See each order on its way: its intent must be committed by then."""
        order_id = (seen.body or {}).get("client_order_id")
        if order_id is None:
            return
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
            known = "SELECT 1 FROM orders WHERE client_order_id = ?"
            written = connection.execute(known, (order_id,)).fetchone()
        self.expect(written is not None, f"{order_id} was sent before its intent was written")

    def expect(self, fact: bool, otherwise: str, kind: str = "wrong") -> None:  # noqa: FBT001 - a fact
        """Note a finding unless something is so."""
        if not fact:
            getattr(self.found, kind).append(otherwise)

    def judged(self, **terms: Any) -> Findings:
        """Return what the judge finds, with what was expected and not so."""
        given = Terms(**{"company": self.company, **terms})
        found = judge_alpaca(self.engine, self.server, terms=given)
        for kind in ("duplicated", "lost", "unprotected", "rule_breaks", "wrong", "secrets"):
            getattr(found, kind).extend(getattr(self.found, kind))
        return found

    def sent(self, side: str) -> list[FakeOrder]:
        """Return what was ever sent to the fake as an order of its own."""
        every = self.ledger.all_orders()
        return [each for each in every if each.side == side and each.parent is None]

    def open_buys(self) -> list[FakeOrder]:
        return [each for each in self.ledger.working() if each.side == "buy"]

    def is_flat(self, symbol: str = "TSLA") -> bool:
        return not self.ledger.held.get(symbol, 0)

    def writes_since(self, count: int) -> list[str]:
        """Return the requests that ask for a change, after the first `count` requests."""
        seen = self.server.seen[count:]
        return [f"{each.method} {each.path}" for each in seen if each.method not in EARLY]

    def deafen(self, *, deaf: bool) -> None:
        """Let the fake answer no list of orders, or again."""
        assert isinstance(self.ledger, DeafLedger)
        self.ledger.lists_fail = deaf

    def renew(self, account_number: str) -> None:
        """Reset the account at the broker."""
        self.server.ledger = self.ledger = DeafLedger(self.now, account_number=account_number)

    def decided_to_buy(self) -> bool:
        """Return whether an entry was ever approved."""
        with self.kit.store.reading() as uow:
            return any(row.decision.client_order_id for row in uow.ledger.rows())

    def decisions(self) -> int:
        with reading(self.engine) as connection:
            return len(connection.execute(DECISIONS.select()).all())


class Stage:
    """Makes benches, and children that play a part."""

    def __init__(
        self, folder: Path, template: Path, nursery: Callable[[], Nursery], variant: str | None
    ) -> None:
        self.folder, self._template = folder, template
        self._nursery, self._variant = nursery, variant
        self._stack = ExitStack()
        self._databases = 0
        self.child_hits: dict[str, int] = {}

    @contextmanager
    def opened(self) -> Iterator["Stage"]:
        with self._stack:
            yield self

    def bench(
        self,
        *agents: AgentConfig,
        script: Mapping[tuple[str, str], Proposal] | None = None,
        account_number: str = "PA3FAKE00001",
        **rules: Any,
    ) -> Bench:
        ledger = DeafLedger(bar(0), account_number=account_number)
        server = self._stack.enter_context(AlpacaServer(ledger))
        made = Bench(server, self.database(), agents or (TSLA,), script or {}, rules)
        self._stack.callback(made.close)
        return made

    def other_host(self) -> AlpacaServer:
        """Return a server that nobody should ever reach."""
        return self._stack.enter_context(AlpacaServer())

    def database(self) -> str:
        """Return a fresh database."""
        self._databases += 1
        path = self.folder / f"{self._databases}.db"
        return f"sqlite:///{shutil.copy(self._template, path)}"

    def child(self, name: str, bench: Bench, at: datetime) -> End:
        """Let a process of its own play a part of `teeth_jobs`, with the same wrong code."""
        arguments = {
            "variant": self._variant,
            "urls": [bench.url, bench.server.url],
            "at": at.isoformat(),
        }
        (end,) = self._nursery().run(
            Job(name=f"tests.faults.teeth_jobs:{name}", arguments=arguments)
        )
        assert end.raised is None, end.text
        self.child_hits.update(end.returned)
        return end


Scene = Callable[[Stage], Findings]
