"""Every bad input ends with one line that names file and key."""

from pathlib import Path
from typing import Any

import pytest

TSLA = "config/agents/agent_tsla.yaml"
RISK = "config/risk_limits.yaml"
BROKER = "config/broker.yaml"
BARS = "config/market_data.yaml"
SHIPPED = "stock: [alpaca, alpha_vantage, yahoo]"
COMPANY = "config/company.yaml"
REPOSITORY = Path(__file__).resolve().parents[3]


FILES = {"tsla": TSLA, "risk": RISK, "broker": BROKER, "bars": BARS, "company": COMPANY}

BAD_VALUES = r"""
# file | key and value as shipped | instead | what the message says
tsla | position_usd: 5000 | "5000" | limits.position_usd: '5000': not a number (no quotes, no words); write it, e.g. 5000
tsla | position_usd: 5000 | true | limits.position_usd: true: not a number
tsla | position_usd: 5000 | [5000] | limits.position_usd: a list: not a number
tsla | position_usd: 5000 | | limits.position_usd: empty: not a number
tsla | position_usd: 5000 | 5,000 | limits.position_usd: '5,000': not a number
tsla | position_usd: 5000 | 5_000 | limits.position_usd: '5_000': not a number
tsla | position_usd: 5000 | off | limits.position_usd: 'off': not a number
tsla | max_daily_trades: 5 | 5.5 | limits.max_daily_trades: 5.5: not a whole number
tsla | max_daily_trades: 5 | 5.0 | limits.max_daily_trades: 5.0: not a whole number
tsla | max_daily_trades: 5 | false | limits.max_daily_trades: false: not a whole number
tsla | owner: trading-desk | 7 | owner: 7: not a text
tsla | owner: trading-desk | "a\nb" | owner: 'a\nb': blank or unprintable
tsla | sma_fast: 50 | "50" | strategy.parameters.sma_fast: '50': not a number
risk | respect_halts: true | 1 | respect_halts: 1: neither true nor false; write it, e.g. true
risk | respect_halts: true | yes | respect_halts: 'yes': neither true nor false
risk | verify_chain: true | off | verify_chain: 'off': neither true nor false
bars | stock: [alpaca, alpha_vantage, yahoo] | files | providers.stock: 'files': not a list
bars | stock: [alpaca, alpha_vantage, yahoo] | [] | providers.stock: a list: entries must be at least 1
# numbers out of this world, or out of range
tsla | stop_loss_fraction: 0.03 | .nan | limits.stop_loss_fraction: nan: not a finite number
tsla | sma_fast: 50 | .nan | strategy.parameters.sma_fast: nan: not a finite number
tsla | position_usd: 5000 | .inf | limits.position_usd: inf: not a finite number
tsla | position_usd: 5000 | 1e999 | limits.position_usd: inf: not a finite number
tsla | position_usd: 5000 | -5000 | limits.position_usd: -5000: must be over 0
tsla | position_usd: 5000 | 0 | limits.position_usd: 0: must be over 0
tsla | stop_loss_fraction: 0.03 | 0.0049 | limits.stop_loss_fraction: 0.0049: must be at least 0.005
tsla | stop_loss_fraction: 0.03 | 0.201 | limits.stop_loss_fraction: 0.201: must be at most 0.2
tsla | min_confidence: 0.65 | 1.01 | limits.min_confidence: 1.01: must be at most 1
risk | max_symbol_fraction: 0.05 | 5 | max_symbol_fraction: 5: must be at most 1
risk | max_symbol_fraction: 0.05 | .nan | max_symbol_fraction: nan: not a finite number
risk | max_failures_in_a_row: 5 | 21 | max_failures_in_a_row: 21: must be at most 20
risk | max_price_gap_bps: 50 | "50" | max_price_gap_bps: '50': not a number
risk | max_order_usd: 10000 | 0 | max_order_usd: 0: must be over 0
risk | max_entries_per_minute: 10 | 1.5 | max_entries_per_minute: 1.5: not a whole number
risk | require_same_configuration: true | off | require_same_configuration: 'off': neither true nor false
broker | slippage_bps: 2 | -1 | costs.slippage_bps: -1: must be at least 0
# words
tsla | timeframe: 5m | 2m | timeframe: '2m': not a timeframe; write one of 1m, 5m, 15m, 1h, 1d
tsla | mode: strategy | recorded | mode: 'recorded': must be strategy, automated, subagent, manual or ensemble
tsla | symbol: TSLA | tsla | symbol: 'tsla': not a symbol
tsla | symbol: TSLA | BTC/EUR | symbol: 'BTC/EUR': not a symbol
tsla | agent_id: agent_tsla | Agent-TSLA | agent_id: 'Agent-TSLA': not an agent id
tsla | agent_id: agent_tsla | tsla | agent_id: 'tsla': not an agent id
risk | on_halt: next_day | never | on_halt: 'never': must be next_day or stop
broker | broker: simulated | binance | broker: 'binance': must be simulated or alpaca
bars | stock: [alpaca, alpha_vantage, yahoo] | [bloomberg] | providers.stock.0: 'bloomberg': must be alpaca, alpha_vantage
bars | stock: [alpaca, alpha_vantage, yahoo] | [files, files] | providers: a provider is named twice
bars | stock: [alpaca, alpha_vantage, yahoo] | [files, synthetic] | providers: synthetic stands alone
bars | history_start: 2018-01-01 | 2018-02-30 | history_start: '2018-02-30': no such day
bars | history_start: 2018-01-01 | 01.01.2018 | history_start: '01.01.2018': not a day
tsla | name: sentiment_momentum | astrology | strategy.name: strategy 'astrology' does not exist
tsla | sma_fast: 50 | 300 | strategy.parameters: strategy sentiment_momentum: sma_fast 300
# off must be written, and only where it may
risk | max_symbol_fraction: 0.05 | | max_symbol_fraction: empty; write a number, or the word off
risk | max_symbol_fraction: 0.05 | null | max_symbol_fraction: empty; write a number, or the word off
risk | max_symbol_fraction: 0.05 | false | max_symbol_fraction: false: not a number
risk | correlation_threshold: 0.7 | off | correlation_threshold: 'off': not a number
# relations
tsla | position_usd: 5000 | 10001 | limits.position_usd: 10001 is over allocated_usd 10000
tsla | risk_usd: 150 | 5001 | limits.risk_usd: 5001 is over position_usd 5000
tsla | symbol: TSLA | IWM | symbol: IWM is already traded by agent_iwm
tsla | agent_id: agent_tsla | agent_xyz | agent_id: agent_xyz is not the file's name
risk | correlation_min_overlap: 40 | 61 | correlation_min_overlap: 61 is over correlation_returns 60
"""


