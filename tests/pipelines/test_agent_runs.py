"""An agent's run, end to end, as Dagster records it."""

import dagster as dg
import pytest
from dagster_shared.yaml_utils import load_run_config_yaml

from tests.pipelines.conftest import AGENT, AS_OF, PROJECT, House, manual_buy
from ztrade_core.domain.decisions import Outcome
from ztrade_core.risk.judge import rules_for

EXECUTE = f"{AGENT}_cycle.execute"


def test_a_denied_proposal_is_a_successful_run_with_one_red_check(house: House) -> None:
    result = house.run(AGENT, manual_buy(confidence=0.10))

    assert result.success
    rules = rules_for(house.settings.company)
    evaluations = house.evaluations(result)
    assert len(evaluations) == len(rules) == 21
    assert len({e.check_name for e in evaluations}) == len(rules)
    red = [e for e in evaluations if not e.passed]
    assert [e.check_name for e in red] == ["rule_021_agent_limits"]
    assert red[0].severity is dg.AssetCheckSeverity.ERROR
    assert red[0].metadata["observed"].value == 0.10
    assert red[0].metadata["limit"].value == 0.65
    assert "confidence" in str(red[0].metadata["message"].value)
    assert house.skipped(result) == [EXECUTE]
    assert house.materialized(result) == [f"{AGENT}/decision"]
    with house.workshop.store.reading() as uow:
        rows = list(uow.ledger.rows())
        assert [row.decision.outcome for row in rows] == [Outcome.DENIED]
        assert uow.orders.working("rehearsal", 1) == []


def test_an_approved_proposal_sends_one_order_with_its_stop(house: House) -> None:
    result = house.run(AGENT, manual_buy())

    assert result.success
    assert all(e.passed for e in house.evaluations(result))
    assert house.skipped(result) == []
    assert house.materialized(result) == [
        f"{AGENT}/decision",
        f"{AGENT}/order",
        "company/portfolio",
    ]
    decision, order = house.decision_metadata(result), house.order_metadata(result)
    assert decision["outcome"] in {"approved", "resized"}
    assert order["status"] == "accepted"
    assert order["sent_by_this_run"] is True
    assert order["stop_price"] < order["limit_price"] < order["target_price"]
    assert order["client_order_id"] == decision["client_order_id"]


def test_the_next_cycle_shows_the_fill_and_its_protection(house: House) -> None:
    house.run(AGENT, manual_buy())
    result = house.run(AGENT, {"as_of": "2022-12-28T15:10:00Z"})

    assert result.success
    assert "company/portfolio" in house.materialized(result)
    checks = house.evaluations(result, dg.AssetKey(["company", "portfolio"]))
    assert {c.check_name: c.passed for c in checks} == {
        "reconciled": True,
        "protected": True,
        "within_limits": True,
        "ledger_verifies": True,
    }


def test_a_hold_has_every_rule_judge_the_standing_book(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF, "manual_action": "hold"})

    assert result.success
    assert len(house.evaluations(result)) == 21
    assert house.decision_metadata(result)["outcome"] == "held"
    assert house.skipped(result) == [EXECUTE]
    assert house.materialized(result) == [f"{AGENT}/decision"]


def test_without_a_manual_decision_the_strategy_decides(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF})

    assert result.success
    assert "sentiment_momentum" in house.decision_metadata(result)["maker"]


def test_the_decision_carries_the_chains_head_and_the_run_anchors_it(house: House) -> None:
    result = house.run(AGENT, manual_buy(confidence=0.10))

    with house.workshop.store.reading() as uow:
        head, anchor = uow.ledger.head(), uow.ledger.last_anchor()
    assert house.decision_metadata(result)["chain_head"] == f"{head.sequence}:{head.digest}"
    assert anchor is not None
    assert (anchor.sequence, anchor.digest) == (head.sequence, head.digest)
    assert anchor.place == f"dagster run {result.run_id}"


