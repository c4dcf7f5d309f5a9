"""What is searched for an agent: config/studies/<agent_id>.yaml, read, checked and made a plan.

Values are written as a list or as {from, to, step}, both ends included; steps are counted in decimals,
so that 0.1 three times is 0.3. What is left out of `parameters` stands as the agent has it.
"""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import SearchMethod, StudyPlan
from ztrade_core.errors import ConfigError, InputError
from ztrade_core.settings import fields
from ztrade_core.settings.explain import validate
from ztrade_core.settings.fields import StrictModel
from ztrade_core.settings.load import Settings
from ztrade_core.settings.project import shown_path
from ztrade_core.settings.words import one_line, shown_key
from ztrade_core.settings.yaml_text import parse_mapping, read_text
from ztrade_core.studies.candidates import RANKABLE, combinations
from ztrade_core.studies.parameters import check_value

MAX_COMBINATIONS = 1_000_000
FOLDER = "studies"
EXAMPLE = "config/studies/agent_tsla.yaml"
_SPAN_KEYS = ("from", "to", "step")


class StudyFile(StrictModel):
    """config/studies/<agent_id>.yaml."""

    agent_id: fields.AgentId = Field(examples=["agent_tsla"])
    method: Literal["grid", "random"] = Field(examples=["grid"])
    samples: int = Field(ge=1, le=MAX_COMBINATIONS, examples=[10000])
    seed: int = Field(ge=0, le=2**63 - 1, examples=[7])
    rank_by: fields.Text = Field(examples=["sharpe"])
    in_sample_months: Annotated[int, Field(ge=1, le=120)] = Field(examples=[6])
    parameters: dict[str, Any] = Field(
        min_length=1, max_length=50, examples=["a mapping, e.g. sma_fast: [20, 50]"]
    )


def load_study_plan(settings: Settings, agent_id: str) -> StudyPlan:
    """Return what is searched for an agent.

    Raises InputError for an agent that does not exist, ConfigError with file and key for everything
    that is wrong with its file.
    """
    agent = settings.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in settings.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    path = _path(settings, agent_id)
    shown = shown_path(path, settings.project_root)
    if not path.exists():
        raise ConfigError(f"{shown}: no such file; write it ({EXAMPLE} shows how)")
    file = validate(StudyFile, parse_mapping(read_text(path, shown), shown), shown)
    if file.agent_id != agent_id:
        raise ConfigError(
            f"{shown}: agent_id: {file.agent_id} is not the file's name; write {agent_id}"
        )
    if file.rank_by not in RANKABLE:
        raise ConfigError(
            f"{shown}: rank_by: {shown_key(file.rank_by)} is nothing to rank by; write one of"
            f" {', '.join(RANKABLE)}"
        )
    plan = _plan(file, agent, shown)
    total = combinations(plan)
    if total > MAX_COMBINATIONS:
        raise ConfigError(
            f"{shown}: parameters: {total:,} combinations, more than {MAX_COMBINATIONS:,}; write fewer"
            " values or longer steps"
        )
    return plan


def has_study_plan(settings: Settings, agent_id: str) -> bool:
    """Return whether an agent has a file in config/studies; whether it is sound is not looked at."""
    return _path(settings, agent_id).exists()


def _path(settings: Settings, agent_id: str) -> Path:
    return settings.config_dir / FOLDER / f"{agent_id}.yaml"


def with_search(
    plan: StudyPlan,
    *,
    method: str | None = None,
    samples: int | None = None,
    seed: int | None = None,
) -> StudyPlan:
    """Return the plan searched otherwise; None leaves what the file says. InputError says what is wrong."""
    if method is not None and method not in set(SearchMethod):
        raise InputError(f"method {method!r}: write {' or '.join(SearchMethod)}")
    if samples is not None and not 1 <= samples <= MAX_COMBINATIONS:
        raise InputError(f"samples {samples}: write 1 to {MAX_COMBINATIONS:,}")
    if seed is not None and seed < 0:
        raise InputError(f"seed {seed}: write 0 or more")
    return replace(
        plan,
        method=plan.method if method is None else SearchMethod(method),
        samples=plan.samples if samples is None else samples,
        seed=plan.seed if seed is None else seed,
    )


def _plan(file: StudyFile, agent: AgentConfig, shown: str) -> StudyPlan:
    return StudyPlan(
        agent_id=file.agent_id,
        method=SearchMethod(file.method),
        ranges=tuple(
            (name, _values(agent, name, written, shown))
            for name, written in sorted(file.parameters.items())
        ),
        rank_by=file.rank_by,
        samples=file.samples,
        seed=file.seed,
        in_sample_months=file.in_sample_months,
    )


def _values(agent: AgentConfig, name: str, written: Any, shown: str) -> tuple[float, ...]:
    """Return a parameter's values, ascending, each once and within its range."""
    where = f"{shown}: parameters.{shown_key(name)}"
    _check(agent, name, None, shown)
    if isinstance(written, dict):
        values = _span(written, where)
        for end in (values[0], values[-1]):
            _check(agent, name, end, shown)
    elif isinstance(written, list):
        values = [_number(each, where) for each in written]
    else:
        raise ConfigError(f"{where}: write a list of values, or {{from: 10, to: 50, step: 10}}")
    if not values:
        raise ConfigError(f"{where}: empty; write at least one value")
    if len(set(values)) < len(values):
        raise ConfigError(f"{where}: a value is written twice; keep one")
    for value in values:
        _check(agent, name, value, shown)
    return tuple(sorted(values))


def _span(written: dict[Any, Any], where: str) -> list[float]:
    """Return the values of {from, to, step}, both ends included."""
    if set(written) != set(_SPAN_KEYS):
        raise ConfigError(f"{where}: write from, to and step, e.g. {{from: 10, to: 50, step: 10}}")
    numbers = [Decimal(repr(_number(written[key], f"{where}.{key}"))) for key in _SPAN_KEYS]
    first, last, step = numbers
    if step == 0 or ((step > 0) != (last >= first) and first != last):
        raise ConfigError(
            f"{where}.step: {written['step']} never leads from {written['from']} to {written['to']};"
            " write a step towards `to`"
        )
    count = int((last - first) / step)
    if count >= MAX_COMBINATIONS:
        raise ConfigError(
            f"{where}: {count + 1:,} values, more than {MAX_COMBINATIONS:,}; write a longer step"
        )
    if first + count * step != last:
        raise ConfigError(
            f"{where}.to: {written['to']} is not reached from {written['from']} in steps of"
            f" {written['step']}; write {float(first + count * step):g}"
        )
    return [float(first + number * step) for number in range(count + 1)]


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where}: {one_line(value)!r} is not a number (no quotes, no words)")
    number = float(value)
    if number in (float("inf"), float("-inf")) or number != number:  # noqa: PLR0124 - NaN
        raise ConfigError(f"{where}: {number} is not a finite number")
    return number + 0.0


def _check(agent: AgentConfig, name: str, value: float | None, shown: str) -> None:
    """Refuse a parameter that the agent lacks (asked without a value), or a value out of range."""
    try:
        check_value(agent, name, value)
    except ConfigError as error:
        raise ConfigError(f"{shown}: parameters.{one_line(error)}") from error
