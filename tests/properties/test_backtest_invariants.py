"""What holds of every backtest, on random bars full of gaps, touched levels and dry bars.

The loop's fills and equity are those of a plain reimplementation, to the last bit; equity is cash
plus marked positions; nothing fills early, oversells or borrows; later bars change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.desk import SESSION_BARS, bar, calendar
from tests.fakes.desk_makers import proposal
from tests.unit.backtest.builders import COIN, STOCK, bars_of, loop_input, wide_open
from tests.unit.backtest.plain_engine import Row, Terms, Wish, plain_backtest
from tests.unit.risk.builders import COSTS
from ztrade_core.backtest.loop import LoopInput, LoopOutput, _desk, _opening, run_loop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import Costs, StopReference
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.orders import Fill, Side
from ztrade_core.domain.time import Timeframe
from ztrade_core.trading.cycle import CycleResult, run_cycle
from ztrade_core.trading.desk import CycleRequest

CENTS = st.sampled_from([0, 0, 0, 1, -1, 2, -2, 20, 21, -100, 100, -300, -299, 301, 600, -900, 601])
WICKS = st.sampled_from([0, 0, 1, 2, 20, 100, 300, 301, 600, 601])
VOLUMES = st.sampled_from([0.0, 9.0, 95.0, 1000.0, 1000.0, 1e6])
WISHES = st.sampled_from(
    [("buy", 10.0), ("buy", 7.0), ("buy", 0.12345678), ("sell", None), ("sell", 3.0), ("sell", 0.1)]
)


@dataclass(frozen=True)
class Case:
    """Bars with gaps in time, wishes by bar, and the terms."""

    rows: list[Row]
    opened: list[datetime]
    wishes: dict[int, Wish]
    terms: Terms

    @property
    def series(self) -> BarSeries:
        return bars_of(
            self.rows, trader=COIN if self.terms.is_crypto else STOCK, opened=self.opened
        )

    @property
    def closing(self) -> frozenset[int]:
        """The bars that complete when a session closes."""
        return frozenset(
            number
            for number, opened in enumerate(self.opened)
            if not calendar().entry_session(
                AssetClass.STOCK,
                Timeframe.M5,
                opened,
                calendar().completes_at(AssetClass.STOCK, Timeframe.M5, opened),
            )[0]
        )

    @property
    def loop(self) -> LoopInput:
        answers = {
            number: proposal(action, **({} if wanted is None else {"quantity": wanted}))
            for number, (action, wanted) in self.wishes.items()
        }
        trader = COIN if self.terms.is_crypto else STOCK
        house = wide_open(costs=costs_of(self.terms))
        return loop_input(self.series, answers, trader=trader, house=house)


def costs_of(terms: Terms) -> Costs:
    return replace(
        COSTS,
        stock_commission_bps=terms.commission_bps,
        crypto_commission_bps=terms.commission_bps,
        slippage_bps=terms.slippage_bps,
        collar_bps=terms.collar_bps,
        stop_reference=StopReference.FILL if terms.from_fill else StopReference.DECISION,
    )


@st.composite
def random_rows(draw: st.DrawFn, count: int, start_cents: int) -> list[Row]:
    rows: list[Row] = []
    last = start_cents
    for _ in range(count):
        opening = max(last + draw(CENTS), 600)
        closing = max(opening + draw(CENTS), 600)
        high = max(opening, closing) + draw(WICKS)
        low = max(min(opening, closing) - draw(WICKS), 1)
        rows.append((opening / 100, high / 100, low / 100, closing / 100, draw(VOLUMES)))
        last = closing
    return rows


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, 30))
    numbers = draw(
        st.lists(st.integers(0, 45), min_size=count, max_size=count, unique=True).map(sorted)
    )
    start = draw(st.sampled_from([0, SESSION_BARS - 20]))
    opened = [moment(start + number) for number in numbers]
    rows = draw(random_rows(count, draw(st.sampled_from([2_000, 10_000, 10_001]))))
    wishes = draw(st.dictionaries(st.integers(0, count - 1), WISHES, max_size=count))
    terms = Terms(
        is_crypto=draw(st.booleans()),
        commission_bps=draw(st.sampled_from([0.0, 1.0, 25.0])),
        slippage_bps=draw(st.sampled_from([0.0, 2.0, 10.0])),
        collar_bps=draw(st.sampled_from([None, 0.0, 20.0])),
        from_fill=draw(st.booleans()),
    )
    return Case(rows=rows, opened=opened, wishes=wishes, terms=terms)


def moment(number: int) -> datetime:
    """Bar `number` of two sessions on end."""
    nightly = calendar().expected_bars(
        AssetClass.STOCK, Timeframe.M5, bar(0), bar(SESSION_BARS * 5)
    )
    return nightly[number]


def told(output: LoopOutput) -> list[tuple[str, float, float]]:
    """The loop's fills in the words of the plain engine."""
    words = {"buy": "entry"}
    return [
        (
            words.get(fill.action) or fill.action.removeprefix("sell (").removesuffix(")"),
            fill.quantity,
            fill.price,
        )
        for fill in output.fills
    ]


