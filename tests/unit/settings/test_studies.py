"""config/studies: what is searched, and one line for everything that is wrong with it."""

import pytest
from pydantic import ValidationError

from tests.unit.settings.conftest import Project
from ztrade_core.domain.studies import SearchMethod, StudyPlan
from ztrade_core.errors import ConfigError, InputError
from ztrade_core.performance.definitions import METRICS
from ztrade_core.settings.agent_file import LimitsSection
from ztrade_core.settings.studies import load_study_plan, with_search
from ztrade_core.studies.candidates import RANKABLE, combinations
from ztrade_core.studies.parameters import LIMITS

TSLA = "config/studies/agent_tsla.yaml"
HEAD = """\
agent_id: agent_tsla
method: grid
samples: 100
seed: 7
rank_by: sharpe
in_sample_months: 6
parameters:
"""


def plan_of(project: Project, parameters: str, head: str = HEAD) -> StudyPlan:
    """The plan of a file with these lines under `parameters`."""
    lines = "".join(f"  {line}\n" for line in parameters.splitlines())
    project.path(TSLA).write_text(head + lines)
    return load_study_plan(project.load(), "agent_tsla")


def refusal(project: Project, parameters: str, head: str = HEAD) -> str:
    with pytest.raises(ConfigError) as caught:
        plan_of(project, parameters, head)
    message = str(caught.value)
    assert message.startswith(f"{TSLA}: "), message
    assert message.isprintable()
    return message.removeprefix(f"{TSLA}: ")


@pytest.mark.parametrize("agent_id", ["agent_tsla", "agent_iwm", "agent_btc"])
def test_the_shipped_files_can_be_searched(project: Project, agent_id: str) -> None:
    plan = load_study_plan(project.load(), agent_id)
    assert plan.agent_id == agent_id
    assert combinations(plan) >= plan.samples == 10_000
    assert {"stop_loss_fraction", "take_profit_fraction"} <= dict(plan.ranges).keys()


def test_steps_are_decimal_and_both_ends_are_included(project: Project) -> None:
    """0.1 + 0.1 + 0.1 in binary is not 0.3."""
    plan = plan_of(project, "exit_technical: {from: 0.1, to: 0.7, step: 0.1}")
    assert plan.ranges == (("exit_technical", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)),)


def test_a_span_may_run_down_and_a_list_in_any_order(project: Project) -> None:
    plan = plan_of(project, "sma_slow: [200, 100]\nsma_fast: {from: 30, to: 10, step: -10}")
    assert plan.ranges == (("sma_fast", (10.0, 20.0, 30.0)), ("sma_slow", (100.0, 200.0)))


def test_a_span_of_one_value_needs_a_step_all_the_same(project: Project) -> None:
    plan = plan_of(project, "sma_fast: {from: 30, to: 30, step: 10}")
    assert plan.ranges == (("sma_fast", (30.0,)),)


REFUSALS = [
    ("sma_fats: [20]", "parameters.sma_fats: unknown parameter of agent_tsla (sentiment_momentum)"),
    ("sma_fast: [1, 20]", "parameters.sma_fast: 1 is not within 2.."),
    ("sma_fast: {from: 1, to: 21, step: 10}", "parameters.sma_fast: 1 is not within 2.."),
    ("sma_fast: [20.5]", "parameters.sma_fast: 20.5 must be a whole number"),
    ("stop_loss_fraction: [0.5]", "parameters.stop_loss_fraction: 0.5 is not within 0.005..0.2"),
    ("max_daily_trades: [1.5]", "parameters.max_daily_trades: 1.5 must be a whole number"),
    ("sma_fast: []", "parameters.sma_fast: empty; write at least one value"),
    ("sma_fast: 20", "parameters.sma_fast: write a list of values, or {from: 10"),
    ("sma_fast: [20, 20.0]", "parameters.sma_fast: a value is written twice"),
    ("sma_fast: ['20']", "parameters.sma_fast: '20' is not a number"),
    ("sma_fast: [true]", "parameters.sma_fast: 'True' is not a number"),
    ("sma_fast: [.nan]", "parameters.sma_fast: nan is not a finite number"),
    ("sma_fast: {from: 10, to: 20}", "parameters.sma_fast: write from, to and step"),
    (
        "sma_fast: {from: 10, to: 20, step: 0}",
        "parameters.sma_fast.step: 0 never leads from 10 to 20; write a step towards `to`",
    ),
    (
        "sma_fast: {from: 10, to: 20, step: -5}",
        "parameters.sma_fast.step: -5 never leads from 10 to 20; write a step towards `to`",
    ),
    (
        "sma_fast: {from: 10, to: 25, step: 10}",
        "parameters.sma_fast.to: 25 is not reached from 10 in steps of 10; write 20",
    ),
    (
        "exit_technical: {from: 0, to: 1, step: 0.0000001}",
        "parameters.exit_technical: 10,000,001 values, more than 1,000,000; write a longer step",
    ),
    (
        """exit_technical: {from: 0, to: 1, step: 0.001}
exit_sentiment: {from: 0, to: 1, step: 0.001}""",
        "parameters: 1,002,001 combinations, more than 1,000,000; write fewer values",
    ),
]


