"""What is allowed in the configuration, but worth saying."""

from typing import Any

import pytest


def test_a_position_over_the_companys_limit_is_a_warning(project: Any) -> None:
    project.replace(
        "config/risk_limits.yaml", "max_symbol_fraction: 0.05", "max_symbol_fraction: 0.045"
    )
    warnings = project.load().warnings
    assert [w.split(":")[0] for w in warnings] == ["agent_btc", "agent_tsla"]
    assert all("made smaller" in w for w in warnings)


@pytest.mark.parametrize(
    ("name", "old", "new", "warning"),
    [
        ("broker", "collar_bps: 20", "collar_bps: 51", "over max_price_gap_bps 50: every entry"),
        (
            "broker",
            "max_volume_fraction: 0.1",
            "max_volume_fraction: 0.6",
            "over max_order_volume_multiple 0.5",
        ),
        (
            "risk_limits",
            "max_order_usd: 10000",
            "max_order_usd: 4999",
            "agent_btc: limits.position_usd 5000 is over max_order_usd 4999",
        ),
        (
            "agents/agent_tsla",
            "stop_loss_fraction: 0.03",
            "stop_loss_fraction: 0.2",
            "agent_tsla: limits.stop_loss_fraction 0.2 is 0.2016 below the limit price",
        ),
        (
            "risk_limits",
            "min_stop_distance_fraction: 0.005",
            "min_stop_distance_fraction: 0.03",
            "agent_iwm: limits.stop_loss_fraction 0.025 is 0.02695 below the limit price",
        ),
    ],
)
def test_numbers_whose_orders_a_rule_would_always_deny_are_a_warning(
    project: Any, name: str, old: str, new: str, warning: str
) -> None:
    project.replace(f"config/{name}.yaml", old, new)
    assert warning in project.load().warnings[0]
