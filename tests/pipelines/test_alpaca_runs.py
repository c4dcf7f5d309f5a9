"""Runs on Dagster whose paper account is at Alpaca: order, fill, stop, portfolio, a person's hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY
from tests.fakes.alpaca_server import AlpacaServer, Fault
from tests.pipelines.at_alpaca import BUY, PLACE, alpaca_house, look, open_market
from tests.pipelines.conftest import AGENT, House
from ztrade_pipelines.keys import PORTFOLIO

WHO = {"who": "tester", "why": "a test"}


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with AlpacaServer() as made:
        open_market(made)
        yield made


@pytest.fixture
def at_alpaca(
    server: AlpacaServer, instance: dg.DagsterInstance, tmp_path: Path, sqlite_url: str
) -> Iterator[House]:
    with alpaca_house(server, instance, tmp_path, sqlite_url) as made:
        yield made


def portfolio_metadata(house: House, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    found = {}
    for event in house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION):
        if event.asset_key == PORTFOLIO:
            found = {name: value.value for name, value in event.materialization.metadata.items()}
    return found


def open_sells(server: AlpacaServer) -> list[tuple[str, str, str]]:
    return sorted(
        (order.type, order.time_in_force, str(order.quantity))
        for order in server.ledger.working()
        if order.side == "sell"
    )


def test_a_run_sends_the_entry_takes_the_fill_over_and_leaves_a_lasting_stop(
    at_alpaca: House, server: AlpacaServer
) -> None:
    result = at_alpaca.run(AGENT, BUY)

    assert result.success
    assert at_alpaca.decision_metadata(result)["outcome"] in {"approved", "resized"}
    assert at_alpaca.decision_metadata(result)["broker"] == PLACE
    held = server.ledger.held["TSLA"]
    assert held > 0
    assert [form for _, form, _ in open_sells(server)] == ["gtc", "gtc"]
    metadata = portfolio_metadata(at_alpaca, result)
    assert metadata["broker"] == PLACE
    assert metadata["broker_host"] == "https://paper-api.alpaca.markets"
    assert metadata["account_epoch"] == 2
    assert metadata["open_positions"] == 1
    with at_alpaca.workshop.store.reading() as uow:
        (position,) = uow.positions.all("paper", 2)
        assert uow.positions.all("paper", 1) == []
    assert position.quantity == held


def test_the_same_bar_sends_one_order_however_often_it_is_run(
    at_alpaca: House, server: AlpacaServer
) -> None:
    for _ in range(3):
        assert at_alpaca.run(AGENT, BUY).success
    bought = [order for order in server.ledger.all_orders() if order.side == "buy"]
    assert len(bought) == 1


def test_no_key_is_in_the_records_of_a_run(at_alpaca: House) -> None:
    result = at_alpaca.run(AGENT, BUY)
    records = at_alpaca.instance.all_logs(result.run_id)
    text = " ".join(str(record) for record in records)
    assert len(records) > 10
    for key in (API_KEY, SECRET_KEY):
        assert key not in text


def test_reconcile_flatten_halt_and_resume_work_from_the_page(
    at_alpaca: House, server: AlpacaServer
) -> None:
    at_alpaca.run(AGENT, BUY)
    assert at_alpaca.run("reconcile").success
    assert at_alpaca.run("halt_trading", WHO).success
    assert at_alpaca.run("flatten_positions", WHO).success
    assert server.ledger.held.get("TSLA", 0) == 0
    assert at_alpaca.run("reconcile").success
    with at_alpaca.workshop.store.reading() as uow:
        assert uow.positions.all("paper", 2) == []
        assert len(uow.halts.standing("paper")) >= 1
    assert at_alpaca.run("resume_trading", WHO).success
    with at_alpaca.workshop.store.reading() as uow:
        assert uow.halts.standing("paper") == []


def test_the_watch_arms_a_stop_that_somebody_took_away(
    at_alpaca: House, server: AlpacaServer
) -> None:
    at_alpaca.run(AGENT, BUY)
    server.ledger.cancel(server.ledger.working()[0].id)  # the pair goes together
    assert open_sells(server) == []

    data = look(at_alpaca)

    [request] = data.run_requests  # it is recorded, by a run of `reconcile`
    assert request.tags["ztrade/reason"] == "protection"
    assert [form for _, form, _ in open_sells(server)] == ["gtc", "gtc"]


def test_a_broker_that_is_down_is_a_skipped_look_and_a_failed_run_with_its_reason(
    at_alpaca: House, server: AlpacaServer
) -> None:
    at_alpaca.run(AGENT, BUY)
    server.fault(Fault(method="GET", path="/v2/", status=503, times=1000, acts=False))

    assert "could not look: Alpaca was asked and did not answer" in look(at_alpaca).skip_message
    failed = at_alpaca.run("reconcile")

    assert not failed.success
    [event] = at_alpaca.events(failed, dg.DagsterEventType.STEP_FAILURE)
    told = event.step_failure_data.user_failure_data
    assert "Alpaca was asked and did not answer" in told.description
    assert told.metadata["error"].value == "TransientBrokerError"


def test_a_reset_paper_account_is_a_new_epoch_and_holds_nothing(
    at_alpaca: House, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    at_alpaca.run(AGENT, BUY)
    fresh = AlpacaServer()
    fresh.ledger.account_number = "PA3FAKE00002"
    with fresh:
        open_market(fresh)
        url = at_alpaca.settings.database_url
        with alpaca_house(fresh, instance, tmp_path, url) as again:
            result = again.run("reconcile")
            metadata = portfolio_metadata(again, result)
    assert metadata["account_epoch"] == 3
    assert metadata["open_positions"] == 0
    assert metadata["broker"].endswith("PA3FAKE00002")
