"""alpaca-py's TradingClient on our wire: its answers as plain JSON, its failures as two of ours.

`RefusedError` is a no that Alpaca wrote itself: a JSON body with code and message. `UnclearError` is
all the rest: no answer, 429 and 5xx, HTML, keys not accepted, JSON that is none. Neither leaves this
package: the broker turns them into the port's errors. alpaca-py's own retry, which would send an
order again after 429 or 504, is off.
"""

from collections.abc import Callable, Mapping
from typing import Any

from alpaca.common.exceptions import APIError, RetryException
from alpaca.common.rest import RESTClient
from alpaca.trading.client import TradingClient
from requests.exceptions import RequestException

from ztrade_core.brokers.alpaca.fence import require_paper_base
from ztrade_core.brokers.alpaca.refusals import Cause, cause_of
from ztrade_core.brokers.alpaca.wire import FencedSession

UNKEYED = "the-wire-adds-it"
_DEFINITE = {400: "400", 403: "403", 404: "404", 422: "4"}
"""By status, how the code begins of a no that Alpaca's order desk wrote itself."""
_MESSAGE_CHARACTERS = 300


class RefusedError(Exception):
    """Alpaca said no, definitively. `cause` is what its message means."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message
        self.cause: Cause = cause_of(status, message)


class UnclearError(Exception):
    """What came back, or did not, says nothing about what Alpaca did."""


class AlpacaClient:
    """Asks once and answers with JSON. `session` is where tests inject their transport."""

    def __init__(self, session: FencedSession, *, base_url: str) -> None:
        self._vendor = TradingClient(
            UNKEYED,
            UNKEYED,
            paper=True,
            raw_data=True,
            url_override=require_paper_base(base_url),
        )
        rewired(self._vendor, session)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Ask a question."""
        return asked(lambda: self._vendor.get(path, dict(query or {})))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send an order, once."""
        return asked(lambda: self._vendor.post(path, dict(body)))

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for a change of an order, once."""
        return asked(lambda: self._vendor.patch(path, dict(body)))

    def delete(self, path: str) -> None:
        """Ask for a cancel, once."""
        asked(lambda: self._vendor.delete(path))


def rewired(vendor: RESTClient, session: FencedSession) -> None:
    """Put a client of alpaca-py on our session, and switch its own retry off."""
    vendor._session.close()  # noqa: SLF001 - the constructor takes no session
    vendor._session = session  # noqa: SLF001
    vendor._retry = 0  # noqa: SLF001 - nor any way to switch the retry off
    vendor._retry_codes = []  # noqa: SLF001


def asked(call: Callable[[], Any]) -> Any:
    """Return what alpaca-py answers; its failures as RefusedError or UnclearError."""
    try:
        return call()
    except APIError as error:
        raise _told(error) from error
    except (ValueError, RecursionError) as error:  # requests' JSONDecodeError is a ValueError too
        raise UnclearError("an answer that is not JSON") from error
    except (RequestException, RetryException) as error:
        raise UnclearError(str(error)) from error


def _told(error: APIError) -> RefusedError | UnclearError:
    status = error.status_code or 0
    try:
        code, message = error.code, error.message
    except (ValueError, KeyError, TypeError, RecursionError):
        return UnclearError(f"HTTP {status} without a code and a message")
    text = printable(str(message))
    begins = _DEFINITE.get(status)
    if begins is None or not text or not isinstance(code, int) or not str(code).startswith(begins):
        return UnclearError(f"HTTP {status}: {text or 'no message'}")
    return RefusedError(status, text)


def printable(text: str) -> str:
    """Return one short line of a vendor's text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:_MESSAGE_CHARACTERS]
