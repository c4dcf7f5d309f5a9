"""In what runs differ: their configurations key by key, and what forbids to compare their figures."""

import json
from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.time import iso_z
from ztrade_pipelines.cli.formats import ABSENT
from ztrade_pipelines.cli.output import rows, table

# What came of a run, not what determined it.
_RESULTS = frozenset(
    {"outcomes", "denials", "holds", "halts", "why_not_compiled", "correlations", "asked", "grid"}
)
_OF_THE_DATA = frozenset({"first_bar", "last_bar", "bars", "missing_bars", "longest_gap_bars"})
_TOLD_APART = frozenset({"config_digest", "longest_gap"})
DIGEST_SHOWN = 12
IN_IT = "in the account"


def differences(runs: Sequence[BacktestRun]) -> dict[str, list[object]]:
    """Return each key of the configurations that differs, with every run's value; None: it has none.

    Of an agent that some of the runs do not have, only that is told.
    """
    flat = [dict(_flat(run.config)) for run in runs]
    keys = sorted({key for each in flat for key in each})
    partly = [key for key in keys if key.endswith(IN_IT) and not all(key in each for each in flat)]
    beside = tuple(key.removesuffix(IN_IT) for key in partly)
    keys = [key for key in keys if key in partly or not key.startswith(beside)]
    found = {key: [each.get(key) for each in flat] for key in keys}
    return {key: values for key, values in found.items() if len(set(map(repr, values))) > 1}


def differences_table(runs: Sequence[BacktestRun]) -> Table | None:
    """Return what `differences` found, a row a key; None when the configurations are the same."""
    found = differences(runs)
    if not found:
        return None
    made = table("Configuration that differs", "key", *[run.run_id for run in runs])
    return rows(
        made,
        [(Text(key), *[Text(_shown(key, value)) for value in each]) for key, each in found.items()],
    )


def incomparable(runs: Sequence[BacktestRun]) -> list[str]:
    """Say why the runs' figures must not be held against one another; nothing when they may be."""
    notes = []
    ranges = {(run.start, run.end) for run in runs}
    if len(ranges) > 1:
        told = ", ".join(f"{iso_z(a)} to {iso_z(b)}" for a, b in sorted(ranges))
        notes.append(f"not comparable: the ranges differ ({told}); run them over the same one")
    data = [_data(run) for run in runs]
    if len({(each.get("symbol"), each.get("timeframe")) for each in data}) > 1:
        notes.append("not comparable: the instruments or timeframes differ")
    elif len(ranges) == 1 and len({each.get("digest") for each in data}) > 1:
        told = ", ".join(_shown("digest", each.get("digest")) for each in data)
        notes.append(f"not comparable: the bars were not the same (digests {told})")
    if len({str(each.get("source", "")).startswith("synthetic") for each in data}) > 1:
        notes.append("not comparable: invented (synthetic) bars beside recorded ones")
    if any(run.status != "finished" for run in runs):
        notes.append("not comparable: a run did not finish")
    return notes


def _data(run: BacktestRun) -> Mapping[str, object]:
    found = run.config.get("data")
    return found if isinstance(found, dict) else {}


def _flat(config: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Yield what determined a run, keys joined by dots; agents and parameters by their names."""
    for key, value in config.items():
        name = f"{above}{key}"
        if key in _RESULTS | _TOLD_APART or (above.endswith("data.") and key in _OF_THE_DATA):
            continue
        if key == "agents" and isinstance(value, list):
            for each in value:
                yield f"{_named(each)}.{IN_IT}", True
                yield from _flat(each, f"{_named(each)}.")
        elif key == "parameters" and isinstance(value, list):
            yield from ((f"{above}{name}", number) for name, number in value)
        elif isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _named(listed: Mapping[str, object]) -> str:
    agent = listed.get("agent")
    return str(agent.get("agent_id")) if isinstance(agent, dict) else "agent"


def _shown(key: str, value: object) -> str:
    if value is None:
        return ABSENT
    if key.endswith(("digest", "personality")):
        return str(value)[:DIGEST_SHOWN]
    return value if isinstance(value, str) else json.dumps(value)
