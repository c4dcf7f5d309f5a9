"""A small backtest whose every decision, fill and mark is kept in `small_backtest.txt`.

Bars are made by integer arithmetic: no file, no random generator, no library whose numbers may
change. Floats are written by `repr`, so the text differs when a last bit differs. After a change
that is meant to change results:

    .venv/bin/python -m tests.golden.small_backtest

and read the difference line by line before it is committed.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fakes.desk import calendar
from tests.unit.brokers.builders import Row, series_of_rows
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.loop import LoopInput, LoopOutput, run_loop
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, StrategyChoice
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe, iso_z
from ztrade_core.trading.cycle import CycleResult

TEXT = Path(__file__).with_name("small_backtest.txt")
BARS = 156  # two sessions of five minutes
FIRST_DAY = datetime(2022, 12, 28, tzinfo=UTC)
CROSSOVER = StrategyChoice(name="sma_crossover", parameters=(("fast", 3.0), ("slow", 8.0)))
REVERSION = StrategyChoice(name="mean_reversion", parameters=(("period", 20.0),))
COINS = replace(COSTS, stock_commission_bps=1.0)
STOCK = replace(
    agent(stop_loss_fraction=0.006, take_profit_fraction=0.004, position_usd=4_000.0),
    strategy=CROSSOVER,
)
COIN = replace(
    agent("agent_btc", "BTC/USD", stop_loss_fraction=0.008, take_profit_fraction=0.005),
    strategy=REVERSION,
)


def rows_of(start_cents: int, seed: int) -> list[Row]:
    """Bars of a walk in cents, drawn by a linear congruence, with gaps, ties and dry bars."""
    rows: list[Row] = []
    state, last = seed, start_cents
    for number in range(BARS):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        draw = state // 8
        wave = start_cents * ((number * 7) % 40 - 20) // 8_000
        opening = last + (draw % 7 - 3) * (start_cents // 5_000) * (6 if draw % 31 == 0 else 1)
        closing = opening + (draw // 7 % 21 - 10) * (start_cents // 5_000) + wave // 2
        high = max(opening, closing) + draw // 147 % 5 * (start_cents // 5_000)
        low = min(opening, closing) - draw // 735 % 5 * (start_cents // 5_000)
        volume = 0.0 if draw % 41 == 0 else float(100 + draw % 900)
        rows.append((opening / 100, high / 100, low / 100, closing / 100, volume))
        last = closing
    return rows


def series_for(trader: AgentConfig) -> BarSeries:
    if trader.instrument.asset_class is AssetClass.CRYPTO:
        opened = [FIRST_DAY + timedelta(minutes=5 * number) for number in range(BARS)]
        return series_of_rows(rows_of(4_000_000, 2), trader.symbol, Timeframe.M5, opened)
    stop = FIRST_DAY + timedelta(days=2)
    opened = calendar().expected_bars(AssetClass.STOCK, Timeframe.M5, FIRST_DAY, stop)
    return series_of_rows(rows_of(20_000, 1), trader.symbol, Timeframe.M5, opened)


def small_backtest() -> str:
    """Run both agents and write down what happened."""
    lines: list[str] = []
    for trader in (STOCK, COIN):
        results: list[CycleResult] = []
        maker = StrategyMaker()
        given = LoopInput(
            company=company(STOCK, COIN, costs=COINS),
            agent=trader,
            maker=maker,
            calendar=calendar(),
            series=series_for(trader),
            first=maker.lookback_bars(trader),
            source="golden",
        )
        output = run_loop(given, watcher=results.append)
        lines += [f"# {trader.agent_id}", *decision_lines(results), *output_lines(output)]
    return "\n".join(lines) + "\n"


def decision_lines(results: list[CycleResult]) -> Iterator[str]:
    """Every decision that was not a plain hold: what was asked, what became of it."""
    for result in results:
        admission = result.validated.admission
        if admission is None:
            continue
        decision = admission.row.decision
        if decision.outcome.value == "held":
            continue
        failed = [v.rule_id for v in admission.row.verdicts if not v.passed]
        prices = (decision.limit_price, decision.stop_price, decision.target_price)
        yield (
            f"decision {decision.key.slot} {decision.proposal.action} {decision.outcome}"
            f" {decision.quantity!r} of {decision.wanted_quantity!r} at {prices!r}"
            f" failed {','.join(failed) or '-'}"
        )


def output_lines(output: LoopOutput) -> Iterator[str]:
    for fill in output.fills:
        yield (
            f"fill {iso_z(fill.timestamp)} {fill.action} {fill.quantity!r} at {fill.price!r}"
            f" pnl {fill.pnl!r}"
        )
    for point in output.equity:
        value, cash = point.portfolio_value, point.cash_balance
        yield f"equity {iso_z(point.timestamp)} {value!r} cash {cash!r}"
    yield f"outcomes {output.outcomes} denials {output.denials} halts {output.halts}"
    yield f"costs {output.commission_usd!r} {output.coin_fees_usd!r}"


if __name__ == "__main__":
    TEXT.write_text(small_backtest())
    sys.stdout.write(f"written: {TEXT}\n")
