"""Every refusal that was recorded or reported is read by its message, and taken for what it is."""

import json

from tests.contracts.alpaca_documents import reported_errors
from tests.contracts.alpaca_exits import EXIT, close, paired
from tests.fakes.alpaca_desk import AlpacaDesk
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.unit.brokers.builders import entry
from ztrade_core.brokers.alpaca.refusals import Cause, cause_of
from ztrade_core.errors import BrokerError, OrderRejectedError, OrderStateUnknownError

CAUSES = {
    "access key verification failed": Cause.KEYS,
    "insufficient buying power": Cause.BUYING_POWER,
    "cost basis must be": Cause.MINIMUM,
    "potential wash trade": Cause.WASH_TRADE,
    "insufficient qty available": Cause.QUANTITY,
    "subscription does not permit": Cause.SUBSCRIPTION,
    "position does not exist": Cause.NOT_FOUND,
    "order not found": Cause.NOT_FOUND,
    "limit orders require": Cause.FORM,
    "only open orders can be": Cause.NOT_OPEN,
    "invalid time_in_force": Cause.FORM,
    "invalid crypto time_in_force": Cause.FORM,
    "invalid limit_price": Cause.FORM,
    "fractional orders": Cause.FORM,
    "cannot replace order in": Cause.NOT_OPEN,
    'order is already in "filled"': Cause.NOT_OPEN,
    "rate limit exceeded": Cause.RATE,
}


def expected(message: str) -> Cause:
    (cause,) = {cause for start, cause in CAUSES.items() if message.startswith(start)}
    return cause


def test_every_reported_refusal_has_its_cause() -> None:
    errors = reported_errors()
    assert len(errors) >= 19
    for error in errors:
        message = error["body"]["message"]
        assert cause_of(error["status"], message) is expected(message), error


def test_one_code_covers_several_causes_and_a_new_text_is_none_of_them() -> None:
    assert cause_of(403, "insufficient QTY available") is Cause.QUANTITY
    assert cause_of(403, "client_order_id must be unique") is Cause.OTHER  # of another status
    assert cause_of(422, "client_order_id must be unique") is Cause.TAKEN_ID
    assert cause_of(403, "the moon is in the wrong house") is Cause.OTHER
    assert cause_of(429, "") is Cause.RATE


def refused(desk: AlpacaDesk, method: str, error: dict[str, object]) -> BrokerError | None:
    """Return what became of an entry, or of a change of a target, that was answered with it."""
    body = json.dumps(error["body"]).encode()
    status = int(str(error["status"]))
    desk.server.fault(Fault(method=method, path="/v2", status=status, acts=False, body=body))
    try:
        if method == "POST":
            desk.send(entry())
        else:
            close(desk)
    except BrokerError as told:
        return told
    return None


def test_an_entry_that_met_each_is_rejected_with_words_and_cause_or_unknown() -> None:
    for error in reported_errors():
        with AlpacaServer() as server:
            told = refused(AlpacaDesk(server), "POST", error)
            unclear = error["status"] in {401, 429}
            assert type(told) is (OrderStateUnknownError if unclear else OrderRejectedError), error
            assert error["body"]["message"] in str(told)
            if not unclear:
                assert str(told).endswith(expected(error["body"]["message"]).value)
            assert server.ledger.accepted == {}


def test_a_change_that_met_each_is_made_by_cancel_and_sell_or_unknown() -> None:
    """Whatever Alpaca's reason, a refused change leaves the position to be sold all the same."""
    for error in reported_errors():
        with AlpacaServer() as server:
            desk = AlpacaDesk(server)
            paired(desk)
            told = refused(desk, "PATCH", error)
            sold = desk.broker().order_by_client_id(EXIT)
            if error["status"] in {401, 429}:
                assert isinstance(told, OrderStateUnknownError)
                assert sold is None
            else:
                assert told is None
                assert sold is not None
                assert sold.filled_quantity == 10
            assert server.ledger.violations == []
