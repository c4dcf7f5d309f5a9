"""Recorded intents played anew as one account under both sets of limits, with numbers followed by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import DeskKit, kit_in_memory
from tests.fakes.rule_trials import NOW, at, by_hand, days_of, trade_day, traded, tried
from tests.unit.risk.builders import IWM, TSLA, agent, company
from ztrade_core.domain.configuration import OnHalt
from ztrade_core.settings.company import with_digest
from ztrade_core.studies.rule_trial_entries import Change
from ztrade_core.studies.rule_trial_parts import FITTING, FROM_FLAT, HOLDOUT, WHOLE

ONE_DAY = {"first": "2022-12-28", "last": "2022-12-28"}
COIN = agent("agent_btc", "BTC/USD")


def kit_of(**risk: object) -> DeskKit:
    return kit_in_memory(company=with_digest(company(TSLA, max_correlated_positions=None, **risk)))


def test_each_part_is_read_off_one_path_and_the_holdout_is_played_from_flat_as_well() -> None:
    """Four shares of ten: +7.8384, -4.1592, -8.1584 for +19.596, -10.398, -20.396."""
    path = tried(traded(kit_of()), {"max_symbol_fraction": 0.005}).path

    names = [one.part.name for one in path.parts]
    assert names == [WHOLE, FITTING, HOLDOUT]
    whole, fitting, holdout = path.parts
    assert (whole.today.equity_usd, whole.proposed.equity_usd) == pytest.approx(
        (99_988.802, 99_995.5208)
    )
    assert (fitting.today.earned_usd, fitting.proposed.earned_usd) == pytest.approx((9.198, 3.6792))
    assert fitting.today.total_return == pytest.approx(9.198e-5)
    assert holdout.today.total_return == pytest.approx(-20.396 / 100_009.198)
    assert holdout.gain == pytest.approx(20.396 / 100_009.198 - 8.1584 / 100_003.6792)
    assert path.from_flat is not None
    assert path.from_flat.part.name == FROM_FLAT
    assert path.from_flat.today.total_return == pytest.approx(-20.396 / 100_000)
    assert [one.today.trades for one in path.parts] == [3, 2, 1]
    assert whole.today.trades_usd == pytest.approx(-11.198)


def test_the_drawdown_is_of_every_mark_of_the_part() -> None:
    """The highest mark is 102 on ten shares bought at 100.02, the lowest the end."""
    path = tried(traded(kit_of()), {"max_symbol_fraction": 0.005}).path
    assert path.parts[0].today.max_drawdown == pytest.approx((100_019.8 - 99_988.802) / 100_019.8)
    assert path.parts[2].today.max_drawdown == pytest.approx(20.396 / 100_009.198)


def test_a_limit_of_nothing_denies_every_entry_and_ends_in_cash() -> None:
    trial = tried(traded(kit_of()), {"max_symbol_fraction": 0.0})

    whole = trial.path.parts[0].proposed
    assert (whole.equity_usd, whole.trades, whole.open_usd) == (100_000.0, 0, 0.0)
    assert (whole.entries, whole.denied, whole.denied_by) == (3, 3, {"RULE_005": 3})
    assert trial.decisions.consequences[0].changes == {Change.NEWLY_DENIED: 3}


def test_the_limits_of_now_play_what_the_simulated_account_really_did() -> None:
    kit = traded(kit_of())
    with kit.store.reading() as uow:
        mark = uow.accounts.last_snapshot(kit.account, 1)
    assert mark is not None
    path = tried(kit, {"max_order_usd": 500.0}).path
    assert path.today.equity[-1].portfolio_value == mark.equity


def test_what_a_denial_frees_lets_another_agent_in() -> None:
    """Of 1,000 USD for all, IWM at 20 takes 901.80 first: TSLA gets nothing, and its nine shares without."""
    house = with_digest(
        company(IWM, TSLA, max_correlated_positions=None, max_gross_exposure_fraction=0.01)
    )
    kit = kit_in_memory(company=house)
    bars = [*days_of("TSLA", (102.0,)), *days_of("IWM", (20.0,), start=20.0)]
    kit.bars.upsert(bars, source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 1), "buy", "agent_iwm", quantity=45.0)
    by_hand(kit.desk, at(0, 2), "hold", "agent_iwm")
    by_hand(kit.desk, at(0, 2), "buy", "agent_tsla", quantity=9.0)

    trial = tried(kit, {"min_stock_price_usd": 50.0}, **ONE_DAY)

    changes = {
        one.judged.row.decision.key.agent_id: one.judged.change for one in trial.decisions.entries
    }
    assert changes == {"agent_iwm": Change.NEWLY_DENIED, "agent_tsla": Change.UNCHANGED}
    now, proposed = trial.path.parts[0].today, trial.path.parts[0].proposed
    assert now.denied_by == {"RULE_006": 1}
    assert proposed.denied_by == {"RULE_020": 1}
    assert now.earned_usd == pytest.approx(-45 * 20.0 * 0.0002)
    assert proposed.earned_usd == pytest.approx(9 * (102.0 - 100.02))
    assert proposed.open_usd == pytest.approx(918.0)


def test_a_newly_allowed_entry_has_its_consequences() -> None:
    """The second entry fills at 102 x 1.0002 and is marked at 102."""
    kit = traded(kit_of(max_agent_entries_per_hour=1), (102.0,))
    by_hand(kit.desk, at(0, 8), "buy", quantity=10.0)

    [whole] = tried(kit, {"max_agent_entries_per_hour": 12}, **ONE_DAY).path.parts

    assert whole.today.denied_by == {"RULE_010": 1}
    assert whole.proposed.denied == 0
    assert whole.proposed.earned_usd - whole.today.earned_usd == pytest.approx(-10 * 0.0204)
    assert whole.proposed.open_usd == pytest.approx(1020.0)


@pytest.mark.parametrize(("on_halt", "trades"), [(OnHalt.NEXT_DAY, 2), (OnHalt.STOP, 1)])
def test_a_breaker_of_the_proposal_is_played_as_on_halt_says(on_halt: OnHalt, trades: int) -> None:
    """The first day's second entry meets the halt; the next day's meets it only where it stays."""
    kit = traded(kit_of(), (98.0,))
    kit.bars.upsert(days_of("TSLA", (98.0, 102.0)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 8), "buy", quantity=10.0)
    by_hand(kit.desk, at(0, 10), "sell")
    trade_day(kit.desk, 1)

    limits = {"max_daily_loss_fraction": 0.0002, "on_halt": on_halt}
    trial = tried(kit, limits, first="2022-12-28", last="2022-12-29", holdout=0.0)

    [whole] = trial.path.parts
    assert (whole.today.trades, whole.today.halts) == (3, {})
    assert (whole.proposed.trades, whole.proposed.halts) == (trades, {"daily_loss": 1})


def test_a_decision_on_news_is_asked_at_its_own_moment() -> None:
    kit = kit_of()
    known = at(0, 1) + timedelta(minutes=2)
    kit = replace(kit, stories=lambda _id, _symbol: known)
    kit.bars.upsert(days_of("TSLA", (102.0,)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 1), "hold")
    by_hand(kit.desk, known, "buy", quantity=10.0, story="a" * 32)
    for bar, action in ((2, "hold"), (5, "sell"), (7, "hold")):
        by_hand(kit.desk, at(0, bar), action)
    with kit.store.reading() as uow:
        mark = uow.accounts.last_snapshot(kit.account, 1)
    assert mark is not None
    assert mark.equity > 100_000.0

    trial = tried(kit, {"max_order_usd": 500.0}, **ONE_DAY)

    assert trial.path.intents.unasked == {}
    [whole] = trial.path.parts
    assert (whole.today.equity_usd, whole.today.trades) == (mark.equity, 1)
    assert (whole.proposed.equity_usd, whole.proposed.denied) == (100_000.0, 1)


def test_stocks_and_coins_share_the_account_of_the_path() -> None:
    house = with_digest(company(COIN, TSLA, max_correlated_positions=None))
    kit = kit_in_memory(company=house)
    bars = [*days_of("TSLA", (102.0, 99.0, 98.0)), *days_of("BTC/USD", (99.0, 102.0, 103.0))]
    kit.bars.upsert(bars, source="test", ingested_at=NOW)
    for day in range(3):
        for number, action in ((1, "buy"), (5, "sell"), (7, "hold")):
            for each in ("agent_btc", "agent_tsla"):
                by_hand(kit.desk, at(day, number), action, each, quantity=10.0)
    with kit.store.reading() as uow:
        mark = uow.accounts.last_snapshot(kit.account, 1)
    assert mark is not None

    trial = tried(kit, {"max_order_usd": 500.0})

    assert [leg.agent.symbol for leg in trial.path.intents.legs] == ["BTC/USD", "TSLA"]
    assert trial.path.parts[0].today.equity_usd == pytest.approx(mark.equity, abs=1e-9)
    assert trial.path.parts[0].today.trades == 6
    assert trial.decisions.consequences[0].net_usd == pytest.approx(100_000.0 - mark.equity)


def test_an_agent_without_stored_bars_is_left_out_and_named() -> None:
    kit = traded(kit_of())
    bare = replace(kit, bars=MemoryBarStore())

    trial = tried(bare, {"max_order_usd": 500.0})

    assert "agent_tsla" in trial.path.intents.left_out
    assert "no bars of TSLA" in trial.path.intents.left_out["agent_tsla"]
    assert len(trial.decisions.entries) == 3


def test_bars_that_are_missing_are_counted_with_the_answers_that_nothing_asks_for() -> None:
    """The second day's bars are gone: its buy and its sell are not on the path."""
    kit = traded(kit_of())
    bars = MemoryBarStore()
    first, _, third = days_of("TSLA", (102.0, 99.0, 98.0))
    bars.upsert([first, third], source="test", ingested_at=NOW)

    trial = tried(replace(kit, bars=bars), {"max_order_usd": 500.0})

    assert trial.path.intents.unasked == {"agent_tsla": 2}
    assert trial.path.intents.missing_bars == {"agent_tsla": 3 * 78 - 2 * 12}
    assert trial.path.parts[0].today.trades == 2


def test_a_position_that_was_open_when_the_period_began_is_not_on_the_path() -> None:
    kit = kit_of()
    kit.bars.upsert(days_of("TSLA", (102.0, 102.0, 98.0)), source="test", ingested_at=NOW)
    by_hand(kit.desk, at(0, 1), "buy", quantity=10.0)
    by_hand(kit.desk, at(1, 5), "sell")
    trade_day(kit.desk, 2)

    trial = tried(kit, {"max_order_usd": 500.0}, first="2022-12-29", last="2022-12-30")

    assert trial.decisions.open_before == 1
    assert trial.path.parts[0].today.earned_usd == pytest.approx(-20.396)
    assert trial.path.parts[0].today.entries == 1
