"""Every bad input ends with one line that names file and key."""

from pathlib import Path
from typing import Any

import pytest

TSLA = "config/agents/agent_tsla.yaml"
RISK = "config/risk_limits.yaml"
BROKER = "config/broker.yaml"
BARS = "config/market_data.yaml"
COMPANY = "config/company.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        # missing
        (
            TSLA,
            "  stop_loss_fraction: 0.03\n",
            "",
            f"{TSLA}: limits.stop_loss_fraction: missing; write it, e.g. 0.03",
        ),
        (
            RISK,
            "max_symbol_fraction: 0.05\n",
            "",
            f"{RISK}: max_symbol_fraction: missing; write it",
        ),
        (BROKER, "  slippage_bps: 2\n", "", f"{BROKER}: costs.slippage_bps: missing; write it"),
        (COMPANY, "capital_usd: 100000\n", "", f"{COMPANY}: capital_usd: missing; write it"),
        (BARS, "synthetic_seed: 20220301", "", f"{BARS}: synthetic_seed: missing; write it"),
        # unknown
        (
            TSLA,
            "stop_loss_fraction: 0.03",
            "stop_los_fraction: 0.03",
            f"{TSLA}: limits.stop_los_fraction: unknown key; did you mean stop_loss_fraction? (and 1",
        ),
        (RISK, "on_halt:", "banana: 3\non_halt:", f"{RISK}: banana: unknown key; remove it (known"),
        (
            BARS,
            "stock: [files]",
            "stock: [files]\n  bonds: [files]",
            f"{BARS}: providers.bonds: unk",
        ),
        # wrong type
        (
            TSLA,
            "position_usd: 5000",
            'position_usd: "5000"',
            "limits.position_usd: '5000': not a nu",
        ),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: true",
            "limits.position_usd: true: not a number",
        ),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: [5000]",
            "limits.position_usd: a list: not a num",
        ),
        (TSLA, "position_usd: 5000", "position_usd:", "limits.position_usd: empty: not a number"),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: 5,000",
            "limits.position_usd: '5,000': not a nu",
        ),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: 5_000",
            "limits.position_usd: '5_000': not a nu",
        ),
        (
            TSLA,
            "max_daily_trades: 5",
            "max_daily_trades: 5.5",
            "max_daily_trades: 5.5: not a whole",
        ),
        (
            TSLA,
            "max_daily_trades: 5",
            "max_daily_trades: 5.0",
            "max_daily_trades: 5.0: not a whole",
        ),
        (
            TSLA,
            "max_daily_trades: 5",
            "max_daily_trades: false",
            "max_daily_trades: false: not a wh",
        ),
        (TSLA, "owner: trading-desk", "owner: 7", f"{TSLA}: owner: 7: not a text"),
        (
            RISK,
            "respect_halts: true",
            "respect_halts: 1",
            f"{RISK}: respect_halts: 1: neither true",
        ),
        (RISK, "respect_halts: true", "respect_halts: yes", "respect_halts: 'yes': neither true"),
        (BARS, "stock: [files]", "stock: files", f"{BARS}: providers.stock: 'files': not a list"),
        # numbers out of this world, or out of range
        (
            TSLA,
            "stop_loss_fraction: 0.03",
            "stop_loss_fraction: .nan",
            "limits.stop_loss_fraction: nan",
        ),
        (TSLA, "position_usd: 5000", "position_usd: .inf", "limits.position_usd: inf"),
        (TSLA, "position_usd: 5000", "position_usd: 1e999", "limits.position_usd: inf"),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: -5000",
            "limits.position_usd: -5000: must be over 0",
        ),
        (TSLA, "position_usd: 5000", "position_usd: 0", "limits.position_usd: 0: must be over 0"),
        (TSLA, "stop_loss_fraction: 0.03", "stop_loss_fraction: 0.004", "must be at least 0.005"),
        (
            TSLA,
            "stop_loss_fraction: 0.03",
            "stop_loss_fraction: 3",
            "must be at most 0.2; write it, e",
        ),
        (
            TSLA,
            "min_confidence: 0.65",
            "min_confidence: 1.01",
            "min_confidence: 1.01: must be at mo",
        ),
        (
            RISK,
            "max_symbol_fraction: 0.05",
            "max_symbol_fraction: 5",
            "max_symbol_fraction: 5: must be",
        ),
        (
            RISK,
            "max_symbol_fraction: 0.05",
            "max_symbol_fraction: .nan",
            "max_symbol_fraction: nan: not",
        ),
        (
            BROKER,
            "slippage_bps: 2",
            "slippage_bps: -1",
            "costs.slippage_bps: -1: must be at least 0",
        ),
        # words
        (
            TSLA,
            "timeframe: 5m",
            "timeframe: 2m",
            f"{TSLA}: timeframe: '2m': not a timeframe; write one",
        ),
        (
            TSLA,
            "mode: strategy",
            "mode: recorded",
            f"{TSLA}: mode: 'recorded': must be strategy, auto",
        ),
        (TSLA, "symbol: TSLA", "symbol: tsla", f"{TSLA}: symbol: 'tsla': not a symbol"),
        (TSLA, "symbol: TSLA", "symbol: BTC/EUR", f"{TSLA}: symbol: 'BTC/EUR': not a symbol"),
        (
            TSLA,
            "agent_id: agent_tsla",
            "agent_id: Agent-TSLA",
            f"{TSLA}: agent_id: 'Agent-TSLA': not an",
        ),
        (
            TSLA,
            "agent_id: agent_tsla",
            "agent_id: tsla",
            f"{TSLA}: agent_id: 'tsla': not an agent id",
        ),
        (
            TSLA,
            "owner: trading-desk",
            'owner: "a\\nb"',
            f"{TSLA}: owner: 'a\\nb': blank or unprintable",
        ),
        (
            RISK,
            "on_halt: next_day",
            "on_halt: never",
            f"{RISK}: on_halt: 'never': must be next_day or",
        ),
        (
            BROKER,
            "broker: simulated",
            "broker: alpaca",
            f"{BROKER}: broker: 'alpaca': must be simulated",
        ),
        (
            BARS,
            "stock: [files]",
            "stock: [bloomberg]",
            f"{BARS}: providers.stock.0: 'bloomberg': must",
        ),
        (
            BARS,
            "stock: [files]",
            "stock: []",
            f"{BARS}: providers.stock: a list: entries must be at l",
        ),
        (
            BARS,
            "stock: [files]",
            "stock: [files, files]",
            f"{BARS}: providers: a mapping: a provider",
        ),
        (BARS, "stock: [files]", "stock: [files, synthetic]", "synthetic stands alone"),
        (BARS, "2018-01-01", "2018-02-30", f"{BARS}: history_start: '2018-02-30': no such day"),
        (BARS, "2018-01-01", "01.01.2018", f"{BARS}: history_start: '01.01.2018': not a day"),
        # off, where nothing may be off
        (
            RISK,
            "max_symbol_fraction: 0.05",
            "max_symbol_fraction:",
            "max_symbol_fraction: empty; write a",
        ),
        (
            RISK,
            "max_symbol_fraction: 0.05",
            "max_symbol_fraction: null",
            "max_symbol_fraction: empty; wri",
        ),
        (
            RISK,
            "correlation_threshold: 0.7",
            "correlation_threshold: off",
            "correlation_threshold: 'off'",
        ),
        (
            RISK,
            "verify_chain: true",
            "verify_chain: off",
            f"{RISK}: verify_chain: 'off': neither true",
        ),
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: off",
            f"{TSLA}: limits.position_usd: 'off': not a",
        ),
        # relations
        (
            TSLA,
            "position_usd: 5000",
            "position_usd: 10001",
            f"{TSLA}: limits.position_usd: 10001 is over",
        ),
        (
            TSLA,
            "risk_usd: 150",
            "risk_usd: 5001",
            f"{TSLA}: limits.risk_usd: 5001 is over position_usd",
        ),
        (
            TSLA,
            "symbol: TSLA",
            "symbol: IWM",
            f"{TSLA}: symbol: IWM is already traded by agent_iwm",
        ),
        (
            TSLA,
            "allocated_usd: 10000",
            "allocated_usd: 80001",
            f"{COMPANY}: capital_usd: 100000 is under",
        ),
        (
            RISK,
            "correlation_min_overlap: 40",
            "correlation_min_overlap: 61",
            "min_overlap: 61 is over",
        ),
        (
            TSLA,
            "agent_id: agent_tsla",
            "agent_id: agent_xyz",
            f"{TSLA}: agent_id: agent_xyz is not the fi",
        ),
    ],
)
def test_a_bad_value_is_refused_by_file_and_key(
    project: Any, name: str, old: str, new: str, expected: str
) -> None:
    project.replace(name, old, new)
    message = project.refusal()
    assert message.startswith(f"{name}: ") or message.startswith(f"{COMPANY}: ")
    assert expected in message


