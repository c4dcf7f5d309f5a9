"""What a person does by hand, and what watches in between."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from tests.fakes.by_hand import said
from tests.pipelines.conftest import AGENT, House, manual_buy
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.orders import OrderStatus, Role
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import Ztrade, resource_of

PORTFOLIO = dg.AssetKey(["company", "portfolio"])
REHEARSAL = {"account": "rehearsal"}
WHY = {"who": "ada", "why": "a test", **REHEARSAL}
ALL_TRUE = {
    "reconciled": True,
    "protected": True,
    "within_limits": True,
    "ledger_verifies": True,
}


def portfolio_checks(house: House, result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Return which checks on the portfolio passed."""
    return {e.check_name: e.passed for e in house.evaluations(result, PORTFOLIO)}


def hold_a_position(house: House) -> None:
    """Buy, and let the entry fill on the next bar."""
    assert house.run(AGENT, manual_buy()).success
    later = {"as_of": "2022-12-28T15:10:00Z", "manual_action": "hold"}
    assert house.run(AGENT, later).success


def test_reconcile_materializes_the_portfolio_with_its_checks(house: House) -> None:
    hold_a_position(house)

    result = house.run("reconcile", REHEARSAL)

    assert result.success
    assert house.materialized(result) == ["company/portfolio"]
    assert portfolio_checks(house, result) == ALL_TRUE
    metadata = house._metadata(result, PORTFOLIO)
    assert metadata["open_positions"] == 1
    assert metadata["equity_usd"] > 0
    assert "data:image/png;base64," in metadata["equity"]


def test_reconcile_of_an_account_that_never_traded_is_green(house: House) -> None:
    result = house.run("reconcile")

    assert result.success
    assert portfolio_checks(house, result) == ALL_TRUE


def test_a_halt_denies_entries_until_a_person_resumes(house: House) -> None:
    house.run(AGENT, {"as_of": "2022-12-28T14:55:00Z", "manual_action": "hold"})
    halted = house.run("halt_trading", WHY)
    denied = house.run(AGENT, manual_buy())
    resumed = house.run("resume_trading", WHY)
    allowed = house.run(AGENT, manual_buy(as_of="2022-12-28T15:05:00Z"))

    assert halted.success
    assert resumed.success
    assert "company/portfolio" in house.materialized(halted)
    red = [e.check_name for e in house.evaluations(denied) if not e.passed]
    assert red == ["rule_008_manual_halt"]
    assert house.decision_metadata(denied)["outcome"] == "denied"
    assert house.decision_metadata(allowed)["outcome"] in {"approved", "resized"}


def test_flatten_sells_everything_and_leaves_a_halt(house: House) -> None:
    hold_a_position(house)

    result = house.run("flatten_positions", WHY)

    assert result.success
    with house.workshop.store.reading() as uow:
        exits = [o for o in uow.orders.working("rehearsal", 1) if o.request.role is Role.EXIT]
        halts = uow.halts.standing("rehearsal")
    assert [o.status for o in exits] == [OrderStatus.ACCEPTED]
    assert [(h.who, h.agent_id) for h in halts] == [("ada", None)]


def test_an_override_without_a_reason_is_refused(house: House) -> None:
    result = house.run("halt_trading", {**WHY, "why": " "})

    assert not result.success
    with house.workshop.store.reading() as uow:
        assert uow.halts.standing("rehearsal") == []


def test_a_ledger_that_was_edited_fails_the_audit_and_names_the_row(house: House) -> None:
    decided = house.run(AGENT, manual_buy())
    head = house.decision_metadata(decided)["chain_head"]
    assert house.run("verify_ledger", {"anchor": head}).success
    assert house.run("verify_ledger").success

    with house.workshop.engine.begin() as connection:
        for trigger in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'decisions'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE decisions SET reason = 'something else'")
    result = house.run("verify_ledger")

    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    assert "broken at row 1" in str(event.step_failure_data.user_failure_data.description)


def test_an_anchor_that_the_chain_does_not_reach_fails_the_audit(house: House) -> None:
    house.run(AGENT, manual_buy())

    assert not house.run("verify_ledger", {"anchor": f"7:{'a' * 64}"}).success


