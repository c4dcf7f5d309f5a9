"""Every rule's word on the account as it stands."""

from tests.fakes.desk import at
from tests.unit.trading.builders import BUY, IWM, TSLA, at_bar, house, kit
from ztrade_core.trading.standing import correlations_of, judge_standing


def test_the_standing_book_is_judged_as_a_hold_would_be() -> None:
    desk_kit = kit({at_bar(0): BUY}, closes={"TSLA": (100.0,) * 4})
    desk_kit.cycle(at(0))
    held = desk_kit.cycle(at(1))
    standing = judge_standing(desk_kit.desk(at(1)), at(1))
    assert standing.portfolio.book.positions
    assert dict(standing.verdicts)[TSLA.agent_id] == held.validated.verdicts


def test_each_agent_is_judged_and_the_one_without_bars_lacks_fresh_data() -> None:
    desk_kit = kit(closes={"TSLA": (100.0,) * 4}, of=house(TSLA, IWM))
    standing = judge_standing(desk_kit.desk(at(1)), at(1))
    failed = {
        agent_id: {verdict.rule_id for verdict in verdicts if not verdict.passed}
        for agent_id, verdicts in standing.verdicts
    }
    assert list(failed) == [TSLA.agent_id, IWM.agent_id]
    assert "RULE_012" not in failed[TSLA.agent_id]
    assert "RULE_012" in failed[IWM.agent_id]


def test_judging_the_standing_book_writes_nothing() -> None:
    desk_kit = kit(closes={"TSLA": (100.0,) * 4})
    judge_standing(desk_kit.desk(at(1)), at(1))
    with desk_kit.store.reading() as uow:
        assert list(uow.ledger.rows()) == []
        assert uow.accounts.last_snapshot(desk_kit.account, 1) is None


def test_every_pair_of_the_agents_symbols_is_correlated_once() -> None:
    desk = kit(closes={"TSLA": (100.0,) * 4}, of=house(TSLA, IWM)).desk(at(1))
    (pair,) = correlations_of(desk, desk.market.view(at(1)))
    assert (pair.first, pair.second, pair.value) == ("IWM", "TSLA", None)