def test_a_duplicate_agent_id_names_both_files(project: Any) -> None:
    text = project.path(TSLA).read_text()
    project.path("config/agents/copy.yaml").write_text(text)
    assert project.refusal() == (
        "config/agents/copy.yaml: agent_id: agent_tsla is already that of "
        "config/agents/agent_tsla.yaml; give each agent its own id"
    ) or project.refusal().startswith(f"{TSLA}: agent_id: agent_tsla is already that of")


def test_a_missing_or_empty_personality_is_refused(project: Any) -> None:
    personality = project.path("config/agents/agent_iwm.md")
    personality.write_text(" \n")
    assert project.refusal().startswith("config/agents/agent_iwm.md: empty")
    personality.unlink()
    assert project.refusal().startswith("config/agents/agent_iwm.md: no such file")


@pytest.mark.parametrize("name", ["company", "risk_limits", "broker", "market_data"])
def test_a_missing_file_is_refused(project: Any, name: str) -> None:
    project.path(f"config/{name}.yaml").unlink()
    assert project.refusal().startswith(f"config/{name}.yaml: no such file")


def test_no_agent_at_all_is_refused(project: Any) -> None:
    for path in project.path("config/agents").glob("*.yaml"):
        path.unlink()
    assert project.refusal().startswith("config/agents: no agent")


