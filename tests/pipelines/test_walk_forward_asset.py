"""Walk-forward in Dagster: monthly partitions, a range as one run, each month with its own figures.

The agent holds daily bars of TSLA as `tests.unit.studies.walk_forward_cases` has them; searched is
the size of its position.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, House, house_of, settings_of
from tests.pipelines.rehearsed import workshop_of
from tests.unit.studies.walk_forward_cases import hand_made_bars
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.domain.studies import StudyKind
from ztrade_core.domain.time import Timeframe
from ztrade_pipelines import keys
from ztrade_pipelines.backtests.walk_forward import WALK_JOB

KEY = keys.walk_forward_key(AGENT)
PLAN = """\
agent_id: agent_tsla
method: grid
samples: 10
seed: 1
rank_by: total_return
in_sample_months: 1
parameters:
  position_usd: [1000, 2000]
"""
AGENT_FILE = """\
agent_id: agent_tsla
description: Holds.
owner: desk
symbol: TSLA
timeframe: 1d
mode: strategy
breaking_news: off
strategy:
  name: buy_and_hold
  parameters: {}
allocated_usd: 10000
limits:
  stop_loss_fraction: 0.15
  take_profit_fraction: 5.0
  position_usd: 500
  risk_usd: 400
  max_daily_trades: 5
  min_confidence: 0.65
  max_consecutive_losses: 5
"""


@pytest.fixture
def holding(config_copy: Path) -> Path:
    """The configuration with an agent that holds daily bars, and two sizes to choose from."""
    (config_copy / "agents" / f"{AGENT}.yaml").write_text(AGENT_FILE)
    (config_copy / "studies" / f"{AGENT}.yaml").write_text(PLAN)
    return config_copy


def fill(workshop: Workshop) -> None:
    bars = hand_made_bars().read("TSLA", Timeframe.D1)
    workshop.bars.upsert([bars], source="hand-made", ingested_at=workshop.clock.now())


@pytest.fixture
def walking(
    tmp_path: Path, sqlite_url: str, holding: Path, instance: dg.DagsterInstance
) -> Iterator[House]:
    """The definitions over three months of hand-made daily bars."""
    settings = settings_of(tmp_path, sqlite_url, ZTRADE_CONFIG_DIR=str(holding))
    made = house_of(settings, instance)
    fill(made.workshop)
    yield made
    made.workshop.engine.dispose()


def walked(house: House, first: str, last: str) -> dg.ExecuteInProcessResult:
    """Materialize a range of months as one run."""
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return house.run(WALK_JOB, asset_selection=[KEY], tags=tags)


def months_of(house: House, result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """The metadata of a run's materializations by partition."""
    found = house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION)
    return {str(one.partition): dict(one.materialization.metadata) for one in found}


def failure(house: House, result: dg.ExecuteInProcessResult) -> str:
    assert not result.success
    [event] = house.events(result, dg.DagsterEventType.STEP_FAILURE)
    return str(event.step_failure_data.user_failure_data.description)


def test_a_range_of_months_is_one_run_and_each_month_has_its_own_figures(walking: House) -> None:
    """December chooses $2,000 and loses, January chooses $1,000 and gains."""
    result = walked(walking, "2022-12", "2023-01")

    assert result.success
    months = months_of(walking, result)
    assert list(months) == ["2022-12", "2023-01"]
    december, january = months.values()
    assert december["chosen"].value == "position_usd=2000"
    assert january["chosen"].value == "position_usd=1000"
    for name in ("in_sample_total_return", "out_of_sample_total_return", "degradation_per_day"):
        assert isinstance(december[f"month/{name}"], dg.FloatMetadataValue), name
    assert december["month/out_of_sample_total_return"].value < -0.01
    assert january["month/out_of_sample_total_return"].value > 0.0
    assert [row.data["parameters"] for row in december["best_in_sample"].records] == [
        "position_usd=2000",
        "position_usd=1000",
    ]
    assert "data:image/png;base64," in december["equity"].value


