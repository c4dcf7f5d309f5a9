"""The client before it asks: where a key may go, and what a model's settings make of a question."""

import pytest
from pydantic import SecretStr

from tests.fakes.claude import CANARY, Bench
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.automated.client import ClaudeClient
from ztrade_core.domain.model_config import AnswerForm, ModelConfig, Thinking
from ztrade_core.domain.time import EPOCH
from ztrade_core.errors import ConfigError

ADDRESS = "https://api.anthropic.com"


@pytest.mark.parametrize(
    "address",
    ["http://api.anthropic.com", "https://api.anthropic.com/v1", "ftp://x", "", "https://a@b"],
)
def test_a_key_goes_to_no_unsafe_address(address: str) -> None:
    with pytest.raises(ConfigError, match="model address"):
        Bench(address)


def test_an_empty_key_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigError, match="ANTHROPIC_API_KEY"):
        ClaudeClient(ModelConfig(), SecretStr(" "), clock=SimulatedClock(EPOCH), wait=print)


def test_a_key_that_stands_in_a_prompt_is_struck_out() -> None:
    question = Bench(ADDRESS).client.question(f"my key {CANARY}", f"{CANARY} buys")
    assert question["system"][0]["text"] == "my key [key]"
    assert question["messages"][0]["content"] == "[key] buys"


def test_what_a_model_does_not_take_is_not_sent() -> None:
    plain = Bench(ADDRESS, thinking=None).client.question("s", "m")
    assert not {"thinking", "temperature"} & plain.keys()
    assert "effort" not in plain["output_config"]
    forced = Bench(ADDRESS, answer_form=AnswerForm.TOOL, thinking=Thinking.DISABLED, effort="low")
    question = forced.client.question("s", "m")
    assert question["output_config"] == {"effort": "low"}
    assert question["thinking"] == {"type": "disabled"}


def test_the_settings_that_are_kept_shape_an_answer_and_hold_no_address() -> None:
    told = ModelConfig(effort="low").told()
    assert told["model"] == "claude-sonnet-5-5"
    assert told["effort"] == "low"
    assert "address" not in told
