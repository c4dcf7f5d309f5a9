"""The facts behind rules 009, 010, 017, 018 and 019, through whole cycles."""

from dataclasses import dataclass, replace

from typing_extensions import override

from tests.fakes.desk import ACCOUNT, DeskKit, at
from tests.fakes.desk_broker import Fault, InterposedBroker, interposed
from tests.fakes.desk_makers import proposal
from tests.unit.trading.builders import BUY, TSLA, at_bar, house, kit
from ztrade_core.domain.decisions import INVALID_ANSWER, UNANSWERED, Outcome, Proposal
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.errors import OrderRejectedError, OrderStateUnknownError
from ztrade_core.settings.company import with_digest
from ztrade_core.trading.cycle import validate
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.observation import observe
from ztrade_core.trading.override import resume

EVERY_BAR = {at_bar(number): BUY for number in range(12)}
INVALID = replace(proposal("hold"), factors=((INVALID_ANSWER, "no JSON"),))
UNHEARD = replace(proposal("hold"), factors=((UNANSWERED, "HTTP 529"),))
WHO = {"who": "ada", "why": "looked at it"}
NO = OrderRejectedError("insufficient buying power")


def failed(desk_kit: DeskKit, number: int) -> set[str]:
    verdicts = desk_kit.cycle(at(number)).validated.verdicts
    return {verdict.rule_id for verdict in verdicts if not verdict.passed}


def rejecting(times: int, **rules: object) -> DeskKit:
    wrap = interposed(before={"submit": Fault(NO, times=times)})
    return kit(EVERY_BAR, wrap=wrap, of=house(**rules))


def halts(desk_kit: DeskKit) -> list[tuple[str | None, str]]:
    with desk_kit.store.reading() as uow:
        return [(each.agent_id, each.kind) for each in uow.halts.standing(ACCOUNT)]


def test_five_rejected_entries_halt_the_agent_and_the_sixth_is_denied() -> None:
    desk_kit = rejecting(99)
    assert [failed(desk_kit, number) for number in range(5)] == [set()] * 5
    assert halts(desk_kit) == []
    assert failed(desk_kit, 5) == {"RULE_017"}
    assert halts(desk_kit) == [(TSLA.agent_id, "runaway")]


def test_an_entry_that_the_broker_takes_begins_the_count_anew() -> None:
    desk_kit = rejecting(4)
    for number in range(5):
        assert failed(desk_kit, number) == set()
    with desk_kit.store.reading() as uow:
        statuses = [o.status.value for o in uow.orders.newest_entries(ACCOUNT, 1, "agent_tsla", 9)]
    assert statuses == ["accepted", *["rejected"] * 4]
    desk_kit.cycle(at(5))
    assert halts(desk_kit) == []


def test_a_resume_forgives_and_the_next_failures_count_from_there() -> None:
    desk_kit = rejecting(99)
    for number in range(6):
        desk_kit.cycle(at(number))
    resume(desk_kit.desk(at(5)), at=at(5), agent_id=TSLA.agent_id, **WHO)
    assert failed(desk_kit, 6) == set()
    assert halts(desk_kit) == []


def test_five_invalid_answers_halt_though_the_next_one_is_sound() -> None:
    script: dict[tuple[str, str], Proposal] = {at_bar(number): INVALID for number in range(5)}
    desk_kit = kit({**script, at_bar(5): BUY, at_bar(6): BUY})
    for number in range(5):
        assert failed(desk_kit, number) == set()
    assert failed(desk_kit, 5) == {"RULE_017"}
    assert failed(desk_kit, 6) == {"RULE_017"}  # one sound answer since, and the halt stands


def test_four_invalid_answers_and_a_sound_one_are_no_runaway() -> None:
    script: dict[tuple[str, str], Proposal] = {at_bar(number): INVALID for number in range(4)}
    script |= {at_bar(number): INVALID for number in range(5, 9)}
    desk_kit = kit(script)
    for number in range(10):
        assert failed(desk_kit, number) == set()
    assert halts(desk_kit) == []