def test_the_last_month_of_a_run_carries_the_whole(walking: House) -> None:
    result = walked(walking, "2022-12", "2023-01")

    december, january = months_of(walking, result).values()
    assert not any(name.startswith("whole/") for name in december)
    assert january["whole/months"].value == 2.0
    assert january["whole/profitable_share"].value == 0.5
    assert "data:image/png;base64," in january["whole/picture"].value
    assert [row.data["month"] for row in january["whole/months_judged"].records] == [
        "2022-12",
        "2023-01",
    ]


def test_months_are_stored_with_their_trials_and_backtests(walking: House) -> None:
    walked(walking, "2022-12", "2023-01")

    studies = walking.workshop.studies.studies(AGENT, StudyKind.WALK_FORWARD)
    assert sorted(study.part for study in studies) == ["2022-12", "2023-01"]
    for study in studies:
        assert len(walking.workshop.studies.trials(study.study_id)) == 2
        run = walking.workshop.backtests.run(study.run_id)
        assert run is not None
        assert run.metrics["total_return"] == study.summary["out_of_sample_total_return"]
    begin, end = datetime(2022, 11, 1, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC)
    assert len(walking.workshop.backtests.trials(AGENT, begin, end)) == 2


def test_a_month_that_cannot_be_judged_fails_and_the_others_stay(walking: House) -> None:
    result = walked(walking, "2022-11", "2022-12")

    assert failure(walking, result).startswith("2022-11: too early: 1 month in sample before it")
    assert list(months_of(walking, result)) == ["2022-12"]
    assert walking.instance.get_materialized_partitions(KEY) == {"2022-12"}


def test_many_months_that_cannot_be_judged_are_one_line(walking: House) -> None:
    """January follows bars, February to June do not: the first three are told, the others counted."""
    said = failure(walking, walked(walking, "2023-02", "2023-06"))

    assert said.startswith("5 of 5 months are not judged: 2023-02: no bars of TSLA 1d from ")
    assert said.endswith("; and 2 more, in the run's log")
    assert "\n" not in said


def test_one_month_alone_is_a_partition(walking: House) -> None:
    job = walking.definitions.resolve_job_def(WALK_JOB)
    result = job.execute_in_process(
        instance=walking.instance, asset_selection=[KEY], partition_key="2022-12"
    )

    assert result.success
    assert walking.instance.get_materialized_partitions(KEY) == {"2022-12"}


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (PLAN.replace("[1000, 2000]", "[1000]"), "nothing to choose: one candidate is left"),
        (PLAN.replace("position_usd", "sma_fast"), "sma_fast: unknown parameter of agent_tsla"),
        (
            PLAN.replace("rank_by: total_return", "rank_by: luck"),
            "rank_by: luck is nothing to rank by",
        ),
    ],
)
def test_a_plan_that_cannot_choose_says_so_once(
    walking: House, holding: Path, plan: str, said: str
) -> None:
    (holding / "studies" / f"{AGENT}.yaml").write_text(plan)
    told = failure(walking, walked(walking, "2022-12", "2023-01"))

    assert told.count(said) == 1
    assert "\n" not in told


def test_partitions_are_complete_new_york_months(walking: House) -> None:
    """From config/market_data.yaml's `history_start` to the last month that is over."""
    months = walking.definitions.resolve_assets_def(KEY).partitions_def
    assert isinstance(months, dg.MonthlyPartitionsDefinition)
    now = datetime(2022, 12, 31, 23, tzinfo=UTC)
    keys = months.get_partition_keys(current_time=now)
    assert (keys[0], keys[-1]) == ("2018-01", "2022-11")
    window = months.time_window_for_partition_key("2022-11")
    assert window.start.astimezone(UTC) == datetime(2022, 11, 1, 4, tzinfo=UTC)
    assert window.end.astimezone(UTC) == datetime(2022, 12, 1, 5, tzinfo=UTC)


