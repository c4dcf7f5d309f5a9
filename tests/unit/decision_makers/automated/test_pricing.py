"""What an answer costs, by hand."""

from typing import get_args

import pytest

from ztrade_core.decision_makers.automated.pricing import (
    TokenUse,
    cost_of,
    most_usd_of,
    price_of,
    usd_of,
    use_told,
)
from ztrade_core.domain.model_config import (
    DEFAULT_MODEL,
    PUBLISHED_PRICES,
    AnswerForm,
    ModelConfig,
    ModelPrice,
    Thinking,
)
from ztrade_core.errors import ConfigError

PRICE = ModelPrice(
    model="m", input_usd=2.0, output_usd=10.0, cache_write_usd=2.5, cache_read_usd=0.1
)


def test_tokens_cost_what_the_table_says() -> None:
    use = TokenUse(
        input_tokens=1_000, output_tokens=100, cache_write_tokens=2_000, cache_read_tokens=400
    )
    # 1,000 x 2 + 100 x 10 + 2,000 x 2.5 + 400 x 0.1 = 8,040 millionths
    assert usd_of(use, PRICE) == pytest.approx(0.00804)
    assert cost_of(use, PRICE).usd == usd_of(use, PRICE)


def test_the_most_counts_every_byte_as_a_token_at_the_dearest_price() -> None:
    # (10,000 + 2,000) x 2.5 + 500 x 10 = 35,000 millionths
    assert most_usd_of(10_000, 500, PRICE) == pytest.approx(0.035)
    worst = TokenUse(cache_write_tokens=12_000, output_tokens=500)
    assert usd_of(worst, PRICE) <= most_usd_of(10_000, 500, PRICE)


def test_a_model_without_a_price_is_refused_by_name() -> None:
    assert price_of(DEFAULT_MODEL, PUBLISHED_PRICES).output_usd == 10.0
    with pytest.raises(ConfigError, match=r"claude-2.*has no price.*claude-sonnet-5-5"):
        price_of("claude-2", PUBLISHED_PRICES)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        {},
        {"input_tokens": 5},
        {"input_tokens": -1, "output_tokens": 1},
        {"input_tokens": 1.5, "output_tokens": 1},
        {"input_tokens": True, "output_tokens": 1},
        {"input_tokens": "5", "output_tokens": 1},
        {"input_tokens": 10**12, "output_tokens": 1},
    ],
)
def test_tokens_that_cannot_be_believed_are_none(usage: object) -> None:
    assert use_told(usage) is None


def test_what_a_vendor_leaves_out_of_the_cache_is_nothing() -> None:
    told = {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": None}
    assert use_told(told) == TokenUse(input_tokens=5, output_tokens=2)


def test_the_default_model_is_in_the_sdks_own_list_and_not_deprecated() -> None:

    from anthropic.resources.messages.messages import DEPRECATED_MODELS  # noqa: PLC0415
    from anthropic.types import Model  # noqa: PLC0415

    known = {name for part in get_args(Model) for name in get_args(part)}
    for price in PUBLISHED_PRICES:
        assert price.model in known
        assert price.model not in DEPRECATED_MODELS


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"max_tokens": 0}, "max_tokens"),
        ({"deadline_seconds": float("nan")}, "deadline_seconds"),
        ({"retries": 6}, "retries"),
        ({"temperature": 1.1, "thinking": None}, "temperature 1.1"),
        ({"max_usd_per_decision": 0.0}, "max_usd_per_decision"),
        ({"answer_form": AnswerForm.TOOL, "thinking": Thinking.ADAPTIVE}, "answer_form tool"),
        ({"answer_form": AnswerForm.TOOL}, "answer_form tool with thinking between_tools"),
        ({"temperature": 0.5}, "temperature with thinking between_tools"),
        ({"effort": "max"}, "write one of low, medium, high"),
        ({"effort": "most", "thinking": None}, "write one of low, medium, high, xhigh, max"),
    ],
)
def test_a_configuration_out_of_bounds_is_named(fields: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        ModelConfig(**fields)


def test_settings_that_go_together_are_taken() -> None:
    assert ModelConfig(effort="high").effort == "high"
    assert ModelConfig(thinking=Thinking.DISABLED, temperature=0.0).temperature == 0.0
    assert ModelConfig(thinking=Thinking.ADAPTIVE, effort="max").effort == "max"


def test_a_price_is_a_number_from_nothing_on() -> None:
    with pytest.raises(ConfigError, match="output_usd"):
        ModelPrice(
            model="m", input_usd=1, output_usd=float("nan"), cache_write_usd=1, cache_read_usd=1
        )
