"""Rule trials on both databases: over 500 decisions and over three days, and nothing of it is written."""

from dataclasses import replace

import pytest
from sqlalchemy.engine import Engine

from tests.contracts.test_store_tampering import as_a_vandal
from tests.fakes.desk import DeskKit, kit_on
from tests.fakes.replayed import copied, traders
from tests.fakes.rule_trials import everything, traded, tried
from tests.unit.risk.builders import TSLA, company
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial_entries import Change, LeftOut
from ztrade_core.studies.rule_trial_telling import warnings_of

ONE_DAY = {"first": "2022-12-28", "last": "2022-12-28"}
DENYING = {"max_order_usd": 500.0}


def three_days(engine: Engine) -> DeskKit:
    return traded(kit_on(engine, company=with_digest(company(TSLA, max_correlated_positions=None))))


def test_a_trial_over_five_hundred_decisions_is_exact_for_each(engine: Engine) -> None:
    """The bars are not in this store: the decisions stand by themselves, and nobody is on the path."""
    kit = kit_on(engine, company=traders())
    rows = copied(kit.store)

    same = tried(kit, {}, **ONE_DAY)
    none = tried(kit, {"max_symbol_fraction": 0.0}, **ONE_DAY)

    bought = [row for row in rows if row.decision.proposal.action is Action.BUY]
    denied = [row for row in bought if row.decision.outcome is Outcome.DENIED]
    assert len(rows) >= 500
    assert len(denied) >= 20
    assert (same.record.decisions, len(same.decisions.entries)) == (len(rows), len(bought))
    assert (same.decisions.changed, same.decisions.left_out) == ((), ())
    [whole] = [one for one in none.decisions.consequences if one.part == none.parts.whole]
    assert whole.changes == {
        Change.NEWLY_DENIED: len(bought) - len(denied),
        Change.UNCHANGED: len(denied),
    }
    assert whole.denied_by == {"RULE_005": len(bought) - len(denied)}
    assert len(none.path.intents.left_out) == len(traders().agents)


def test_a_trial_leaves_every_row_of_every_table_as_it_was(engine: Engine) -> None:
    kit = three_days(engine)
    before = everything(engine)

    trial = tried(kit, {"max_order_usd": None, "max_symbol_fraction": 0.001, "verify_chain": False})

    assert trial.decisions.changed != ()
    assert everything(engine) == before
    assert sum(map(len, before.values())) > 40


def test_the_figures_are_those_of_the_pencil(engine: Engine) -> None:
    trial = tried(three_days(engine), DENYING)
    _, fitting, holdout = trial.decisions.consequences
    assert (fitting.net_usd, holdout.net_usd) == pytest.approx((-9.198, 20.396))
    assert trial.path.parts[0].today.equity_usd == pytest.approx(99_988.802)
    assert trial.path.parts[0].proposed.equity_usd == 100_000.0


@pytest.mark.parametrize(
    ("edit", "why", "said"),
    [
        (
            "DELETE FROM tapes WHERE slot = '{slot}'",
            LeftOut.GONE,
            "the tape of its answer is gone",
        ),
        (
            "DELETE FROM decision_inputs WHERE snapshot_hash = '{inputs}'",
            LeftOut.GONE,
            "the inputs it saw",
        ),
        (
            "UPDATE decisions SET book = '{{}}' WHERE decision_id = '{id}'",
            LeftOut.GONE,
            "cannot be read",
        ),
        (
            "UPDATE decisions SET reason = 'x' WHERE decision_id = '{id}'",
            LeftOut.NOT_GIVEN_BACK,
            "decision.reason",
        ),
        (
            "UPDATE risk_verdicts SET message = 'x' WHERE decision_id = '{id}'",
            LeftOut.NOT_GIVEN_BACK,
            "verdict.00_RULE_001.message",
        ),
    ],
)
def test_an_entry_whose_evidence_is_gone_or_edited_is_left_out_and_named(
    engine: Engine, edit: str, why: LeftOut, said: str
) -> None:
    kit = three_days(engine)
    with kit.store.reading() as uow:
        first = next(uow.ledger.rows()).decision
    words = {"id": first.decision_id, "slot": first.key.slot, "inputs": first.snapshot_hash}
    as_a_vandal(engine, edit.format(**words))

    trial = tried(kit, DENYING)

    [left] = trial.decisions.left_out
    assert (left.why, left.row.decision.decision_id) == (why, first.decision_id)
    assert said in left.note
    assert len(trial.decisions.entries) == 2
    assert any(
        first.decision_id in each and "1 entry is left out" in each for each in warnings_of(trial)
    )


def test_another_account_has_nothing_to_try(engine: Engine) -> None:
    kit = replace(three_days(engine), account="paper")
    trial = tried(kit, DENYING)
    assert (trial.record.decisions, trial.newest) == (0, None)
    assert any("account paper has none" in each for each in warnings_of(trial))