def test_the_same_bar_twice_is_one_decision_and_one_order(house: House) -> None:
    first = house.run(AGENT, manual_buy())
    second = house.run(AGENT, manual_buy(confidence=0.10))

    assert first.success
    assert second.success
    assert house.decision_metadata(second)["decided_now"] is False
    assert house.decision_metadata(second)["confidence"] == 0.9
    assert len(house.evaluations(second)) == 21
    assert house.order_metadata(second)["sent_by_this_run"] is False
    with house.workshop.store.reading() as uow:
        assert len(list(uow.ledger.rows())) == 1
        entries = [o for o in uow.orders.working("rehearsal", 1) if o.decision_id]
        assert len(entries) == 1


def test_a_dry_run_judges_and_claims_nothing(house: House) -> None:
    result = house.run(AGENT, manual_buy(dry_run=True))

    assert result.success
    assert len(house.evaluations(result)) == 21
    assert house.decision_metadata(result)["dry_run"] is True
    assert house.materialized(result) == [f"{AGENT}/decision"]
    assert house.skipped(result) == [EXECUTE]
    with house.workshop.store.reading() as uow:
        assert list(uow.ledger.rows()) == []
        assert uow.orders.working("rehearsal", 1) == []
    run = house.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags["ztrade/dry_run"] == "true"


def test_a_past_moment_trades_on_the_rehearsal_account(house: House) -> None:
    result = house.run(AGENT, {"as_of": AS_OF})

    assert house.decision_metadata(result)["account"] == "rehearsal"
    run = house.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags["ztrade/account"] == "rehearsal"
    assert run.tags["ztrade/agent"] == AGENT
    assert run.tags["ztrade/as_of"].startswith("2022-12-28T15:00:00")
    with house.workshop.store.reading() as uow:
        assert [row.decision.key.account for row in uow.ledger.rows()] == ["rehearsal"]
        assert uow.accounts.snapshots("paper", 1) == []


def test_a_live_run_on_stale_bars_holds_on_the_paper_account_and_says_so(house: House) -> None:
    result = house.run(AGENT)

    assert result.success
    metadata = house.decision_metadata(result)
    assert metadata["account"] == "paper"
    assert metadata["outcome"] == "held"
    [stale] = [e for e in house.evaluations(result) if e.check_name == "rule_012_fresh_data"]
    assert not stale.passed
    assert stale.severity is dg.AssetCheckSeverity.WARN


def test_a_fill_shows_in_a_cycle_that_held_and_a_quiet_one_adds_nothing(house: House) -> None:
    house.run(AGENT, manual_buy())
    fill = house.run(AGENT, {"as_of": "2022-12-28T15:10:00Z", "manual_action": "hold"})
    still = house.run(AGENT, {"as_of": "2022-12-28T15:15:00Z", "manual_action": "hold"})

    assert house.materialized(fill) == [f"{AGENT}/decision", "company/portfolio"]
    assert house.materialized(still) == [f"{AGENT}/decision"]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("agent_tsla_2022-12-28", "held"),
        ("agent_tsla_manual_buy", "approved"),
        ("agent_tsla_denied", "denied"),
        ("agent_tsla_dry_run", "held"),
    ],
)
def test_the_example_files_run(house: House, name: str, outcome: str) -> None:
    run_config = load_run_config_yaml((PROJECT / "examples" / f"{name}.yaml").read_text())

    result = house.run(AGENT, run_config)  # type: ignore[arg-type]

    assert result.success
    assert house.decision_metadata(result)["outcome"] == outcome


def test_the_example_files_run_one_after_another(house: House) -> None:
    """As the README's reader does it: no file's bar was decided by the one before."""
    outcomes = []
    for name in ("agent_tsla_2022-12-28", "agent_tsla_denied", "agent_tsla_manual_buy"):
        run_config = load_run_config_yaml((PROJECT / "examples" / f"{name}.yaml").read_text())
        result = house.run(AGENT, run_config)  # type: ignore[arg-type]
        outcomes.append(house.decision_metadata(result)["outcome"])

    assert outcomes == ["held", "denied", "approved"]
