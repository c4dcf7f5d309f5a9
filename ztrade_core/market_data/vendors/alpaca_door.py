"""Alpaca's market data through alpaca-py: its clients on a session of ours, each failure one of our errors.

alpaca-py 0.44 asks again by itself after 429 and 504, which is switched off here, and follows page tokens
for as long as they come, which is bounded here. Clients answer with the plain content (`raw_data`).
"""

from collections.abc import Callable
from typing import Any

from pydantic import SecretStr
from requests.exceptions import RequestException

from ztrade_core.errors import TransientDataError
from ztrade_core.ports.clock import Clock
from ztrade_core.wires.bounded import WireError
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood, raise_for_status
from ztrade_core.wires.vendor import UNKEYED, VendorKeys, VendorSession

KEY_HEADERS = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY")
_NOT_UNDERSTOOD = (RequestException, ValueError, KeyError, TypeError, AttributeError)


class AlpacaDoor:
    """Asks one address; `keys` None: sent without, which serves coins only."""

    def __init__(
        self, url: str, keys: tuple[SecretStr, SecretStr] | None, clock: Clock, pace: Pace
    ) -> None:
        self.has_keys = keys is not None
        self._url = url
        self._clock = clock
        self._questions = Questions(pace)
        headers = {} if keys is None else dict(zip(KEY_HEADERS, keys, strict=True))
        self._session = VendorSession(url, VendorKeys(headers=headers), before=self._questions.take)

    def stocks(self) -> Any:
        """Return a client of stocks' data."""
        from alpaca.data.historical import StockHistoricalDataClient  # noqa: PLC0415 - slow to load

        return self._bounded(
            StockHistoricalDataClient(UNKEYED, UNKEYED, url_override=self._url, raw_data=True)
        )

    def coins(self) -> Any:
        """Return a client of coins' data."""
        from alpaca.data.historical import CryptoHistoricalDataClient  # noqa: PLC0415 - slow to load

        return self._bounded(CryptoHistoricalDataClient(url_override=self._url, raw_data=True))

    def corporate_actions(self) -> Any:
        """Return a client of splits, dividends and the like."""
        from alpaca.data.historical.corporate_actions import (  # noqa: PLC0415 - slow to load
            CorporateActionsClient,
        )

        return self._bounded(
            CorporateActionsClient(UNKEYED, UNKEYED, url_override=self._url, raw_data=True)
        )

    def asked(self, question: Callable[[], Any], *, most: int) -> Any:
        """Ask a question of `most` requests at most.

        Raises:
            DataError: whatever went wrong, as one of ours.
        """
        from alpaca.common.exceptions import APIError  # noqa: PLC0415 - alpaca-py is slow to load

        self._questions.begin(most)
        try:
            return question()
        except APIError as error:
            answer = error.response
            if answer is None:
                raise not_understood(error) from None
            retry_after = answer.headers.get("Retry-After")
            raise_for_status(answer.status_code, answer.text, retry_after, self._clock.now())
        except WireError as error:
            raise TransientDataError(str(error)) from None
        except (*_NOT_UNDERSTOOD, RecursionError) as error:  # lists within lists within lists
            raise not_understood(error) from None

    def _bounded(self, client: Any) -> Any:
        """Put our session under a client, and switch its own retries off."""
        client._session = self._session  # noqa: SLF001 - alpaca-py has no other way
        client._retry = 0  # noqa: SLF001
        return client
