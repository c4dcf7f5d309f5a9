"""The breakers between cycles: what a cycle would trip, the sensor trips; a person's resume holds."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
import numpy as np
import pytest

from tests.fakes.by_hand import said
from tests.fakes.series import series_of_closes
from tests.pipelines.conftest import AGENT, House
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, to_micros
from ztrade_core.trading.cycle import run_cycle
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.marking import marks_of, store_mark
from ztrade_core.trading.override import resume
from ztrade_pipelines.resources import Ztrade

DECIDED = datetime(2022, 12, 28, 15, 0, 2, tzinfo=UTC)
FILLED = datetime(2022, 12, 28, 15, 10, 2, tzinfo=UTC)
FALLEN = datetime(2022, 12, 28, 15, 15, 2, tzinfo=UTC)
FALL = datetime(2022, 12, 28, 15, 10, tzinfo=UTC)  # the open of the bar that is complete by then


def decide(house: House, action: str) -> None:
    """Run a cycle of the paper account with a person's decision."""
    at = house.workshop.clock.now()
    request = CycleRequest(agent_id=AGENT, as_of=at, holder=f"run-{at:%M}", writer=said(action))
    run_cycle(house.workshop.live_desk(), request)


def look(house: House) -> Any:
    """Evaluate the sensor once."""
    context = dg.build_sensor_context(
        instance=house.instance,
        resources={"ztrade": Ztrade(lambda: house.workshop)},
        repository_def=house.definitions.get_repository_def(),
    )
    return house.definitions.resolve_sensor_def("circuit_breakers").evaluate_tick(context)


def fall(house: House, close: float) -> None:
    """Let the stored market fall to a price."""
    bar = series_of_closes("TSLA", Timeframe.M5, [FALL], [close])
    house.workshop.bars.upsert([bar], source="hand-made", ingested_at=FALLEN, replace=True)


def halts(house: House) -> list[tuple[str, str | None, str]]:
    """Return the standing halts of the paper account: kind, agent, who."""
    with house.workshop.store.reading() as uow:
        return [(each.kind, each.agent_id, each.who) for each in uow.halts.standing("paper")]


def stored_marks(house: House) -> int:
    """Return how many marks of the account are stored."""
    with house.workshop.store.reading() as uow:
        return len(uow.accounts.snapshots("paper", 1))


@pytest.fixture
def holding(house: House) -> House:
    """The paper account with a position, between two cycles."""
    clock = SimulatedClock(DECIDED)
    live = replace(house, workshop=replace(house.workshop, clock=clock))
    decide(live, "buy")
    clock.advance_to(FILLED)
    decide(live, "hold")
    clock.advance_to(FALLEN)
    return live


def test_the_breakers_run_from_the_start_once_a_minute(house: House) -> None:
    sensor = house.definitions.resolve_sensor_def("circuit_breakers")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 60
    assert sensor.job_name == "reconcile"


def test_an_account_that_never_traded_trips_nothing(house: House) -> None:
    assert look(house).skip_message == "no breaker tripped now"
    assert halts(house) == []


def test_a_quiet_account_trips_nothing_and_stores_no_mark(holding: House) -> None:
    before = stored_marks(holding)
    data = look(holding)
    assert data.run_requests == []
    assert data.skip_message == "no breaker tripped now"
    assert (halts(holding), stored_marks(holding)) == ([], before)


def test_a_loss_between_cycles_halts_once_and_is_recorded(holding: House) -> None:
    fall(holding, 20.0)
    [request] = look(holding).run_requests
    assert request.run_key.startswith("circuit_breakers:")
    assert request.tags["ztrade/reason"] == "circuit_breaker"
    assert halts(holding) == [("daily_loss", None, "breaker")]
    assert look(holding).run_requests == []
    assert len(halts(holding)) == 1


def test_a_stop_that_the_account_has_not_played_yet_is_worth_its_own_price(holding: House) -> None:
    """46 shares at 100.02: at the close of 20 that reads as 3.7 %, and 0.14 % at the stop of 97.02."""
    stamps = np.array([to_micros(FALL)], dtype=np.int64)
    prices = [np.array([each]) for each in (100.0, 100.0, 20.0, 20.0, 1e6)]
    opened, high, low, close, volume = prices
    bars = BarSeries(
        symbol="TSLA",
        timeframe=Timeframe.M5,
        timestamps=stamps,
        opens=opened,
        highs=high,
        lows=low,
        closes=close,
        volumes=volume,
    )
    holding.workshop.bars.upsert([bars], source="hand-made", ingested_at=FALLEN, replace=True)

    assert look(holding).skip_message == "no breaker tripped now"
    decide(holding, "hold")
    assert halts(holding) == []


def test_a_resume_by_a_person_is_not_undone_by_the_same_loss(holding: House) -> None:
    fall(holding, 20.0)
    look(holding)
    resume(holding.workshop.live_desk(), who="ada", why="seen", at=FALLEN)
    assert look(holding).run_requests == []
    assert halts(holding) == []


def test_the_next_cycle_finds_the_halt_and_sets_no_second(holding: House) -> None:
    fall(holding, 20.0)
    look(holding)
    decide(holding, "hold")
    assert halts(holding) == [("daily_loss", None, "breaker")]


def test_a_split_that_the_account_is_not_rebased_for_is_no_loss(holding: House) -> None:
    """46 shares at 100.02 over a split of 3: at a third of the price that would read as 3.07 %."""
    last, night = (
        datetime(2022, 12, 28 + day, hour, 55, tzinfo=UTC) for day, hour in ((0, 20), (1, 6))
    )
    workshop, ex_date = holding.workshop, date(2022, 12, 29)
    bar = series_of_closes("TSLA", Timeframe.M5, [last], [100.02])
    workshop.bars.upsert([bar], source="alpha_vantage:raw", ingested_at=last, replace=True)
    base = marks_of(workshop.live_desk(), workshop.market().view(FALLEN))
    store_mark(workshop.live_desk(), datetime(2022, 12, 29, 5, 0, tzinfo=UTC), "day_base", base)
    workshop.splits.put([Split(symbol="TSLA", ex_date=ex_date, ratio=3.0, source="by hand")])
    clock = SimulatedClock(night)
    asleep = replace(holding, workshop=replace(workshop, clock=clock))

    mark = asleep.workshop.market().view(night).mark("TSLA", Timeframe.M5)
    assert mark == pytest.approx(33.34)
    assert look(asleep).skip_message == "TSLA awaits its split of 2022-12-29: the next cycle judges"
    assert halts(asleep) == []