def test_a_range_backfills_as_one_run_in_the_backtests_pool(walking: House) -> None:
    asset = walking.definitions.resolve_assets_def(KEY)
    assert asset.backfill_policy == dg.BackfillPolicy.single_run()
    assert asset.op.pool == "backtest"


@pytest.fixture
def terminal(tmp_path: Path, sqlite_template: Path, holding: Path) -> Terminal:
    """A terminal on the same months."""
    made = Terminal(tmp_path / "terminal")
    made.environment["ZTRADE_CONFIG_DIR"] = str(holding)
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    fill(workshop)
    workshop.engine.dispose()
    return made


def test_the_command_runs_what_is_missing_and_shows_every_month(terminal: Terminal) -> None:
    """A second call runs no month again; --again does."""
    words = ("study", "walk-forward", AGENT)
    shown = terminal.spawn(*words)
    assert shown.code == 0, shown.err
    for said in ("2022-12", "2023-01", "position_usd=2000", "agent_tsla walk-forward, 2022-12 to"):
        assert said in shown.out, said
    first = terminal.spawn(*words, "--json").document()
    second = terminal.spawn(*words, "--json").document()
    assert [month["part"] for month in first["months"]] == ["2022-12", "2023-01"]
    assert first == second
    again = terminal.spawn(*words, "--from", "2023-01", "--again", "--json").document()
    assert [month["part"] for month in again["months"]] == ["2023-01"]
    assert again["months"][0]["study_id"] == first["months"][1]["study_id"]
    assert again["months"][0]["created_at"] > first["months"][1]["created_at"]


def test_a_month_is_shown_in_sample_and_out_of_it_and_not_as_a_find(terminal: Terminal) -> None:
    judged = terminal.spawn("study", "walk-forward", AGENT, "--json").document()["months"]
    study_id = judged[0]["study_id"]
    shown = terminal.type("study", "show", study_id)
    assert shown.code == 0, shown.err
    for said in (
        "walk-forward of 2022-12",
        "in sample      2022-11-01 to 2022-11-30, 21 bars",
        "rank 2 of 2 out of sample",
        "chosen by total_return of 2: position_usd=2000",
        "Best 2 of 2 candidates in sample, by total_return",
        "ztrade backtest show bt-",
    ):
        assert said in shown.out, said
    assert "more than luck" not in shown.out
    document = terminal.type("study", "show", study_id, "--json").document()
    assert document["chosen"] == {"position_usd": 2000.0}
    best, judged_on = document["best_trials"][0]["metrics"], document["summary"]
    assert best["out_of_sample_total_return"] == judged_on["out_of_sample_total_return"] < 0.0
    assert "overfit" not in document
    listed = terminal.type("study", "list", COLUMNS="100")
    assert study_id in listed.out
    assert "walk-forward 2022-12" in listed.out


def test_the_command_shows_what_was_judged_and_fails_for_the_rest(terminal: Terminal) -> None:
    shown = terminal.spawn("study", "walk-forward", AGENT, "--from", "2022-11", "--to", "2022-12")
    assert (shown.code, shown.err.count("\n")) == (2, 1)
    assert "2022-11: too early" in shown.err
    assert "position_usd=2000" in shown.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent_nobody",), "no agent 'agent_nobody' in config/agents"),
        ((AGENT, "--from", "May"), "month 'May': write a year and a month like 2022-05"),
        ((AGENT, "--from", "2023-01", "--to", "2022-12"), "from 2023-01 is after to 2022-12"),
        ((AGENT, "--from", "2017-12"), "from 2017-12 is before 2018-01, where history begins"),
        ((AGENT, "--from", "2023-01", "--to", "2199-01"), "2199-01: runs until 2199-02-01"),
        (("agent_btc",), "no bars of BTC/USD 1h in the store"),
    ],
)
def test_the_command_refuses_in_one_line(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    refused = terminal.type("study", "walk-forward", *words)
    assert (refused.code, refused.err.count("\n"), refused.out) == (2, 1, "")
    assert said in refused.err