def test_a_bar_slept_through_neither_breaks_the_row_nor_lengthens_it() -> None:
    """Five invalid answers, four sleeping bars after each: the agent halts as without the sleep."""
    asleep = replace(proposal("hold"), maker=ASLEEP_MAKER)
    script = {at_bar(number): asleep for number in range(25)}
    script |= {at_bar(number): INVALID for number in range(0, 25, 5)}
    desk_kit = kit({**script, at_bar(25): BUY}, closes=(100.0,) * 26)
    for number in range(21):
        assert failed(desk_kit, number) == set(), number
    assert failed(desk_kit, 21) == {"RULE_017"}
    assert halts(desk_kit) == [(TSLA.agent_id, "runaway")]


def test_an_outage_neither_breaks_the_row_nor_lengthens_it() -> None:
    """Nothing came on bars 0 to 5, nor on any bar between five invalid answers."""
    script = {at_bar(number): UNHEARD for number in range(16)}
    script |= {at_bar(number): INVALID for number in range(6, 16, 2)}
    desk_kit = kit({**script, at_bar(16): BUY}, closes=(100.0,) * 17)
    for number in range(15):
        assert failed(desk_kit, number) == set(), number
    assert failed(desk_kit, 15) == {"RULE_017"}
    assert halts(desk_kit) == [(TSLA.agent_id, "runaway")]


def test_rejections_and_invalid_answers_add_up() -> None:
    wrap = interposed(before={"submit": Fault(NO, times=3)})
    script = {
        at_bar(0): BUY,
        at_bar(1): BUY,
        at_bar(2): BUY,
        at_bar(3): INVALID,
        at_bar(4): INVALID,
    }
    desk_kit = kit({**script, at_bar(5): BUY}, wrap=wrap)
    for number in range(5):
        assert failed(desk_kit, number) == set()
    assert failed(desk_kit, 5) == {"RULE_017"}


def test_an_unknown_entry_is_no_failure_but_the_next_is_its_duplicate() -> None:
    lost = OrderStateUnknownError("504 after sending")
    wrap = interposed(before={"submit": Fault(lost, times=9)})
    desk_kit = kit(EVERY_BAR, wrap=wrap)
    assert failed(desk_kit, 0) == set()
    again = desk_kit.desk(at(0))
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="two", dry_run=True)
    snapshot = observe(again, request).snapshot
    validated = validate(again, request, snapshot, decide(again, request, snapshot))
    words = {v.rule_id: v.message for v in validated.verdicts if not v.passed}
    assert set(words) == {"RULE_009", "RULE_020"}
    assert "is open or unknown" in words["RULE_009"]
    assert "decided on the same bar" in words["RULE_009"]


def test_the_entries_of_the_last_hour_are_throttled() -> None:
    desk_kit = rejecting(2, max_agent_entries_per_hour=2)
    assert failed(desk_kit, 0) == failed(desk_kit, 1) == set()
    assert failed(desk_kit, 2) == {"RULE_010"}


def test_a_configuration_that_changes_between_freezing_and_judging_denies_that_decision() -> None:
    before = kit(EVERY_BAR, of=with_digest(house()))
    after = replace(before, company=with_digest(house(max_symbol_fraction=0.04)))
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="run")
    snapshot = observe(before.desk(at(0)), request).snapshot
    changed = after.desk(at(0))
    validated = validate(changed, request, snapshot, decide(changed, request, snapshot))
    assert validated.outcome is Outcome.DENIED
    assert [v.rule_id for v in validated.verdicts if not v.passed] == ["RULE_019"]
    assert failed(after, 1) == set()


@dataclass(frozen=True)
class ElsewhereBroker(InterposedBroker):
    """A broker that says it is somewhere else."""

    @property
    @override
    def host(self) -> str | None:
        return "https://api.alpaca.markets"


def test_a_broker_at_another_host_gets_no_entry() -> None:
    desk_kit = kit(EVERY_BAR, wrap=lambda inner: ElsewhereBroker(inner, {}, {}))
    result = desk_kit.cycle(at(0))
    assert result.validated.outcome is Outcome.DENIED
    assert "RULE_018: the broker's host is not" in result.validated.reason
    assert desk_kit.broker().open_orders() == ()


def test_what_was_judged_stands_in_the_decisions_book() -> None:
    admission = kit(EVERY_BAR).cycle(at(0)).validated.admission
    assert admission is not None
    text = admission.row.decision.book
    assert '"is_paper":true' in text
    assert '"reconciled_at":"2022-12-28T14:35:00Z"' in text
