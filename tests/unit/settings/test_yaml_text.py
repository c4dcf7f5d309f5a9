"""The YAML reader: plain scalars as people mean them, and nothing but ConfigError for the rest."""

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.errors import ConfigError
from ztrade_core.settings.agent_file import AgentFile
from ztrade_core.settings.explain import validate
from ztrade_core.settings.models import (
    BrokerFile,
    CompanyFile,
    MarketDataFile,
    RiskLimitsFile,
)
from ztrade_core.settings.yaml_text import decode, parse_mapping

REPOSITORY = Path(__file__).resolve().parents[3]
MODELS = [AgentFile, BrokerFile, CompanyFile, MarketDataFile, RiskLimitsFile]
SHIPPED = [path.read_text() for path in sorted((REPOSITORY / "config").rglob("*.yaml"))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-7", -7),
        ("010", 10),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e-6", 1e-6),
        ("true", True),
        ("false", False),
        ("off", "off"),
        ("on", "on"),
        ("no", "no"),
        ("NO", "NO"),
        ("2018-01-01", "2018-01-01"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("", None),
        ("~", None),
        ("null", None),
        ("9" * 30, 1e30),
        ("[1, a]", [1, "a"]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
        ("|\n  two\n  lines\n", "two\nlines\n"),
    ],
)
def test_plain_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    found = parse_mapping(f"key: {text}\n", "x.yaml")["key"]
    assert found == value
    assert type(found) is type(value)


def test_nan_and_infinities_are_floats_for_the_models_to_refuse() -> None:
    found = parse_mapping("a: .nan\nb: -.inf\n", "x.yaml")
    assert isinstance(found["a"], float)
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf


def _refused_or_read(text: str) -> None:
    for model in MODELS:
        try:
            validate(model, parse_mapping(text, "x.yaml"), "x.yaml")
        except ConfigError as error:
            message = str(error)
            assert message.startswith("x.yaml: ")
            assert message.isprintable(), message
            assert len(message) < 1000


YAML_PIECES = st.sampled_from(
    [
        *"-?:,[]{}#&*!|>'\"%@`~ \n\t\r\\",
        *("- ", ": ", "\n  ", "---\n", "...\n", "%YAML 1.1\n", "&a ", "*a", "!!str ", "<<: "),
        *("limits:\n  ", "parameters: ", "agent_id: ", "capital_usd: ", "name: ", "off", "true"),
        *('"\\x', '"\\uD800"', "\x85", "\u2028", "\ufeff", "\x00", "1e999", ".nan"),
    ]
)


@given(st.text())
def test_no_text_raises_anything_but_a_config_error(text: str) -> None:
    _refused_or_read(text)


@given(st.lists(YAML_PIECES | st.text(max_size=3), max_size=30).map("".join))
def test_no_yaml_like_text_raises_anything_but_a_config_error(text: str) -> None:
    _refused_or_read(text)


@given(st.sampled_from(SHIPPED), st.data())
def test_no_spoilt_shipped_file_raises_anything_but_a_config_error(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 30)))
    _refused_or_read(text[:start] + data.draw(YAML_PIECES | st.text(max_size=5)) + text[stop:])


@given(st.binary())
def test_no_bytes_raise_anything_but_a_config_error(data: bytes) -> None:
    with contextlib.suppress(ConfigError):
        _refused_or_read(decode(data, "x.yaml"))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)
KEYS = [key for model in MODELS for key in model.model_fields]


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(), VALUES))
def test_no_mapping_raises_anything_but_a_config_error(mapping: dict[str, object]) -> None:
    for model in MODELS:
        with contextlib.suppress(ConfigError):
            validate(model, mapping, "x.yaml")  # type: ignore[arg-type]