def _rows(table: str) -> list[list[str]]:
    lines = [line for line in table.strip().splitlines() if not line.startswith("#")]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


@pytest.mark.parametrize("row", _rows(BAD_VALUES), ids=lambda row: f"{row[1]} -> {row[2]}")
def test_a_bad_value_is_refused_by_file_and_key(project: Any, row: list[str]) -> None:
    name, shipped, value, expected = FILES[row[0]], *row[1:]
    key = shipped.partition(":")[0]
    project.replace(name, shipped, f"{key}: {value}")
    assert project.refusal().startswith(f"{name}: {expected}")


def _shipped_keys() -> list[tuple[str, str, str]]:
    """Every line with a value, in every shipped file but for the strategies' parameters."""
    found = []
    for name in FILES.values():
        section = ""
        for line in (REPOSITORY / name).read_text().splitlines():
            key, _, value = line.partition("#")[0].strip().partition(":")
            if not line.startswith(" "):
                section = f"{key}." if key and not value else ""
            if value and not line.startswith("    "):
                found.append((name, line, f"{section}{key}"))
    return found


@pytest.mark.parametrize(("name", "line", "key"), _shipped_keys())
def test_no_key_has_a_default(project: Any, name: str, line: str, key: str) -> None:
    project.replace(name, f"\n{line}\n", "\n")
    assert project.refusal().startswith(f"{name}: {key}: missing; write it, e.g. ")


def test_a_misspelt_key_is_guessed(project: Any) -> None:
    project.replace(TSLA, "stop_loss_fraction: 0.03", "stop_los_fraction: 0.03")
    assert project.refusal() == (
        f"{TSLA}: limits.stop_los_fraction: unknown key; did you mean stop_loss_fraction? (and 1 more)"
    )


def test_an_unknown_key_is_refused_in_any_file_and_section(project: Any) -> None:
    project.replace(BARS, SHIPPED, f"{SHIPPED}\n  bonds: [files]")
    expected = f"{BARS}: providers.bonds: unknown key; remove it (known here: stock, crypto)"
    assert project.refusal() == expected
    project.append(RISK, "banana: 3\n")
    assert project.refusal() == f"{RISK}: banana: unknown key; remove it"


def test_a_parameter_that_the_strategy_does_not_know_is_refused(project: Any) -> None:
    project.replace(TSLA, "    sma_fast: 50", "    sma_fats: 50")
    expected = (
        f"{TSLA}: strategy.parameters: strategy sentiment_momentum: unknown parameter 'sma_fats'"
    )
    assert project.refusal().startswith(expected)


def test_allocating_more_than_the_capital_is_refused(project: Any) -> None:
    project.replace(TSLA, "allocated_usd: 10000", "allocated_usd: 80000")
    project.load()
    project.replace(TSLA, "allocated_usd: 80000", "allocated_usd: 80001")
    assert project.refusal().startswith(f"{COMPANY}: capital_usd: 100000 is under the 100001 that")


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
        ('"\\uD800": 1\n', "line 1: not readable as YAML: "),
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


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("wake: {}", "wake: wakes on nothing: name at least one condition"),
        ("wake:", "wake: empty; write a condition under it, or remove it"),
        ("wake: 5", "wake: 5: not a mapping; write it, e.g. a mapping with every_bars"),
        ("wake: {every_bar: 3}", "wake.every_bar: unknown key; did you mean every_bars?"),
        ("wake: {every_bars: 0}", "wake.every_bars: 0: must be at least 1; write it, e.g. 12"),
        ("wake: {every_bars: 1.5}", "wake.every_bars: 1.5: not a whole number"),
        ("wake: {levels: [1, x]}", "wake.levels.1: 'x': not a number"),
        ("wake: {levels: [0]}", "wake.levels.0: 0: must be over 0"),
        ("wake: {moved_fraction: .nan}", "wake.moved_fraction: nan: not a finite number"),
        ("wake: {moved_fraction: 0}", "wake.moved_fraction: 0: must be over 0"),
        ("wake: {on_fill: yes}", "wake.on_fill: 'yes': neither true nor false"),
    ],
)
def test_a_bad_wake_condition_is_refused_by_file_and_key(
    project: Any, block: str, expected: str
) -> None:
    project.replace(TSLA, "mode: strategy", "mode: automated")
    project.append(TSLA, f"{block}\n")
    assert project.refusal().startswith(f"{TSLA}: {expected}")


def test_a_strategy_is_asked_on_every_bar(project: Any) -> None:
    project.append(TSLA, "wake: {every_bars: 12}\n")
    assert project.refusal() == (
        f"{TSLA}: wake: mode strategy is asked on every bar; remove wake, or change the mode"
    )
    project.replace(TSLA, "mode: strategy", "mode: manual")
    assert "mode manual is a person, whom nothing wakes" in project.refusal()
