"""What reconciling found: kept until a person clears it, never made of a race (RULE_015)."""

from dataclasses import replace

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_broker import Once, interposed
from tests.unit.brokers.builders import entry
from tests.unit.trading.builders import BUY, at_bar, kit, position
from ztrade_core.domain.accounts import Reconciliation
from ztrade_core.domain.decisions import Outcome
from ztrade_core.trading.override import halt, resume
from ztrade_core.trading.reconciliation import reconcile

WHO = {"who": "ada", "why": "mine"}
EVERY_BAR = {at_bar(number): BUY for number in range(12)}


def rows(desk_kit: DeskKit) -> list[Reconciliation]:
    """Every stored reconciliation, oldest first."""
    with desk_kit.store.reading() as uow:
        return uow.reconciliations.recent(ACCOUNT, 1)[::-1]


def failed(desk_kit: DeskKit, number: int, **how: bool) -> set[str]:
    verdicts = desk_kit.cycle(at(number), **how).validated.verdicts
    return {verdict.rule_id for verdict in verdicts if not verdict.passed}


def test_every_reconciliation_is_stored_and_quiet_ones_take_one_row() -> None:
    desk_kit = kit()
    for number in range(3):
        desk_kit.cycle(at(number))
    (row,) = rows(desk_kit)
    assert row.report.at == at(2)
    assert row.is_quiet


def test_a_foreign_order_denies_every_agents_entries_until_a_person_resumes() -> None:
    desk_kit = kit(EVERY_BAR)
    broker = desk_kit.broker()
    broker.submit(entry("1", order_id="by-hand", limit="50", stop="40"))
    first = desk_kit.cycle(at(0))
    assert first.validated.outcome is Outcome.DENIED
    assert "RULE_015: foreign order by-hand (until a person resumes)" in first.validated.reason
    broker.cancel("by-hand")
    assert failed(desk_kit, 1) == {"RULE_015"}  # gone by itself, and still not cleared
    told = resume(desk_kit.desk(at(1)), at=at(1), **WHO)
    assert told.cleared == ("foreign order by-hand",)
    assert failed(desk_kit, 2) == set()


def test_a_foreign_order_that_was_cleared_may_stay_and_another_may_not() -> None:
    desk_kit = kit(EVERY_BAR)
    broker = desk_kit.broker()
    cheap = {"limit": "50", "stop": "40"}
    broker.submit(entry("1", order_id="by-hand", **cheap))
    assert failed(desk_kit, 0) == {"RULE_015"}
    resume(desk_kit.desk(at(0)), at=at(0), **WHO)
    report = reconcile(desk_kit.desk(at(0)), at(0))
    assert report.foreign == ("by-hand",)
    assert rows(desk_kit)[-1].clean
    broker.submit(entry("1", order_id="by-another-hand", **cheap))
    reconcile(desk_kit.desk(at(0)), at(0))
    assert rows(desk_kit)[-1].findings == ("foreign order by-another-hand",)


def test_a_difference_that_was_cleared_and_is_still_there_stands_again() -> None:
    desk_kit = kit(EVERY_BAR)
    desk_kit.broker().submit(entry("3", order_id="by-hand", target=None))
    desk_kit.broker().advance(desk_kit.desk(at(1)).market.view(at(1)), at(1))
    difference = "TSLA: our book 0.0, the broker 3.0"
    reconcile(desk_kit.desk(at(1)), at(1))
    assert difference in rows(desk_kit)[-1].mismatches
    told = resume(desk_kit.desk(at(1)), at=at(1), **WHO)
    assert difference in told.cleared
    assert rows(desk_kit)[-1].clean
    reconcile(desk_kit.desk(at(1)), at(1))
    assert rows(desk_kit)[-1].mismatches == (difference,)


def test_clearing_keeps_who_and_why_and_makes_nothing_look_fresh() -> None:
    desk_kit = kit()
    desk_kit.broker().submit(entry("1", order_id="by-hand", limit="50", stop="40"))
    reconcile(desk_kit.desk(at(0)), at(0))
    resume(desk_kit.desk(at(5)), at=at(5), **WHO)
    last = rows(desk_kit)[-1]
    assert (last.cleared_by, last.cleared_why, last.cleared_at) == ("ada", "mine", at(5))
    assert last.report.at == at(0)
    assert last.accepted == ("by-hand",)


