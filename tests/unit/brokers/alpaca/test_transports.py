"""What stands between the fenced session and the network."""

import threading
from io import BytesIO
from typing import Any

import pytest
from requests import PreparedRequest, Request, Response
from requests.adapters import BaseAdapter
from typing_extensions import override

from tests.fakes.alpaca_desk import KEYS
from ztrade_core.brokers.alpaca.transports import BudgetedAdapter, ByHostAdapter, LookBudget
from ztrade_core.brokers.alpaca.wire import FencedSession, acting
from ztrade_core.wires.bounded import WireError


class Taker(BaseAdapter):
    """Answers everything, and remembers it."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.closed = False

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.taken.append(f"{request.method} {request.url}")
        return Response()

    @override
    def close(self) -> None:
        self.closed = True


def asked(method: str, url: str = "https://paper-api.alpaca.markets/v2/account") -> PreparedRequest:
    return Request(method, url).prepare()


@pytest.mark.parametrize(
    ("url", "to_data"),
    [
        ("https://paper-api.alpaca.markets/v2/account", False),
        ("https://data.alpaca.markets/v2/stocks/TSLA/quotes/latest", True),
        ("https://data.alpaca.markets.example.com/v2/", False),
    ],
)
def test_quotes_and_orders_go_their_own_ways(url: str, to_data: bool) -> None:  # noqa: FBT001
    trading, data = Taker(), Taker()
    adapter = ByHostAdapter(trading, data)
    adapter.send(asked("GET", url))
    assert (len(trading.taken), len(data.taken)) == ((0, 1) if to_data else (1, 0))
    adapter.close()
    assert trading.closed
    assert data.closed


@pytest.mark.parametrize(
    ("age", "question", "order"),
    [(0.0, True, True), (29.9, True, True), (30.0, False, True), (45.0, False, False)],
)
def test_a_look_stops_asking_first_and_sending_later(
    age: float,
    question: bool,  # noqa: FBT001
    order: bool,  # noqa: FBT001
) -> None:
    now = [100.0]
    budget = LookBudget(lambda: now[0], questions_seconds=30.0, total_seconds=45.0)
    taker = Taker()
    adapter = BudgetedAdapter(taker, budget)
    now[0] += age
    for method, goes in (("GET", question), ("POST", order), ("PATCH", order), ("DELETE", order)):
        before = len(taker.taken)
        if goes:
            adapter.send(asked(method))
        else:
            with pytest.raises(WireError, match="not sent: this look has used up its"):
                adapter.send(asked(method))
        assert len(taker.taken) == before + goes
    budget.begin()
    adapter.send(asked("GET"))


def test_a_look_that_begins_in_another_thread_prolongs_no_other() -> None:
    now = [0.0]
    budget = LookBudget(lambda: now[0], questions_seconds=30.0, total_seconds=45.0)
    adapter = BudgetedAdapter(Taker(), budget)
    budget.begin()
    now[0] = 31.0
    other = threading.Thread(target=budget.begin)
    other.start()
    other.join()

    with pytest.raises(WireError, match="has used up its 30 s"):
        adapter.send(asked("GET"))


def test_closing_closes_what_is_beneath() -> None:
    taker = Taker()
    BudgetedAdapter(taker, LookBudget(lambda: 0.0, questions_seconds=1, total_seconds=1)).close()
    assert taker.closed


def test_a_question_of_an_order_has_the_orders_time() -> None:
    """Also in the thread that sends it, below the fenced session."""
    now = [0.0]
    budget = LookBudget(lambda: now[0], questions_seconds=30.0, total_seconds=45.0)
    session = FencedSession(KEYS, wire=BudgetedAdapter(Answering(), budget))
    for age, asked_alone, asked_acting in ((29.0, 1, 1), (31.0, 0, 1), (46.0, 0, 0)):
        now[0] = age
        assert answered(session) == asked_alone
        with acting():
            assert answered(session) == asked_acting
        assert answered(session) == asked_alone


class Answering(BaseAdapter):
    """Answers 200 and nothing."""

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        made = Response()
        made.status_code, made.raw = 200, BytesIO(b"{}")
        return made

    @override
    def close(self) -> None:
        """Hold nothing open."""


def answered(session: FencedSession) -> bool:
    try:
        session.get("https://paper-api.alpaca.markets/v2/account")
    except WireError:
        return False
    return True
