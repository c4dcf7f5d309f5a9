"""What the shipped configuration says, and where it is found."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ztrade_core.domain.configuration import Mode, OnHalt, StopReference
from ztrade_core.domain.time import Timeframe
from ztrade_core.domain.waking import WakeConditions
from ztrade_core.errors import ConfigError
from ztrade_core.settings.load import load_settings

REPOSITORY = Path(__file__).resolve().parents[3]


def test_the_shipped_agents_are_the_three_of_the_brief() -> None:
    company = load_settings(REPOSITORY, {}).company
    found = [
        (a.agent_id, a.symbol, a.timeframe, a.allocated_usd, a.mode, a.strategy.name)
        for a in company.agents
    ]
    assert found == [
        ("agent_btc", "BTC/USD", Timeframe.H1, 10_000.0, Mode.STRATEGY, "sentiment_momentum"),
        ("agent_iwm", "IWM", Timeframe.M15, 10_000.0, Mode.STRATEGY, "sentiment_momentum"),
        ("agent_tsla", "TSLA", Timeframe.M5, 10_000.0, Mode.STRATEGY, "sentiment_momentum"),
    ]
    assert company.capital_usd == 100_000.0


@pytest.mark.parametrize(
    ("agent_id", "expected"),
    [
        ("agent_tsla", (0.03, 0.06, 5000.0, 150.0, 5, 0.65, 5)),
        ("agent_iwm", (0.025, 0.05, 4000.0, 100.0, 4, 0.70, 5)),
        ("agent_btc", (0.04, 0.08, 5000.0, 200.0, 3, 0.65, 5)),
    ],
)
def test_the_shipped_agents_have_the_limits_of_the_brief(
    agent_id: str, expected: tuple[float, ...]
) -> None:
    agent = load_settings(REPOSITORY, {}).company.agent(agent_id)
    assert agent is not None
    limits = agent.limits
    assert expected == (
        limits.stop_loss_fraction,
        limits.take_profit_fraction,
        limits.position_usd,
        limits.risk_usd,
        limits.max_daily_trades,
        limits.min_confidence,
        limits.max_consecutive_losses,
    )
    assert limits.risk_usd == limits.position_usd * limits.stop_loss_fraction
    assert len(agent.personality) > 1000


def test_the_shipped_risk_limits_are_those_of_the_design() -> None:
    risk = load_settings(REPOSITORY, {}).company.risk
    assert risk.max_agent_exposure_fraction == 0.10
    assert risk.max_daily_loss_fraction == 0.02
    assert risk.max_symbol_fraction == 0.05
    assert risk.max_gross_exposure_fraction == 0.80
    assert risk.max_correlated_positions == 3
    assert risk.correlation_threshold == 0.7
    assert (risk.correlation_returns, risk.correlation_min_overlap) == (60, 40)
    assert risk.max_drawdown_fraction == 0.15
    assert risk.duplicate_window_seconds == 60
    assert (risk.max_entries_per_minute, risk.max_agent_entries_per_hour) == (10, 12)
    assert risk.max_price_gap_bps == 50
    assert (risk.min_stop_distance_fraction, risk.max_stop_distance_fraction) == (0.005, 0.20)
    assert (risk.max_order_usd, risk.max_order_position_multiple) == (10_000, 1.5)
    assert risk.max_order_volume_multiple == 0.5
    assert risk.max_reconciliation_age_seconds == 120
    assert risk.max_failures_in_a_row == 5
    assert risk.require_same_configuration
    assert risk.on_halt is OnHalt.NEXT_DAY
    assert risk.require_stop_loss
    assert risk.verify_chain
    assert risk.respect_halts


def test_the_shipped_broker_is_simulated_with_the_designs_costs() -> None:
    broker = load_settings(REPOSITORY, {}).company.broker
    assert (broker.broker, broker.initial_cash_usd) == ("simulated", 100_000.0)
    costs = broker.costs
    assert (costs.stock_commission_bps, costs.crypto_commission_bps) == (0.0, 25.0)
    assert (costs.slippage_bps, costs.collar_bps, costs.max_volume_fraction) == (2.0, 20.0, 0.1)
    assert costs.stop_reference is StopReference.DECISION


def test_a_fresh_clone_invents_no_data_and_has_nothing_to_warn_of() -> None:
    settings = load_settings(REPOSITORY, {})
    assert settings.company.market_data.stock_providers == ("alpaca", "alpha_vantage", "yahoo")
    assert settings.company.market_data.crypto_providers == ("alpaca", "coingecko", "yahoo")
    assert settings.warnings == ()
    assert settings.alpaca is None


def test_synthetic_data_is_asked_for_explicitly_and_said() -> None:
    settings = load_settings(REPOSITORY, {"ZTRADE_MARKET_DATA": "synthetic"})
    assert settings.company.market_data.stock_providers == ("synthetic",)
    assert settings.company.market_data.crypto_providers == ("synthetic",)
    assert "synthetic" in settings.warnings[0]
    assert settings.company.digest != load_settings(REPOSITORY, {}).company.digest


def test_a_fourth_file_is_a_fourth_agent_in_order_of_id(project: Any) -> None:
    project.add_agent("agent_eth", "ETH/USD")
    agents = project.load().company.agents
    assert [a.agent_id for a in agents] == ["agent_btc", "agent_eth", "agent_iwm", "agent_tsla"]
    assert project.load().company.agent_of_symbol("ETH/USD").agent_id == "agent_eth"


def test_off_is_no_limit(project: Any) -> None:
    project.replace(
        "config/risk_limits.yaml", "max_symbol_fraction: 0.05", "max_symbol_fraction: off"
    )
    project.replace("config/broker.yaml", "collar_bps: 20", "collar_bps: off")
    company = project.load().company
    assert company.risk.max_symbol_fraction is None
    assert company.broker.costs.collar_bps is None


def test_an_integer_serves_as_a_fraction_and_gives_the_same_digest(project: Any) -> None:
    before = project.load().company.digest
    project.replace("config/company.yaml", "capital_usd: 100000", "capital_usd: 100000.0")
    company = project.load().company
    assert company.digest == before
    assert isinstance(company.capital_usd, float)


def test_comments_order_and_line_ends_do_not_change_the_digest(project: Any) -> None:
    before = project.load().company.digest
    project.append("config/company.yaml", "# another remark\n")
    path = project.path("config/risk_limits.yaml")
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    path.write_bytes("\r\n".join(reversed(lines)).encode())
    personality = project.path("config/agents/agent_btc.md")
    personality.write_bytes(personality.read_bytes().replace(b"\n", b"\r\n"))
    assert project.load().company.digest == before


WORDS = (
    "iex=sip off=365 on=off true=false strategy=manual decision=fill next_day=stop TSLA=AAPL IWM=SPY"
    " BTC/USD=ETH/USD 5m=1m 15m=1h 1h=15m 2018-01-01=2018-01-02 0=1 [=[files] lexicon=finbert"
    " 4556d13015211d73dccd3fdd39d39232506f3e43=another"
)
OTHER_WORDS = {
    **dict(pair.split("=") for pair in WORDS.split()),
    "breaking_news: off": "on",
    "contact: off": "Ada Lovelace ada@example.org",
    "answerers: []": "[1000]",
}
ONLY_ONE_VALUE = {"agent_id", "broker", "fallback"}


def _changes() -> list[tuple[str, str, str]]:
    """Every line with a value in the shipped files, and the line with another sound value.

    What studies search decides nothing of trading.
    """
    found = []
    files = (REPOSITORY / "config").rglob("*.yaml")
    for path in sorted(path for path in files if path.parent.name != "studies"):
        for line in path.read_text().splitlines():
            key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
            if not value or key in ONLY_ONE_VALUE or value == "sentiment_momentum":
                continue
            word = "[" if value[0] == "[" else value
            other = OTHER_WORDS.get(f"{key}: {value}") or OTHER_WORDS.get(word)
            other = other or _other_number_or_text(value)
            found.append((str(path.relative_to(REPOSITORY)), line, f"{key}: {other}"))
    return found


def _other_number_or_text(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return f"{value}.example" if value.startswith("https://") else f"{value} indeed"
    return f"{number * 0.9:.12g}" if "." in value else str(int(value) - 1)


@pytest.mark.parametrize(("name", "line", "other"), _changes())
def test_any_changed_value_changes_the_digest(
    project: Any, name: str, line: str, other: str
) -> None:
    before = project.load().company.digest
    indent = line[: len(line) - len(line.lstrip())]
    project.replace(name, f"\n{line}\n", f"\n{indent}{other}\n")
    assert project.load().company.digest != before


def test_what_a_study_searches_does_not_change_the_digest(project: Any) -> None:
    before = project.load().company.digest
    project.replace("config/studies/agent_tsla.yaml", "seed: 7", "seed: 8")
    assert project.load().company.digest == before


def test_another_strategy_changes_the_digest(project: Any) -> None:
    path = project.path("config/agents/agent_tsla.yaml")
    before = project.load().company
    lines = [line for line in path.read_text().splitlines() if not line.startswith("    ")]
    text = "\n".join(lines).replace("sentiment_momentum", "buy_and_hold")
    path.write_text(text.replace("  parameters:", "  parameters: {}"))
    company = project.load().company
    assert company.agent("agent_tsla").strategy.name == "buy_and_hold"
    assert company.digest != before.digest


def test_parameters_that_are_not_written_stand_at_the_strategys_defaults(project: Any) -> None:
    before = project.load().company
    project.replace("config/agents/agent_tsla.yaml", "    sma_fast: 50\n", "")
    company = project.load().company
    assert company.agent("agent_tsla").strategy.as_dict()["sma_fast"] == 50.0
    assert company.digest == before.digest


def test_a_changed_personality_changes_the_digest(project: Any) -> None:
    before = project.load().company.digest
    project.append("config/agents/agent_btc.md", "\nAnd you like Mondays.\n")
    assert project.load().company.digest != before


def test_folders_follow_the_project_or_the_environment(project: Any) -> None:
    settings = project.load()
    assert settings.data_dir == project.root / ".ztrade"
    assert settings.halt_file == project.root / ".ztrade" / "HALT"
    assert settings.config_dir == project.root / "config"
    assert settings.database_url == f"sqlite:///{project.root}/.ztrade/ztrade.db"
    assert not settings.data_dir.exists()
    project.path("config").rename(project.path("other"))
    moved = project.load({"ZTRADE_CONFIG_DIR": "other", "ZTRADE_DATA_DIR": "/srv/ztrade"})
    assert moved.config_dir == project.root / "other"
    assert moved.database_url == "sqlite:////srv/ztrade/ztrade.db"


_PRINT_ROOT = (
    "from ztrade_core.settings.load import load_settings; print(load_settings().project_root)"
)


def _root_from(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own interpreter on a constant
        [sys.executable, "-c", _PRINT_ROOT],
        cwd=folder,
        env={"PYTHONPATH": str(REPOSITORY), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_project_is_found_upwards_from_the_working_directory(project: Any) -> None:
    deep = project.path("a/b")
    deep.mkdir(parents=True)
    assert _root_from(deep).stdout.strip() == str(project.root)


def test_the_checkout_is_the_project_elsewhere(tmp_path: Path) -> None:
    assert _root_from(tmp_path).stdout.strip() == str(REPOSITORY)


def test_ztrade_home_overrides_the_working_directory(project: Any) -> None:
    assert _root_from(REPOSITORY, ZTRADE_HOME=str(project.root)).stdout.strip() == str(project.root)


def test_the_process_environment_reads_dotenv_beneath_it(project: Any) -> None:
    project.path(".env").write_text("ALPACA_BASE_URL=https://api.alpaca.markets\n")
    refused = _root_from(project.root)
    assert ".env: ALPACA_BASE_URL: not Alpaca's paper host" in refused.stderr
    paper = _root_from(project.root, ALPACA_BASE_URL="https://paper-api.alpaca.markets")
    assert paper.stdout.strip() == str(project.root)


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load_settings(tmp_path / "nowhere", {})
    with pytest.raises(ConfigError, match=r"config/company\.yaml: no such file"):
        load_settings(tmp_path, {})


def test_wake_conditions_become_the_agents(project: Any) -> None:
    tsla = "config/agents/agent_tsla.yaml"
    assert project.load().company.agent("agent_tsla").wake is None
    project.replace(tsla, "mode: strategy", "mode: automated")
    project.append(tsla, "wake:\n  every_bars: 12\n  levels: [95, 105.5]\n  on_fill: true\n")
    assert project.load().company.agent("agent_tsla").wake == WakeConditions(
        every_bars=12, levels=(95.0, 105.5), on_fill=True
    )