def watch(house: House) -> Any:
    """Evaluate the protection sensor once."""
    context = dg.build_sensor_context(
        instance=house.instance,
        resources={"ztrade": Ztrade(lambda: house.workshop)},
        repository_def=house.definitions.get_repository_def(),
    )
    return house.definitions.resolve_sensor_def("protection").evaluate_tick(context)


def test_the_watch_rests_while_nothing_is_held(house: House) -> None:
    data = watch(house)

    assert data.run_requests == []
    assert "no position and no working order" in data.skip_message


def test_the_watch_cancels_entries_of_a_halt_file_and_has_it_recorded(house: House) -> None:
    at = datetime(2022, 12, 28, 15, 0, 2, tzinfo=UTC)
    live = replace(house, workshop=replace(house.workshop, clock=SimulatedClock(at)))
    desk = live.workshop.live_desk()
    run_cycle(desk, CycleRequest(agent_id=AGENT, as_of=at, holder="run-1", writer=said("buy")))
    assert watch(live).run_requests == []
    live.workshop.halt_path.parent.mkdir(parents=True, exist_ok=True)
    live.workshop.halt_path.write_text("stop")

    data = watch(live)

    [request] = data.run_requests
    assert request.run_key.startswith("protection:2022-12-28T15:")
    assert desk.broker.open_orders() == ()
    with live.workshop.store.reading() as uow:
        assert uow.orders.working("paper", 1) == []


def test_the_watch_mends_a_missing_stop_in_place(house: House) -> None:
    at = datetime(2022, 12, 28, 15, 0, 2, tzinfo=UTC)
    clock = SimulatedClock(at)
    live = replace(house, workshop=replace(house.workshop, clock=clock))
    desk = live.workshop.live_desk()
    run_cycle(desk, CycleRequest(agent_id=AGENT, as_of=at, holder="run-1", writer=said("buy")))
    clock.advance_to(datetime(2022, 12, 28, 15, 10, 2, tzinfo=UTC))
    run_cycle(
        desk, CycleRequest(agent_id=AGENT, as_of=clock.now(), holder="run-2", writer=said("hold"))
    )
    [stop] = [o for o in desk.broker.open_orders() if o.request.role is Role.STOP]
    desk.broker.cancel(stop.request.client_order_id)

    data = watch(live)

    assert len(data.run_requests) == 1
    stops = [o for o in desk.broker.open_orders() if o.request.role is Role.STOP]
    assert [s.request.quantity for s in stops] == [stop.request.quantity]
    assert stops[0].request.client_order_id != stop.request.client_order_id
    assert watch(live).run_requests == []


def test_a_position_held_over_night_is_within_limits_before_the_days_first_cycle(
    house: House,
) -> None:
    clock = SimulatedClock(datetime(2022, 12, 28, 15, 0, 2, tzinfo=UTC))
    live = replace(house, workshop=replace(house.workshop, clock=clock))
    live = replace(live, definitions=definitions_over(live))
    buy = manual_buy()
    del buy["as_of"]
    assert live.run(AGENT, buy).success
    clock.advance_to(datetime(2022, 12, 29, 5, 7, tzinfo=UTC))  # 00:07 New York

    result = live.run("reconcile")

    assert result.success
    assert live._metadata(result, PORTFOLIO)["open_positions"] == 1
    assert portfolio_checks(live, result) == ALL_TRUE


def test_looking_at_a_rehearsal_that_never_began_does_not_begin_it_today(house: House) -> None:
    looked = house.run("reconcile", REHEARSAL)
    begun = house.run(AGENT, manual_buy())

    assert not looked.success
    assert begun.success


def test_an_unknown_account_is_refused(house: House) -> None:
    assert not house.run("halt_trading", {**WHY, "account": "live"}).success


def definitions_over(house: House) -> dg.Definitions:
    """Return the definitions over this house's workshop."""
    resource = resource_of(Ztrade(lambda: house.workshop), place="test")
    return build_definitions(house.settings, resource)
