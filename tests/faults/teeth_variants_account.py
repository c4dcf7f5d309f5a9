"""Products that are wrong about who may enter: halts, strangers, rules, the chain, the fence, keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from requests import Session

from tests.faults.teeth_patches import answering, variant, wrong
from ztrade_core.domain.book import Halt
from ztrade_core.domain.orders import ORDER_PREFIX
from ztrade_core.errors import (
    ConfigError,
)
from ztrade_core.risk.case import ChainStatus
from ztrade_core.trading import submission
from ztrade_core.trading.adoption import Adopted

CORE = "ztrade_core.trading."
ALPACA = "ztrade_core.brokers.alpaca."
Right = Callable[..., Any]
HALTS = "ztrade_core.store.sql_accounts:SqlHalts."
PAPER = "https://paper-api.alpaca.markets"
HOST = "paper-api.alpaca.markets"
_remembered: list[Halt] = []


def remembered(_right: Right) -> Right:
    _remembered.clear()
    return lambda _self, _account, halt: _remembered.append(halt)


def recalled(_right: Right) -> Right:
    return lambda _self, _account: list(_remembered)


def halts_everything(right: Right) -> Right:
    def refusal(desk: Any, uow: Any, order: Any, halt_file: str | None) -> Any:
        return submission._halted(desk, uow, order, halt_file) or right(desk, uow, order, halt_file)

    return refusal


def foreign_passed_over(right: Right) -> Right:
    def adopt(self: Any, uow: Any, theirs: Any) -> None:
        if theirs.request.client_order_id.startswith(ORDER_PREFIX):
            right(self, uow, theirs)

    return adopt


def prefix_passed_over(right: Right) -> Right:
    def adopt(self: Any, uow: Any, theirs: Any) -> None:
        if theirs.request.agent_id:
            right(self, uow, theirs)

    return adopt


def not_above(_right: Right) -> Right:
    return lambda observed, limit: not observed > limit


def as_fresh(right: Right) -> Right:
    def judge(self: Any, case: Any) -> Any:
        return right(self, replace(case, market=replace(case.market, fresh=True)))

    return judge


def due_whenever(right: Right) -> Right:
    def judge_tick(calendar: Any, agent: Any, *, scheduled: Any, **_now: Any) -> Any:
        return right(calendar, agent, scheduled=scheduled, now=scheduled)

    return judge_tick


def settings_by(test: Callable[[str], bool]) -> Callable[[Right], Right]:
    return lambda _right: lambda url, *_where: _let_through(url, test)


def fence_by(test: Callable[[str], bool]) -> Callable[[Right], Right]:
    return lambda _right: lambda _self, url: _let_through(url, test)


def _let_through(url: str, test: Callable[[str], bool]) -> str:
    if test(url):
        return url
    raise ConfigError("not the paper host")


def starts_like_it(url: str) -> bool:
    return url.startswith(PAPER)


def has_its_host(url: str) -> bool:
    return urlsplit(url).hostname == HOST


def redirects_followed(_right: Right) -> Right:
    def exchange(self: Any, request: Any) -> Any:
        sent = request.copy()
        sent.headers.update(self._keys.headers())
        raw = self._wire.send(sent, stream=True, timeout=(3, 5), verify=True, proxies={})
        if raw.status_code == 307:
            with Session() as session:
                raw = session.get(raw.headers["Location"], headers=self._keys.headers(), timeout=5)
        return self._copied(raw, request)

    return exchange


def echoed(_right: Right) -> Right:
    return lambda _self, body: body


NAKED = "unprotected: without a stop"

VARIANTS = (
    variant(
        "halt kept in memory",
        "halt_from_another_process",
        "rule_breaks: an entry was sent after the halt",
        wrong(HALTS + "add", remembered),
        wrong(HALTS + "standing", recalled),
    ),
    variant(
        "halt looked at when admitting only",
        "halt_on_the_way",
        "rule_breaks: an entry was sent after the halt",
        answering(CORE + "submission:_halted", None),
    ),
    variant(
        "file HALT not looked for",
        "halt_by_file",
        "rule_breaks: an entry was sent after the halt",
        answering("ztrade_core.store.halt_file:HaltFile.standing", None),
    ),
    variant(
        "halt that blocks exits and stops",
        "halted_with_a_position",
        NAKED,
        wrong(CORE + "submission:_refusal", halts_everything),
    ),
    variant(
        "halt that leaves open entries",
        "halt_with_an_open_entry",
        "rule_breaks: an entry is open after the halt",
        answering(CORE + "override:cancel_entries", ((), ())),
    ),
    variant(
        "foreign order ignored",
        "foreign_order",
        "rule_breaks: an entry was sent beside a foreign order",
        wrong(CORE + "takeover:Takeover._adopt", foreign_passed_over),
    ),
    variant(
        "denial not heeded",
        "foreign_order",
        "rule_breaks: an entry was sent beside a foreign order",
        answering(CORE + "judging:_refusal", None),
    ),
    variant(
        "our own orders not adopted",
        "database_lost_with_a_position",
        NAKED,
        answering(CORE + "adoption:adopt_unattributed", Adopted()),
        wrong(CORE + "takeover:Takeover._adopt", prefix_passed_over),
    ),
    variant(
        "chain not verified",
        "edited_ledger",
        "rule_breaks: an entry was sent over a chain",
        answering(CORE + "judging:chain_status", ChainStatus(verified=True, fault=None)),
    ),
    variant(
        "no number approves",
        "not_a_number",
        "rule_breaks: passed without a number",
        wrong("ztrade_core.risk.arithmetic:within", not_above),
    ),
    variant(
        "stale bars trade",
        "stale_bars",
        "rule_breaks: an entry was approved on stale bars",
        wrong("ztrade_core.risk.rules.rule_012_fresh_data:FreshDataRule.judge", as_fresh),
    ),
    variant(
        "old tick is due",
        "old_tick",
        "rule_breaks: is due",
        wrong(CORE + "ticks:judge_tick", due_whenever),
    ),
    variant(
        "fence by startswith",
        "hostile_urls",
        "rule_breaks: settings takes",
        wrong("ztrade_core.settings.environment:check_paper_url", settings_by(starts_like_it)),
        wrong(ALPACA + "fence:Fence.require_request", fence_by(starts_like_it)),
    ),
    variant(
        "fence that compares the host",
        "hostile_urls",
        "rule_breaks: the fence takes",
        wrong("ztrade_core.settings.environment:check_paper_url", settings_by(has_its_host)),
        wrong(ALPACA + "fence:Fence.require_request", fence_by(has_its_host)),
    ),
    variant(
        "fence of the client by startswith",
        "hostile_urls",
        "rule_breaks: the client's base takes",
        wrong(ALPACA + "fence:require_paper_base", settings_by(starts_like_it)),
    ),
    variant(
        "redirects followed",
        "redirected",
        "rule_breaks: another host was asked",
        wrong("ztrade_core.wires.bounded:BoundedAdapter._exchange", redirects_followed),
    ),
    variant(
        "account number not checked",
        "live_account",
        "rule_breaks: an order was sent to a live account",
        answering(ALPACA + "fence:require_paper_account", None),
    ),
    variant(
        "reset account taken for the former one",
        "account_reset",
        "wrong: our book holds",
        answering("ztrade_core.store.sql_accounts:SqlAccounts.epoch_of", 2),
    ),
    variant(
        "keys not struck out",
        "keys_echoed",
        "secrets: a key is in our book",
        wrong(ALPACA + "wire:PaperKeys.struck_out", echoed),
    ),
)
