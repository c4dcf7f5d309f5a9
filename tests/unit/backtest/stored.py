"""Stored runs of the real loop on hand-made bars, for whatever reads them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import calendar
from tests.fakes.desk_makers import ScriptedMaker, proposal
from tests.unit.backtest.builders import STOCK, bars_of, script_of, wide_open
from ztrade_core.backtest.runs import BacktestResult, Bench, run_and_store
from ztrade_core.backtest.tear_sheet_content import Archive
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.decisions import Proposal
from ztrade_core.ports.backtests import BacktestStore

NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
DAYS = [datetime(2022, 12, day, 14, 30, tzinfo=UTC) for day in (27, 28, 29)]
BARS_A_DAY = 12
OPENED = [day + timedelta(minutes=5 * number) for day in DAYS for number in range(BARS_A_DAY)]
SERIES = bars_of(
    [(100.0 + n / 10, 101.0 + n / 10, 99.5 + n / 10, 100.2 + n / 10) for n in range(36)],
    opened=OPENED,
)
BUY, SELL = proposal("buy", quantity=10.0), proposal("sell")
TRADING = {3: BUY, 6: SELL, 13: BUY, 18: SELL, 20: BUY, 30: SELL}


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A finished run and where it is kept."""

    result: BacktestResult
    archive: Archive
    bars: MemoryBarStore


def stored_run(
    backtests: BacktestStore,
    answers: Mapping[int, Proposal] = TRADING,
    *,
    source: str = "test",
    end: str = "2022-12-29",
    now: datetime = NOW,
) -> Stored:
    """Run the scripted answers over the bars and keep the run."""
    bars = MemoryBarStore()
    bars.upsert([SERIES], source=source, ingested_at=NOW)
    house = wide_open()
    script = script_of(SERIES, answers, STOCK.agent_id)
    bench = Bench(
        company=house,
        bars=bars,
        backtests=backtests,
        calendar=calendar(),
        clock=SimulatedClock(now),
        maker_of=lambda _: ScriptedMaker(script),
    )
    result = run_and_store(bench, STOCK.agent_id, "2022-12-27", end)
    archive = Archive(company=house, bars=bars, backtests=backtests, calendar=calendar())
    return Stored(result=result, archive=archive, bars=bars)
