"""A request's facts tell the agent's own open orders as plain values."""

import json

from tests.fakes.moments import tsla_moment
from tests.golden.prompt_example import STOP
from ztrade_core.decision_makers.files.facts import snapshot_facts


def test_open_orders_are_told_as_json_types() -> None:
    facts = snapshot_facts(tsla_moment(open_orders=(STOP,)))
    assert json.loads(json.dumps(facts["open_orders"], allow_nan=False)) == [
        {
            "role": "stop",
            "side": "sell",
            "type": "stop",
            "quantity": 20.0,
            "filled_quantity": 0.0,
            "limit_price": None,
            "stop_price": 95.0,
            "target_price": 103.81,
            "created_at": "2022-12-28T17:15:02Z",
        }
    ]
    assert snapshot_facts(tsla_moment())["open_orders"] == []
