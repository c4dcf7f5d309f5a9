"""Which broker: the YAML says, ZTRADE_BROKER over it, and Alpaca only with a paper account's keys."""

from typing import Any

import pytest

from tests.unit.settings.test_environment import HOSTILE, KEYS
from ztrade_core.domain.configuration import ALPACA, SIMULATED

AT_ALPACA = {"ZTRADE_BROKER": "alpaca", **KEYS}


def test_the_broker_is_simulated_unless_somebody_says_otherwise(project: Any) -> None:
    assert project.load().company.broker.broker == SIMULATED


def test_the_file_chooses_alpaca_and_the_variable_wins_over_it(project: Any) -> None:
    project.replace("config/broker.yaml", "broker: simulated", "broker: alpaca")
    assert project.load(KEYS).company.broker.broker == ALPACA
    again = project.load({"ZTRADE_BROKER": "simulated"})
    assert again.company.broker.broker == SIMULATED
    assert again.alpaca is None


def test_the_variable_chooses_alpaca_over_the_file(project: Any) -> None:
    settings = project.load(AT_ALPACA)
    assert settings.company.broker.broker == ALPACA
    assert settings.alpaca.api_key.get_secret_value() == KEYS["ALPACA_API_KEY"]


def test_another_broker_is_another_configuration(project: Any) -> None:
    """RULE_019 sees it: decisions of the one are not continued at the other."""
    assert project.load(AT_ALPACA).company.digest != project.load(KEYS).company.digest
    project.replace("config/broker.yaml", "broker: simulated", "broker: alpaca")
    assert project.load(KEYS).company.digest == project.load(AT_ALPACA).company.digest


def test_the_keys_are_no_part_of_the_digest(project: Any) -> None:
    other = {**AT_ALPACA, "ALPACA_API_KEY": "PKOTHER9"}
    assert project.load(other).company.digest == project.load(AT_ALPACA).company.digest


def test_alpaca_without_keys_names_the_variables_and_where_to_make_them(project: Any) -> None:
    message = project.refusal({"ZTRADE_BROKER": "alpaca"})
    assert message.startswith("environment: ZTRADE_BROKER: alpaca needs ALPACA_API_KEY and ALPACA_")
    assert "https://app.alpaca.markets" in message
    project.replace("config/broker.yaml", "broker: simulated", "broker: alpaca")
    assert project.refusal().startswith("broker.yaml: broker: alpaca needs ALPACA_API_KEY and")


def test_alpaca_never_trades_on_invented_bars(project: Any) -> None:
    message = project.refusal({**AT_ALPACA, "ZTRADE_MARKET_DATA": "synthetic"})
    assert "alpaca with synthetic market data" in message


def test_an_unknown_broker_is_refused(project: Any) -> None:
    message = project.refusal({"ZTRADE_BROKER": "binance"})
    assert message == "environment: ZTRADE_BROKER: unknown; write simulated or alpaca"


@pytest.mark.parametrize("broker", ["simulated", "alpaca"])
@pytest.mark.parametrize("key", ["AKCANARY1", "AK"])
def test_the_key_of_a_live_account_is_refused_unseen(project: Any, broker: str, key: str) -> None:
    message = project.refusal({**KEYS, "ZTRADE_BROKER": broker, "ALPACA_API_KEY": key})
    assert message.startswith("environment: ALPACA_API_KEY: begins with AK, the form of a live")
    assert "CANARY" not in message.upper()
    assert "https://app.alpaca.markets" in message


@pytest.mark.parametrize("url", HOSTILE)
def test_the_fence_stands_before_alpaca_is_even_chosen(project: Any, url: str) -> None:
    message = project.refusal({**AT_ALPACA, "ALPACA_BASE_URL": url})
    assert message.startswith("environment: ALPACA_BASE_URL: not Alpaca's paper host")
    assert "hunter2" not in message


def test_keys_that_nothing_uses_are_a_warning(project: Any) -> None:
    assert project.load().warnings == ()
    (warning,) = project.load(KEYS).warnings
    assert "the broker is simulated: no order is sent to Alpaca" in warning
    assert "CANARY" not in warning.upper()
    assert project.load(AT_ALPACA).warnings == ()
