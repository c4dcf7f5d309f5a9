"""A mind is asked once a slot; two things precede it: a passed crypto target, a closing session."""

from dataclasses import replace

from tests.fakes.by_hand import Said
from tests.fakes.desk import SESSION_BARS, DeskKit, at, bar
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.fakes.store_rows import slot_key
from tests.unit.trading.builders import BTC, BUY, FREE, SELL, TSLA, at_bar, house, kit
from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.decisions import Action
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.deciding import decide
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.observation import observe

LAST = SESSION_BARS - 1
TARGET_106 = (100.0, 100.0, 105.99, 106.0, 106.0)


def btc_kit(closes: tuple[float, ...]) -> DeskKit:
    answers = {at_bar(0, BTC.agent_id): BUY}
    return kit(answers, closes={"BTC/USD": closes}, of=house(BTC, costs=FREE))


def cycles(desk_kit: DeskKit, *numbers: int, agent_id: str = TSLA.agent_id) -> list[CycleResult]:
    return [desk_kit.cycle(at(number), agent_id) for number in numbers]


def test_a_crypto_target_passed_by_a_close_exits_at_the_next_open() -> None:
    results = cycles(btc_kit(TARGET_106), 0, 1, 2, 3, 4, agent_id=BTC.agent_id)
    actions = [(r.tape.proposal.action.value, r.tape.proposal.maker) for r in results]
    assert actions == [
        ("buy", "script"),
        ("hold", "script"),
        ("hold", "script"),  # 105.99: not yet
        ("sell", "protection:target"),  # 106.00: exactly at it
        ("hold", "script"),
    ]
    assert results[4].observed.snapshot.position is None


def test_a_stock_target_rests_at_the_broker_and_asks_for_nothing() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes=(100.0, 100.0, 107.0, 107.0))
    result = cycles(desk_kit, 0, 1, 2)[2]
    assert result.tape.proposal.action is Action.HOLD
    assert result.observed.snapshot.position is None  # sold inside bar 2


def test_an_entry_on_a_sessions_last_bar_is_a_hold_that_says_so() -> None:
    desk_kit = kit({at_bar(LAST): BUY, at_bar(LAST - 1): BUY}, closes=(100.0,) * SESSION_BARS)
    before, last = cycles(desk_kit, LAST - 1, LAST)
    assert before.tape.proposal.action is Action.BUY
    assert last.tape.proposal.action is Action.HOLD
    assert "last bar of its session" in last.tape.proposal.rationale
    assert "it was: buy, as scripted" in last.tape.proposal.rationale
    assert last.validated.outcome.value == "held"


def test_an_exit_on_a_sessions_last_bar_stays_an_exit() -> None:
    answers = {at_bar(LAST - 3): BUY, at_bar(LAST): SELL}
    desk_kit = kit(answers, closes=(100.0,) * SESSION_BARS)
    result = cycles(desk_kit, LAST - 3, LAST - 2, LAST)[2]
    assert result.tape.proposal.action is Action.SELL
    assert result.validated.outcome.value == "approved"


def test_a_crypto_entry_needs_no_session() -> None:
    answers = {at_bar(LAST, BTC.agent_id): BUY}
    desk_kit = kit(answers, closes={"BTC/USD": (100.0,) * SESSION_BARS}, of=house(BTC))
    (result,) = cycles(desk_kit, LAST, agent_id=BTC.agent_id)
    assert result.tape.proposal.action is Action.BUY


def test_the_first_answer_of_a_slot_stands() -> None:
    desk_kit = kit({at_bar(0): proposal("hold")})
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="first")
    desk = desk_kit.desk(at(0))
    first = decide(desk, request, observe(desk, request).snapshot)
    other = replace(desk_kit, script={at_bar(0): BUY}).desk(at(0))
    second = decide(other, replace(request, holder="second"), observe(other, request).snapshot)
    assert second == first
    assert second.run_id == "first"


def test_two_minds_that_answer_at_once_leave_one_tape() -> None:
    desk_kit = kit()
    desk = desk_kit.desk(at(0))
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="slow")
    snapshot = observe(desk, request).snapshot

    class Overtaken(ScriptedMaker):
        def propose(self, *seen: object) -> object:  # type: ignore[override]
            fast = replace(request, holder="fast")
            decide(desk_kit.desk(at(0)), fast, snapshot)
            return proposal("buy")

    slow = replace(desk, makers={Mode.STRATEGY: Overtaken({})})
    tape = decide(slow, request, snapshot)
    assert (tape.run_id, tape.proposal.action) == ("fast", Action.HOLD)


def test_a_dry_run_tapes_beside_the_slot() -> None:
    desk_kit = kit({at_bar(0): BUY})
    result = desk_kit.cycle(at(0), dry_run=True)
    assert result.tape.key.slot == "dry:run:2022-12-28T14:30:00Z"
    with desk_kit.store.reading() as uow:
        assert uow.tapes.get(result.observed.key) is None
        assert uow.ledger.head().sequence == 0


def test_a_manual_answer_is_taken_in_the_minds_place() -> None:
    desk_kit = kit({at_bar(0): proposal("hold")})
    request = CycleRequest(agent_id=TSLA.agent_id, as_of=at(0), holder="run", writer=Said(BUY))
    result = run_cycle(desk_kit.desk(at(0)), request)
    assert (result.tape.mode, result.tape.proposal.action) == ("manual", Action.BUY)
    assert result.validated.outcome.value in {"approved", "resized"}


def test_what_the_mind_saw_is_named_by_its_hash() -> None:
    desk_kit = kit()
    result = desk_kit.cycle(at(0))
    assert result.tape.snapshot_hash == result.observed.snapshot_hash
    with desk_kit.store.reading() as uow:
        kept = uow.ledger.snapshot(result.tape.snapshot_hash)
    assert kept is not None
    assert kept.content_hash() == result.tape.snapshot_hash
    assert (kept.as_of, kept.bars.last_open) == (at(0), bar(0))
    assert kept.key != slot_key()