@pytest.mark.parametrize(("parameters", "said"), REFUSALS)
def test_a_bad_range_is_one_line_with_file_and_key(
    project: Project, parameters: str, said: str
) -> None:
    assert refusal(project, parameters).startswith(said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "rank_by: sharpe",
            "rank_by: sharp",
            "rank_by: sharp is nothing to rank by; write one of sharpe, ",
        ),
        ("rank_by: sharpe", "rank_by: fills", "rank_by: fills is nothing to rank by; write one of"),
        ("method: grid", "method: clever", "method: 'clever': must be grid or random"),
        ("samples: 100", "samples: 0", "samples: 0: must be at least 1"),
        ("samples: 100", "samples: 1000001", "samples: 1000001: must be at most 1000000"),
        ("seed: 7", "seed: -1", "seed: -1: must be at least 0"),
        ("in_sample_months: 6", "in_sample_months: 0", "in_sample_months: 0: must be at least 1"),
        ("seed: 7\n", "", "seed: missing; write it, e.g. 7"),
        ("seed: 7", "sead: 7", "sead: unknown key; did you mean seed?"),
        ("agent_id: agent_tsla", "agent_id: agent_btc", "agent_id: agent_btc is not the file's"),
    ],
)
def test_a_bad_key_is_one_line(project: Project, old: str, new: str, said: str) -> None:
    assert said in refusal(project, "sma_fast: [20]", HEAD.replace(old, new))


def test_no_parameters_are_nothing_to_search(project: Project) -> None:
    said = refusal(project, "", HEAD.replace("parameters:", "parameters: {}"))
    assert said.startswith("parameters: a mapping: entries must be at least 1")


def test_an_agent_without_a_file_or_without_being_is_said(project: Project) -> None:
    project.path(TSLA).unlink()
    with pytest.raises(ConfigError, match=r"agent_tsla\.yaml: no such file"):
        load_study_plan(project.load(), "agent_tsla")
    with pytest.raises(InputError, match="no agent 'agent_spy'"):
        load_study_plan(project.load(), "agent_spy")


def test_a_search_may_be_asked_for_otherwise(project: Project) -> None:
    plan = plan_of(project, "sma_fast: [20]")
    asked = with_search(plan, method="random", samples=5, seed=0)
    assert (asked.method, asked.samples, asked.seed) == (SearchMethod.RANDOM, 5, 0)
    assert with_search(plan) == plan
    for wrong in ({"method": "clever"}, {"samples": 0}, {"samples": 1_000_001}, {"seed": -1}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            with_search(plan, **wrong)  # type: ignore[arg-type]


def test_whatever_ranks_is_a_metric_of_every_run() -> None:
    assert set(RANKABLE) <= METRICS.keys()


@pytest.mark.parametrize("name", LIMITS)
def test_a_limits_range_is_that_of_the_agents_file(name: str) -> None:
    """At both ends the file takes it, beyond them neither does."""
    sound = {
        "stop_loss_fraction": 0.03,
        "take_profit_fraction": 0.06,
        "position_usd": 5000.0,
        "risk_usd": 150.0,
        "max_daily_trades": 5,
        "min_confidence": 0.65,
        "max_consecutive_losses": 5,
    }
    low, high, whole = LIMITS[name]
    kind = int if whole else float
    for end in (low, high):
        LimitsSection(**{**sound, name: kind(end)})
    for beyond in (high + 1, low - 1):
        with pytest.raises(ValidationError):
            LimitsSection(**{**sound, name: kind(beyond)})
