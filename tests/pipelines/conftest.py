"""The real definitions on a real Dagster instance and a SQLite store with hand-made bars.

The market: TSLA in 5-minute bars from 2022-12-20 to 2022-12-29, flat at $100 with a ripple, a million
shares a bar. Nothing is patched; time in rehearsals is the run's `as_of`.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.series import series_of_closes
from ztrade_core.assembly.wires import Wires
from ztrade_core.assembly.workshop import Workshop, open_workshop
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.instruments import AssetClass
from ztrade_core.domain.time import Timeframe
from ztrade_core.ports.clock import Calendar
from ztrade_core.settings.load import Settings, load_settings
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.keys import decision_key, order_key
from ztrade_pipelines.resources import Ztrade, resource_of

PROJECT = Path(__file__).resolve().parents[2]
AS_OF = "2022-12-28T15:00:00Z"  # 10:00 New York; the last complete bar opened at 14:55Z
NEXT_BAR = "2022-12-28T15:05:00Z"
AGENT = "agent_tsla"


def flat_market(calendar: Calendar) -> BarSeries:
    """Return the bars of the hand-made market."""
    start, stop = datetime(2022, 12, 20, tzinfo=UTC), datetime(2022, 12, 30, tzinfo=UTC)
    opened = calendar.expected_bars(AssetClass.STOCK, Timeframe.M5, start, stop)
    closes = [100.0 + 0.01 * (index % 3) for index in range(len(opened))]
    volumes = [1e6] * len(opened)
    return series_of_closes("TSLA", Timeframe.M5, opened, closes, volumes=volumes, wick=0.001)


@dataclass(frozen=True, kw_only=True)
class House:
    """The definitions, an instance, and the store behind them."""

    settings: Settings
    workshop: Workshop
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def run(
        self, job: str, run_config: Mapping[str, Any] | None = None, **more: Any
    ) -> dg.ExecuteInProcessResult:
        """Execute a job in this process, as the in-process executor does."""
        return self.definitions.resolve_job_def(job).execute_in_process(
            run_config=dict(run_config or {}),
            instance=self.instance,
            raise_on_error=False,
            **more,
        )

    def events(self, result: dg.ExecuteInProcessResult, kind: dg.DagsterEventType) -> list[Any]:
        """Return a run's events of one kind as the instance's event log has them."""
        records = self.instance.get_records_for_run(result.run_id, of_type=kind).records
        return [record.event_log_entry.get_dagster_event() for record in records]

    def materialized(self, result: dg.ExecuteInProcessResult) -> list[str]:
        """Return the keys that a run materialized."""
        found = self.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION)
        return [event.asset_key.to_user_string() for event in found]

    def evaluations(
        self, result: dg.ExecuteInProcessResult, key: dg.AssetKey | None = None
    ) -> list[dg.AssetCheckEvaluation]:
        """Return a run's check evaluations on an asset, the agent's decision unless said."""
        wanted = key or decision_key(AGENT)
        found = self.events(result, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        data = [event.asset_check_evaluation_data for event in found]
        return [evaluation for evaluation in data if evaluation.asset_key == wanted]

    def skipped(self, result: dg.ExecuteInProcessResult) -> list[str]:
        """Return the steps that a run skipped."""
        return [event.step_key for event in self.events(result, dg.DagsterEventType.STEP_SKIPPED)]

    def decision_metadata(self, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
        """Return the plain values of the decision's metadata."""
        return self._metadata(result, decision_key(AGENT))

    def order_metadata(self, result: dg.ExecuteInProcessResult) -> dict[str, Any]:
        """Return the plain values of the order's metadata."""
        return self._metadata(result, order_key(AGENT))

    def _metadata(self, result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, Any]:
        for event in self.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION):
            if event.asset_key == key:
                return {name: value.value for name, value in event.materialization.metadata.items()}
        raise AssertionError(f"{key.to_user_string()} was not materialized")


def manual_buy(confidence: float = 0.9, as_of: str = AS_OF, **more: Any) -> dict[str, Any]:
    """Return the run configuration of a person's buy."""
    return {
        "as_of": as_of,
        "manual_action": "buy",
        "manual_confidence": confidence,
        "manual_rationale": "a test",
        **more,
    }


def settings_of(folder: Path, url: str, **environ: str) -> Settings:
    """Return the project's settings over a database and a data folder of a test's own."""
    variables = {
        "DATABASE_URL": url,
        "ZTRADE_DATA_DIR": str(folder / "data"),
        "ZTRADE_MARKET_DATA": "files",
        **environ,
    }
    return load_settings(root=PROJECT, environ=variables)


def house_of(
    settings: Settings,
    instance: dg.DagsterInstance,
    *,
    now: datetime | None = None,
    wires: Wires | None = None,
) -> House:
    """Build the house; `now` puts the world's clock somewhere, `wires` lead to a fake Alpaca."""
    workshop = open_workshop(settings, wires=wires)
    if now is not None:
        workshop = replace(workshop, clock=SimulatedClock(now))
    resource = resource_of(Ztrade(lambda: workshop), place="test")
    return House(
        settings=settings,
        workshop=workshop,
        definitions=build_definitions(settings, resource),
        instance=instance,
    )


def fill_store(workshop: Workshop) -> None:
    """Put the hand-made market into the store."""
    bars = flat_market(workshop.calendar)
    workshop.bars.upsert([bars], source="hand-made", ingested_at=workshop.clock.now())


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A real instance, in memory."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """The project's configuration over a fresh database."""
    return settings_of(tmp_path, sqlite_url)


@pytest.fixture
def house(settings: Settings, instance: dg.DagsterInstance) -> Iterator[House]:
    """The definitions over a store that holds the hand-made market."""
    made = house_of(settings, instance)
    fill_store(made.workshop)
    yield made
    made.workshop.engine.dispose()


@pytest.fixture
def config_copy(tmp_path: Path) -> Path:
    """A copy of config/ to be changed."""
    return Path(shutil.copytree(PROJECT / "config", tmp_path / "config"))