def test_a_slower_run_of_an_earlier_moment_does_not_make_the_book_old() -> None:
    desk_kit = kit()
    reconcile(desk_kit.desk(at(3)), at(3))
    reconcile(desk_kit.desk(at(0)), at(0))
    assert [row.report.at for row in rows(desk_kit)] == [at(3)]


def test_an_agents_resume_clears_nothing_of_the_account() -> None:
    desk_kit = kit()
    desk_kit.broker().submit(entry("1", order_id="by-hand", limit="50", stop="40"))
    reconcile(desk_kit.desk(at(0)), at(0))
    halt(desk_kit.desk(at(0)), at=at(0), agent_id="agent_tsla", **WHO)
    told = resume(desk_kit.desk(at(0)), at=at(0), agent_id="agent_tsla", **WHO)
    assert told.cleared == ()
    assert not rows(desk_kit)[-1].clean


def test_a_fill_between_two_questions_is_no_finding() -> None:
    """Another run plays the account after the fills were asked for, before the positions are."""
    desk_kit = kit({at_bar(0): BUY})
    desk_kit.cycle(at(0))

    def another_run() -> None:
        desk_kit.broker().advance(desk_kit.desk(at(1)).market.view(at(1)), at(1))

    raced = kit_with(desk_kit, after={"fills": Once(another_run)})
    report = reconcile(raced.desk(at(1)), at(1))
    assert report.clean
    assert report.fills_added == 1
    assert rows(desk_kit)[-1].clean
    assert position(desk_kit) is not None


def test_a_fill_that_another_run_wrote_meanwhile_is_no_finding() -> None:
    """Our answer is older than our book by the time it is written."""
    desk_kit = kit({at_bar(0): BUY})
    desk_kit.cycle(at(0))

    def another_run() -> None:
        desk_kit.broker().advance(desk_kit.desk(at(1)).market.view(at(1)), at(1))
        reconcile(desk_kit.desk(at(1)), at(1))

    raced = kit_with(desk_kit, after={"positions": Once(another_run)})
    assert reconcile(raced.desk(at(1)), at(1)).clean
    assert rows(desk_kit)[-1].clean


def kit_with(desk_kit: DeskKit, **hooks: object) -> DeskKit:
    return replace(desk_kit, wrap=interposed(**hooks))  # type: ignore[arg-type]


def test_a_position_that_the_broker_has_not_is_found_though_nothing_works_there() -> None:
    desk_kit = kit({at_bar(0): BUY})
    for number in range(2):
        desk_kit.cycle(at(number))
    with desk_kit.store.locked() as uow:
        (held,) = uow.positions.all(ACCOUNT, 1)
    desk_kit.broker().reset(at(1))
    with desk_kit.store.locked() as uow:
        uow.positions.put(replace(held, account_epoch=2))
    report = reconcile(desk_kit.desk(at(1)), at(1))
    assert report.mismatches == ("TSLA: our book 46.0, the broker 0.0",)


def test_a_dry_run_on_an_untouched_account_looks_for_itself_and_stores_nothing() -> None:
    desk_kit = kit(EVERY_BAR)
    assert failed(desk_kit, 0, dry_run=True) == set()
    assert rows(desk_kit) == []
    desk_kit.broker().submit(entry("1", order_id="by-hand", limit="50", stop="40"))
    assert failed(desk_kit, 0, dry_run=True) == {"RULE_015"}
    assert rows(desk_kit) == []


def test_a_dry_run_does_not_overlook_what_stands() -> None:
    desk_kit = kit(EVERY_BAR)
    broker = desk_kit.broker()
    broker.submit(entry("1", order_id="by-hand", limit="50", stop="40"))
    reconcile(desk_kit.desk(at(0)), at(0))
    broker.cancel("by-hand")
    assert "RULE_015" in failed(desk_kit, 0, dry_run=True)
