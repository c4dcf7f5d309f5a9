"""Alpaca's account, clock, calendar and assets. Quotes live at another host: `quotes`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from typing_extensions import override

from ztrade_core.brokers.alpaca.answers import (
    AccountAnswer,
    AssetAnswer,
    CalendarDayAnswer,
    ClockAnswer,
    ConfigurationAnswer,
    parsed,
    parsed_list,
)
from ztrade_core.brokers.alpaca.client import AlpacaClient, RefusedError, UnclearError
from ztrade_core.brokers.alpaca.fence import PAPER_ACCOUNT_PREFIX
from ztrade_core.domain.brokerage import AccountStanding, BrokerAsset, BrokerClock, BrokerSession
from ztrade_core.domain.time import NEW_YORK, require_utc
from ztrade_core.errors import TransientBrokerError
from ztrade_core.ports.broker_facts import BrokerFacts, LongOnlySwitch

AnsweredT = TypeVar("AnsweredT")
_NOT_FOUND = 404
_ACTIVE = "ACTIVE"
_CONFIGURATIONS = "/account/configurations"


def looked_up(ask: Callable[[], AnsweredT]) -> AnsweredT:
    """Return what a question answers; a refused or unclear one is TransientBrokerError."""
    try:
        return ask()
    except (RefusedError, UnclearError) as error:
        raise TransientBrokerError(f"Alpaca was asked and did not answer: {error}") from error


class AlpacaFacts(BrokerFacts, LongOnlySwitch):
    """Questions on one client, and the one switch of the account that we may set."""

    def __init__(self, client: AlpacaClient) -> None:
        self._client = client

    @override
    def standing(self) -> AccountStanding:
        answer = looked_up(lambda: parsed(AccountAnswer, self._client.get("/account")))
        configured = looked_up(self._configured)
        blocked = answer.trading_blocked or answer.account_blocked or answer.trade_suspended_by_user
        return AccountStanding(
            cash=answer.cash,
            equity=answer.equity,
            buying_power=answer.buying_power,
            currency=answer.currency,
            is_paper=answer.account_number.startswith(PAPER_ACCOUNT_PREFIX),
            may_trade=answer.status == _ACTIVE and not blocked,
            status=answer.status,
            long_only=configured.no_shorting,
        )

    @override
    def make_long_only(self) -> None:
        answer = looked_up(lambda: self._client.patch(_CONFIGURATIONS, {"no_shorting": True}))
        configured = looked_up(lambda: parsed(ConfigurationAnswer, answer))
        if not configured.no_shorting:
            raise TransientBrokerError("Alpaca answered, but the account is not long-only yet")

    def _configured(self) -> ConfigurationAnswer:
        return parsed(ConfigurationAnswer, self._client.get(_CONFIGURATIONS))

    @override
    def clock(self) -> BrokerClock:
        answer = looked_up(lambda: parsed(ClockAnswer, self._client.get("/clock")))
        return BrokerClock(
            now=answer.timestamp,
            is_open=answer.is_open,
            next_open=answer.next_open,
            next_close=answer.next_close,
        )

    @override
    def sessions(self, start: date, stop: date) -> tuple[BrokerSession, ...]:
        query = {"start": start.isoformat(), "end": stop.isoformat()}
        return looked_up(lambda: self._sessions(query))

    def _sessions(self, query: dict[str, str]) -> tuple[BrokerSession, ...]:
        days = parsed_list(CalendarDayAnswer, self._client.get("/calendar", query))
        try:
            return tuple(
                BrokerSession(
                    opens=_new_york(day.date, day.open), closes=_new_york(day.date, day.close)
                )
                for day in days
            )
        except ValueError as error:
            raise UnclearError("a calendar day that does not exist") from error

    @override
    def asset(self, symbol: str) -> BrokerAsset | None:
        path = f"/assets/{symbol.replace('/', '%2F')}"
        answer = looked_up(lambda: self._asset(path))
        if answer is None:
            return None
        return BrokerAsset(
            symbol=symbol,
            tradable=answer.tradable and answer.status == "active",
            minimum_quantity=answer.min_order_size,
            quantity_increment=answer.min_trade_increment,
            price_increment=answer.price_increment,
        )

    def _asset(self, path: str) -> AssetAnswer | None:
        try:
            answer: Any = self._client.get(path)
        except RefusedError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return parsed(AssetAnswer, answer)


def _new_york(day: str, wall_time: str) -> datetime:
    return require_utc(datetime.fromisoformat(f"{day}T{wall_time}:00").replace(tzinfo=NEW_YORK))