@given(cases())
def test_the_loop_equals_a_plain_reimplementation_to_the_last_bit(case: Case) -> None:
    output = run_loop(case.loop)
    closing = frozenset() if case.terms.is_crypto else case.closing
    fills, equity = plain_backtest(case.rows, case.wishes, case.terms, closing)
    assert told(output) == [(why, quantity, price) for _, why, quantity, price in fills]
    assert [point.portfolio_value for point in output.equity] == equity


@given(cases())
def test_equity_is_cash_plus_marked_positions_and_nothing_is_borrowed(case: Case) -> None:
    clock = SimulatedClock(_opening(case.loop))
    desk = _desk(case.loop, case.loop.company, clock)
    agent = case.loop.agent
    for at, row in zip(completions(case), case.rows, strict=True):
        clock.advance_to(at)
        run_cycle(desk, CycleRequest(agent_id=agent.agent_id, as_of=at, holder="test"))
        held = desk.broker.positions().get(agent.symbol, 0.0)
        cash = desk.broker.cash()
        assert held >= 0.0
        assert cash >= 0.0
        assert cash == cash_from_fills(desk.broker.fills())
        with desk.store.reading() as uow:
            mark = uow.accounts.last_snapshot(desk.account, 1)
            ours = uow.positions.get(desk.account, 1, agent.agent_id)
        assert mark is not None
        assert (mark.at, mark.cash) == (at, cash)
        assert mark.equity == (cash + held * row[3] if held else cash)
        assert (0.0 if ours is None else float(ours.quantity)) == held


def completions(case: Case) -> list[datetime]:
    asset_class = case.loop.agent.instrument.asset_class
    return [calendar().completes_at(asset_class, Timeframe.M5, opened) for opened in case.opened]


def cash_from_fills(fills: Sequence[Fill]) -> float:
    cash = 100_000.0
    for fill in fills:
        notional = float(fill.quantity) * float(fill.price)
        signed = -notional if fill.side is Side.BUY else notional
        cash = cash + signed - float(fill.fee_usd)
    return cash


@given(cases())
def test_a_fill_comes_after_the_bar_it_was_decided_on(case: Case) -> None:
    output = run_loop(case.loop)
    opens = list(case.opened)
    for fill in output.fills:
        if fill.action not in {"buy", "sell (exit)"}:
            continue
        wanted = "buy" if fill.action == "buy" else "sell"
        decided = [opens[n] for n, (action, _) in case.wishes.items() if action == wanted]
        ours = case.terms.is_crypto and wanted == "sell"  # a passed target asks for itself
        assert ours or any(before < fill.timestamp for before in decided)


@given(cases(), st.integers(1, 29))
@settings(max_examples=25)
def test_later_bars_change_no_earlier_decision(case: Case, kept: int) -> None:
    kept = min(kept, len(case.rows))
    short = Case(
        rows=case.rows[:kept],
        opened=case.opened[:kept],
        wishes={number: wish for number, wish in case.wishes.items() if number < kept},
        terms=case.terms,
    )
    early: list[CycleResult] = []
    late: list[CycleResult] = []
    before, after = (
        run_loop(short.loop, watcher=early.append),
        run_loop(case.loop, watcher=late.append),
    )
    assert [r.head for r in early] == [r.head for r in late][:kept]
    assert before.equity == after.equity[:kept]
    assert before.fills == after.fills[: len(before.fills)]


@given(cases())
@settings(max_examples=10)
def test_the_same_backtest_twice_is_the_same(case: Case) -> None:
    assert run_loop(case.loop) == run_loop(case.loop)