@pytest.mark.parametrize("name", ["agent_eth.yml", "agent_eth.YAML"])
def test_an_agent_file_that_would_be_ignored_is_refused(project: Any, name: str) -> None:
    project.path(f"config/agents/{name}").write_text("")
    assert project.refusal().startswith(f"config/agents/{name}: would be ignored; rename")


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, "line 1: an anchor (&name); write the value out"),
        ("a: *nowhere\n", "line 1: an alias (*name)"),
        ("<<: {a: 1}\n", "'<<': unknown key"),
        ("name: x\nname: y\n", "line 2: name: written twice; keep one"),
        ("name: {a: 1, a: 2}\n", "line 1: a: written twice"),
        ("name: !!python/object/apply:os.system [ls]\n", "line 1: a tag (!name)"),
        ("name: !secret x\n", "line 1: a tag"),
        ("name:\tx\n", "line 1: a tab; indent with spaces"),
        ("name: x\n---\nname: y\n", "line 2: a second document"),
        ("- name\n", "the top level is no mapping"),
        ("just words\n", "the top level is no mapping"),
        ("", "the top level is no mapping"),
        ("# nothing\n", "the top level is no mapping"),
        ("? [a, b]\n: c\n", "line 1: a key that is no word"),
        ("name: [a, b\n", "not readable as YAML"),
        ("name: 'open\n", "not readable as YAML"),
        ('name: "\\UFFFFFFFF"\n', "not readable as YAML"),
        ("name: \x01\n", "not readable as YAML"),
        ("name: " + "[" * 100, "line 1: nested deeper than 12 levels"),
        ("name: " + "{a: " * 50_000, "line 1: nested deeper than 12 levels"),
        ('"a\\nb": 1\n', "'a\\nb': unknown key"),
        ('"\\uD800": 1\n', "'\\ud800': "),
    ],
)
def test_yaml_that_surprises_is_refused_by_file_and_line(
    project: Any, text: str, expected: str
) -> None:
    project.path(COMPANY).write_text(text)
    message = project.refusal()
    assert message.startswith(f"{COMPANY}: ")
    assert expected in message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"name: \xff\xfe\n", "byte 6 is not UTF-8"),
        (b"n\x00a\x00m\x00e\x00", "not readable as YAML"),
        (b"# " + b"x" * 1_000_000, "over 1,000,000 bytes"),
    ],
)
def test_bytes_that_are_no_page_of_text_are_refused(
    project: Any, data: bytes, expected: str
) -> None:
    project.path(COMPANY).write_bytes(data)
    assert expected in project.refusal()


def test_a_folder_in_place_of_a_file_is_refused(project: Any) -> None:
    project.path(BROKER).unlink()
    Path(project.path(BROKER)).mkdir()
    assert project.refusal().startswith(f"{BROKER}: no such file")
