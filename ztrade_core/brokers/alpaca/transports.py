"""Transports that stand between the fenced session and the network: by host, and bounded as a whole.

What does not belong here: fences, keys, bodies; the session above has judged the URL already.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from typing_extensions import override

from ztrade_core.brokers.alpaca.fence import DATA_URL
from ztrade_core.brokers.alpaca.wire import is_acting
from ztrade_core.wires.bounded import WireError


class ByHostAdapter(BaseAdapter):
    """One transport for orders, another for quotes."""

    def __init__(self, trading: BaseAdapter, data: BaseAdapter) -> None:
        super().__init__()
        self._trading = trading
        self._data = data

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        is_data = (request.url or "").startswith(DATA_URL + "/")
        return (self._data if is_data else self._trading).send(request, *args, **kwargs)

    @override
    def close(self) -> None:
        self._trading.close()
        self._data.close()


class LookBudget:
    """How long one look may use the wire, for whoever looks again in a few seconds anyway.

    A look asks about ten questions, each with a deadline of its own; a broker that answers each of them
    late would hold it up for minutes. Past `questions_seconds` no further question is sent, past
    `total_seconds` nothing is: so a look that learned what to mend still mends it, the questions that an
    order, a change or a cancel itself asks among it. What was sent runs to
    its own deadline. Looks may overlap (each sensor has its own): the time of a look is its thread's,
    and no other look's beginning prolongs it. `seconds` tells a time that never runs backwards.
    """

    def __init__(
        self, seconds: Callable[[], float], *, questions_seconds: float, total_seconds: float
    ) -> None:
        self._seconds = seconds
        self._questions_seconds = questions_seconds
        self._total_seconds = total_seconds
        began = seconds()
        self._begun: ContextVar[float] = ContextVar("look_begun", default=began)

    def begin(self) -> None:
        """Start a look in this thread: all of its time is left."""
        self._begun.set(self._seconds())

    def require(self, method: str | None) -> None:
        """Raise WireError, before anything is sent, when the look has used up its time."""
        is_question = method == "GET" and not is_acting()
        limit = self._questions_seconds if is_question else self._total_seconds
        if self._seconds() - self._begun.get() >= limit:
            raise WireError(
                f"not sent: this look has used up its {limit:g} s; the next one goes on"
            )


class BudgetedAdapter(BaseAdapter):
    """A transport that sends as long as the look has time."""

    def __init__(self, inner: BaseAdapter, budget: LookBudget) -> None:
        super().__init__()
        self._inner = inner
        self._budget = budget

    @override
    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self._budget.require(request.method)
        return self._inner.send(request, *args, **kwargs)

    @override
    def close(self) -> None:
        self._inner.close()
