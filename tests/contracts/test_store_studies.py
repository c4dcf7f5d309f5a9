"""Studies and their trials, on both databases."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from tests.contracts.test_store_backtests import run
from tests.fakes.store_rows import NOON, minutes
from ztrade_core.domain.studies import Study, StudyKind, Trial
from ztrade_core.domain.time import new_york_midnight
from ztrade_core.errors import InputError
from ztrade_core.store.backtests import SqlBacktestStore
from ztrade_core.store.studies import SqlStudyStore

TRIALS = [
    Trial(
        number=number,
        parameters=(("sma_fast", 10.0 + number), ("stop_loss_fraction", 0.1 + 0.2)),
        metrics={"sharpe": number / 3, "trades": number, "calmar": None},
        why_not_compiled="a position does not lie on the lot's grid" if number == 2 else "",
    )
    for number in range(3)
]


@pytest.fixture
def studies(engine: Engine) -> SqlStudyStore:
    return SqlStudyStore(engine)


def study(study_id: str = "sw-1", minute: float = 0, **changes: object) -> Study:
    made = Study(
        study_id=study_id,
        kind=StudyKind.SWEEP,
        agent_id="agent_tsla",
        part="",
        start=NOON,
        end=minutes(99),
        config={"ranges": {"sma_fast": [10.0, 11.0]}, "seed": 7},
        summary={"trials": 3, "best": 2 / 3, "median": None, "rank_by": "sharpe"},
        run_id="bt-1",
        created_at=minutes(minute),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_study_comes_back_whole(studies: SqlStudyStore) -> None:
    studies.save(study(), TRIALS)
    assert studies.study("sw-1") == study()
    assert studies.trials("sw-1") == TRIALS
    assert studies.trials("sw-2") == []


def test_trials_come_in_the_order_tried(studies: SqlStudyStore) -> None:
    studies.save(study(), TRIALS[::-1])
    assert studies.trials("sw-1") == TRIALS


def test_the_same_study_is_replaced(studies: SqlStudyStore) -> None:
    studies.save(study(), TRIALS)
    studies.save(study(run_id=""), TRIALS[:1])
    assert studies.studies() == [study(run_id="")]
    assert studies.trials("sw-1") == TRIALS[:1]


def test_what_is_no_number_comes_back_as_its_word(studies: SqlStudyStore) -> None:
    odd = replace(TRIALS[0], metrics={"sharpe": float("nan"), "calmar": float("inf")})
    studies.save(study(), [odd])
    assert studies.trials("sw-1")[0].metrics == {"sharpe": "nan", "calmar": "inf"}


def test_a_study_is_kept_whole_or_not_at_all(studies: SqlStudyStore) -> None:
    studies.save(study(), TRIALS)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        studies.save(study(run_id="bt-2"), [TRIALS[0], TRIALS[0]])
    assert studies.studies() == [study()]
    assert studies.trials("sw-1") == TRIALS


def test_studies_come_newest_first_by_agent_and_kind(studies: SqlStudyStore) -> None:
    studies.save(study("a", 1), [])
    studies.save(study("b", 3, agent_id="agent_btc"), [])
    studies.save(study("c", 2, kind=StudyKind.WALK_FORWARD, part="2022-12"), [])
    assert [each.study_id for each in studies.studies()] == ["b", "c", "a"]
    assert [each.study_id for each in studies.studies(limit=1)] == ["b"]
    assert [each.study_id for each in studies.studies("agent_tsla")] == ["c", "a"]
    found = studies.studies(kind=StudyKind.WALK_FORWARD)
    assert [(each.study_id, each.part) for each in found] == [("c", "2022-12")]


def test_a_study_is_found_by_an_unambiguous_beginning(studies: SqlStudyStore) -> None:
    for study_id in ("sw-a", "sw-ab", "sw_c"):
        studies.save(study(study_id), [])
    found = {key: studies.study(key) for key in ("sw-a", "sw-ab", "sw_", "zz")}
    assert {key: each and each.study_id for key, each in found.items()} == {
        "sw-a": "sw-a",
        "sw-ab": "sw-ab",
        "sw_": "sw_c",
        "zz": None,
    }
    with pytest.raises(InputError, match="ambiguous"):
        studies.study("sw-")


def test_an_agents_trials_are_its_runs_and_what_its_studies_chose_from(
    studies: SqlStudyStore, engine: Engine
) -> None:
    """Studies of costs and sentiment choose nothing; nor does one of another agent or range count."""
    backtests = SqlBacktestStore(engine)
    backtests.save(replace(run("own"), metrics={"sharpe": 9.0}), [], [])
    kinds = {"s": StudyKind.SWEEP, "w": StudyKind.WALK_FORWARD}
    for minute, (study_id, kind) in enumerate(kinds.items()):
        studies.save(study(study_id, minute, kind=kind), TRIALS[: minute + 1])
    for kind in (StudyKind.COSTS, StudyKind.SENTIMENT):
        studies.save(study(kind.value, kind=kind), TRIALS)
    studies.save(study("theirs", agent_id="agent_btc"), TRIALS)
    studies.save(study("storm", status="failed: storm"), TRIALS)
    studies.save(study("before", start=minutes(-9), end=NOON), TRIALS)
    studies.save(study("after", start=minutes(99), end=minutes(200)), TRIALS)
    found = backtests.trials("agent_tsla", NOON, minutes(99))
    assert [metrics["sharpe"] for metrics in found] == [9.0, 0.0, 0.0, 1 / 3]


WALKED = Trial(
    number=0,
    parameters=(),
    metrics={"sharpe": 1.0, "days": 40, "out_of_sample_sharpe": 2.0, "out_of_sample_days": 20},
)
MONTH = new_york_midnight(date(2022, 12, 1)), new_york_midnight(date(2023, 1, 1))
BEFORE = new_york_midnight(date(2022, 10, 1))


def sharpes(engine: Engine, start: datetime, end: datetime, by: datetime | None) -> list[object]:
    found = SqlBacktestStore(engine).trials("agent_tsla", start, end, by)
    return [metrics["sharpe"] for metrics in found]


def test_a_walked_month_counts_once_in_sample_or_out_of_it(
    studies: SqlStudyStore, engine: Engine
) -> None:
    """In sample over the months before; over the month itself by what its candidates came to there."""
    begins, ends = MONTH
    walked = study(kind=StudyKind.WALK_FORWARD, part="2022-12", start=BEFORE, end=begins)
    studies.save(walked, [WALKED])
    assert sharpes(engine, BEFORE, begins, None) == [1.0]
    assert sharpes(engine, begins, ends, None) == [2.0]
    assert SqlBacktestStore(engine).trials("agent_tsla", begins, ends)[0] == {
        "sharpe": 2.0,
        "days": 20,
    }
    last_day, next_day = ends - timedelta(days=1), ends + timedelta(days=1)
    assert sharpes(engine, last_day, next_day, None) == [2.0]
    assert sharpes(engine, ends, next_day, None) == []
    assert sharpes(engine, BEFORE, ends, None) == [1.0]
    studies.save(walked, [replace(WALKED, metrics={"sharpe": 1.0})])
    assert sharpes(engine, begins, ends, None) == []


def test_what_a_study_tried_counts_for_what_came_after_it(
    studies: SqlStudyStore, engine: Engine
) -> None:
    """The month's own run, made with the study, was not chosen by what came of the others."""
    begins, ends = MONTH
    walked = study(kind=StudyKind.WALK_FORWARD, part="2022-12", start=BEFORE, end=begins)
    studies.save(walked, [WALKED])
    made, moment = walked.created_at, timedelta(seconds=1)
    for by, inside, outside in (
        (made - moment, [], []),
        (made, [1.0], []),
        (made + moment, [1.0], [2.0]),
    ):
        assert sharpes(engine, BEFORE, begins, by) == inside
        assert sharpes(engine, begins, ends, by) == outside
