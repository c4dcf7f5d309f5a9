from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.exam_table import IS_FULL
from tests.properties.oracle_cases import cases, cents, rooms, sound_cases
from tests.properties.oracle_rules import ORACLE
from tests.unit.risk.builders import (
    BTC,
    NAN,
    TSLA,
    agent,
    book,
    buy,
    case,
    company,
    conduct,
    open_entry,
    past,
    position,
)
from ztrade_core.domain.orders import Side
from ztrade_core.risk.arithmetic import entry_notional_usd
from ztrade_core.risk.case import RiskCase, fee_bps_of
from ztrade_core.risk.judge import denials, judge, rules_for
from ztrade_core.risk.sizing import EntryPlan, Sizing, size_entry


def campaign(full: int) -> Any:
    """Settings of a property: its whole campaign in the exam, a tenth of it otherwise."""
    return settings(
        max_examples=full if IS_FULL else full // 10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def denied(each: RiskCase) -> set[str]:
    return {verdict.rule_id for verdict in denials(each, judge(each, rules_for(each.company)))}


@campaign(10000)
@given(st.one_of(cases(), sound_cases()))
def test_every_rule_says_what_the_oracle_says(each: RiskCase) -> None:
    verdicts = judge(each, rules_for(each.company))
    ours = {verdict.rule_id: verdict.passed for verdict in verdicts}
    assert ours == {rule_id: oracle(each) for rule_id, oracle in ORACLE.items()}
    assert not any("could not judge" in verdict.message for verdict in verdicts)


@campaign(5000)
@given(cases(), st.one_of(st.floats(1, 1000), st.just(1.0000001), st.floats(1.0, 1.01)))
def test_a_denied_order_stays_denied_when_larger(each: RiskCase, factor: float) -> None:
    order = each.candidate
    if order is None or order.side is not Side.BUY or order.quantity <= 0:
        return
    larger = replace(
        order, quantity=order.quantity * factor, notional_usd=order.notional_usd * factor
    )
    assert denied(each) <= denied(replace(each, candidate=larger))


@campaign(5000)
@given(
    sound_cases(),
    cents(5, 3000),
    st.sampled_from((0.005, 0.01, 0.03, 0.2)),
    st.one_of(st.none(), st.floats(0, 1e6)),
)
def test_sizing_never_yields_an_order_that_a_limit_denies(
    each: RiskCase, price: float, distance: float, wanted: float | None
) -> None:
    sizing, plan = sized(each, price, distance, wanted)
    if sizing.quantity == 0.0:
        return
    order = buy(
        sizing.notional_usd,
        agent_id=each.agent.agent_id,
        symbol=each.agent.symbol,
        quantity=sizing.quantity,
        limit_price=price,
        stop_price=plan.stop_price,
        target_price=None,
    )
    market, desk = replace(each.market, close=price), replace(each.desk, mark=price)
    assert denied(replace(each, candidate=order, market=market, desk=desk)) == set()


@campaign(5000)
@given(
    sound_cases(),
    cents(5, 3000),
    st.sampled_from((0.005, 0.01, 0.03, 0.2)),
    st.one_of(st.none(), st.floats(0, 1e6)),
)
def test_one_lot_more_than_the_size_would_break_a_bound(
    each: RiskCase, price: float, distance: float, wanted: float | None
) -> None:
    """A size is the largest: a lot more (and a millionth, for the tolerance) is over some bound."""
    sizing, plan = sized(each, price, distance, wanted)
    lot = 1e-8 if "/" in each.agent.symbol else 1.0
    quantity = (sizing.quantity + lot) * 1.000001
    fee_bps = 25.0 if "/" in each.agent.symbol else 0.0
    cost = quantity * price * (1 + fee_bps / 10000)
    assert (
        cost > min(rooms(each.company, each.agent, each.book))
        or cost * distance > each.agent.limits.risk_usd
        or quantity > plan.bar_volume * 0.1
        or (wanted is not None and quantity > wanted)
    )


def sized(
    each: RiskCase, price: float, distance: float, wanted: float | None
) -> tuple[Sizing, EntryPlan]:
    plan = EntryPlan(
        limit_price=price, stop_price=price * (1 - distance), bar_volume=12345.0, wanted=wanted
    )
    return size_entry(each.company, each.agent, each.book, plan), plan


def sound_entry(who: Any) -> RiskCase:
    price = 100.0
    order = buy(
        entry_notional_usd(10.0, price, fee_bps_of(company().broker.costs, who.instrument)),
        agent_id=who.agent_id,
        symbol=who.symbol,
        limit_price=price,
        stop_price=97.0,
        target_price=106.0,
    )
    standing = book(position(), open_entries=(open_entry("agent_x", "X", 500.0),))
    earlier = past(100.0, agent_id=who.agent_id, symbol=who.symbol)
    return case(order, standing, agent=who, desk=conduct(entries=(earlier,)))


def in_order(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(each, candidate=replace(each.candidate, **changes))


def in_book(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(each, book=replace(each.book, **changes))


def in_position(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(
        each, book=replace(each.book, positions=(replace(each.book.positions[0], **changes),))
    )


def in_limits(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(each, company=company(**changes))


def in_market(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(each, market=replace(each.market, **changes))


def in_agent(**changes: float) -> Callable[[RiskCase], RiskCase]:
    return lambda each: replace(
        each, agent=agent(each.agent.agent_id, each.agent.symbol, **changes)
    )


SPOILED: dict[str, Callable[[RiskCase], RiskCase]] = {
    **{
        f"order.{name}": in_order(**{name: NAN})
        for name in (
            "quantity",
            "limit_price",
            "stop_price",
            "target_price",
            "notional_usd",
            "confidence",
        )
    },
    **{
        f"book.{name}": in_book(**{name: NAN})
        for name in ("equity", "day_base_equity", "peak_equity")
    },
    **{
        f"position.{name}": in_position(**{name: NAN})
        for name in ("quantity", "mark", "protected_quantity", "stop_price")
    },
    **{
        f"limits.{name}": in_limits(**{name: NAN})
        for name in (
            "max_agent_exposure_fraction",
            "max_daily_loss_fraction",
            "max_symbol_fraction",
            "max_gross_exposure_fraction",
            "max_drawdown_fraction",
            "max_clock_skew_seconds",
            "duplicate_window_seconds",
            "max_entries_per_minute",
            "max_agent_entries_per_hour",
            "max_price_gap_bps",
            "min_stop_distance_fraction",
            "max_stop_distance_fraction",
            "max_order_usd",
            "max_order_position_multiple",
            "max_order_volume_multiple",
            "max_reconciliation_age_seconds",
            "max_failures_in_a_row",
        )
    },
    **{f"agent.{name}": in_agent(**{name: NAN}) for name in ("position_usd", "min_confidence")},
    "open_entry.reserved_usd": lambda each: replace(
        each, book=replace(each.book, open_entries=(open_entry("agent_x", "X", NAN),))
    ),
    **{
        f"market.{name}": in_market(**{name: NAN})
        for name in ("clock_skew_seconds", "close", "volume")
    },
    "desk.mark": lambda each: replace(each, desk=replace(each.desk, mark=NAN)),
}


@pytest.mark.parametrize("who", [TSLA, BTC], ids=["stock", "crypto"])
@pytest.mark.parametrize("place", SPOILED)
def test_nan_anywhere_in_the_numbers_denies(place: str, who: Any) -> None:
    sound = sound_entry(who)
    assert denied(sound) == set()
    assert denied(SPOILED[place](sound)) != set()


def test_a_nan_threshold_correlates_everything() -> None:
    four = book(*(position(f"a{i}", f"S{i}", 10.0) for i in range(3)))
    each = case(buy(), four, company=company(correlation_threshold=NAN))
    assert "RULE_004" in denied(each)


def test_a_nan_price_floor_denies_stocks() -> None:
    each = replace(sound_entry(TSLA), company=company(min_stock_price_usd=NAN))
    assert "RULE_020" in denied(each)
