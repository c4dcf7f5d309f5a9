"""How far the day's spending may go for shadows: half of the daily budget, or what config/models.yaml says."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.risk.builders import TSLA, company
from ztrade_core.domain.model_config import NO_MODELS
from ztrade_core.settings.company import with_digest

FILE = "config/models.yaml"


def test_it_may_be_left_out(project: Any) -> None:
    models = project.load().company.models
    assert models.shadow_budget_usd is None
    assert (models.budget_usd(for_shadows=True), models.budget_usd(for_shadows=False)) == (2.5, 5.0)


@pytest.mark.parametrize(("written", "budget"), [("1.25", 1.25), ("0", 0.0), ("80", 5.0)])
def test_it_is_what_the_file_says_and_never_more_than_the_day(
    project: Any, written: str, budget: float
) -> None:
    project.append(FILE, f"shadow_budget_usd: {written}\n")
    assert project.load().company.models.budget_usd(for_shadows=True) == budget


@pytest.mark.parametrize(("shadows", "budget"), [(None, None), (3.0, 3.0)])
def test_without_a_daily_budget_only_a_written_one_binds(
    shadows: float | None, budget: float | None
) -> None:
    models = replace(NO_MODELS, daily_budget_usd=None, shadow_budget_usd=shadows)
    assert models.budget_usd(for_shadows=True) == budget
    assert models.budget_usd(for_shadows=False) is None


@pytest.mark.parametrize("written", ["", "-1", "off", "a lot", ".nan"])
def test_what_is_no_amount_is_refused(project: Any, written: str) -> None:
    project.append(FILE, f"shadow_budget_usd: {written}\n")
    assert f"{FILE}: shadow_budget_usd: " in project.refusal()


def test_it_is_in_the_digest_where_it_is_written() -> None:
    house = company(TSLA)
    budgeted = replace(house, models=replace(house.models, shadow_budget_usd=1.0))
    assert with_digest(house).digest != with_digest(budgeted).digest
