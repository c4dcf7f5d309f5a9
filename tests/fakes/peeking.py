"""Minds that look ahead, for whoever must catch them: in the event loop, and in the kernel.

The kernels are composed from copies of its own sources, one line of a mind edited; nothing is replaced
in a module that others use.
"""

import importlib
import importlib.util
import inspect
import sys
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from ztrade_core.backtest.kernel.building import Kernel, kernel_text, modules_of
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, Proposal
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import (
    MICROSECOND,
    from_micros,
    new_york_date,
    new_york_midnight,
    to_micros,
)
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.studies.canary_findings import Data

KERNEL = "ztrade_core.backtest.kernel."
REVERSION = f"{KERNEL}minds.mean_reversion"
HONEST = "z_of(ticks[bar], mean, deviation)"
NEXT_BAR = "z_of(ticks[min(bar + 1, len(ticks) - 1)], mean, deviation)"
A_DAY_AHEAD = "z_of(ticks[min(bar + 78, len(ticks) - 1)], mean, deviation)"
WHOLE_MEAN = "z_of(ticks[bar], ticks.mean(), deviation)"
Rule = Callable[[Data, int], bool]
"""Whether to buy on a bar, from all the data there will ever be."""


class PeekingMaker(DecisionMaker):
    """Holds all the data, and buys by a rule that may look at any of it; else it sells."""

    def __init__(self, data: Data, rule: Rule) -> None:
        self._data, self._rule = data, rule

    @property
    @override
    def name(self) -> str:
        return "peeking/1"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return 3

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        stamps = self._data.series.timestamps
        bar = int(stamps.searchsorted(to_micros(snapshot.bars.last_open)))
        action = Action.BUY if self._rule(self._data, bar) else Action.SELL
        return Proposal(action=action, confidence=0.9, rationale="it knows", maker=self.name)


class RememberingMaker(DecisionMaker):
    """Keeps every close it ever saw in `seen`, and buys when it knows a later one that is higher."""

    def __init__(self, seen: dict[int, float], reach: int) -> None:
        self._seen, self._reach = seen, reach

    @property
    @override
    def name(self) -> str:
        return "remembering/1"

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return 3

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        bars = snapshot.bars
        self._seen.update(zip(bars.timestamps.tolist(), bars.closes.tolist(), strict=True))
        now = int(bars.timestamps[-1])
        later = self._seen.get(now + self._reach * agent.timeframe.duration // MICROSECOND, 0.0)
        action = Action.BUY if later > bars.closes[-1] else Action.SELL
        return Proposal(action=action, confidence=0.9, rationale="it remembers", maker=self.name)


def rises_within(bars: int) -> Rule:
    """Buy when the close so many bars on is higher; at the end, the last one there is."""

    def rule(data: Data, bar: int) -> bool:
        closes = data.series.closes
        return bool(closes[min(bar + bars, len(closes) - 1)] > closes[bar])

    return rule


def below_its_mean(data: Data, bar: int) -> bool:
    """Buy when the close is low beside the mean and deviation of the whole series."""
    closes = data.series.closes
    return bool((closes[bar] - np.mean(closes)) / np.std(closes) < 0.0)


def below_its_own_past(data: Data, bar: int) -> bool:
    """An honest rule: the same, of the bars up to now."""
    closes = data.series.closes[: bar + 1]
    return bool(closes[bar] < np.mean(closes))


def cheered_today(data: Data, bar: int) -> bool:
    """Buy when the last reading of this very New York day, later ones too, is good."""
    readings = data.sentiment
    assert readings is not None
    day = new_york_date(from_micros(int(data.series.timestamps[bar])))
    ends = to_micros(new_york_midnight(day + timedelta(days=1)))
    last = int(readings.known_at.searchsorted(ends)) - 1
    return bool(last >= 0 and readings.scores[last] > 0.0)


def peeking_kernel(folder: Path, line: str) -> Kernel:
    """Return a compiled kernel for mean reversion whose mind has `line` in the place of its z-score."""
    mind = _mind(folder, line)
    names = tuple(mind if name == REVERSION else name for name in modules_of(("mean_reversion",)))
    text = kernel_text(("mean_reversion",), names).replace(REVERSION, mind)
    kernel: Kernel = _module(folder, f"{mind}_kernel", text).run
    return kernel


def plain_kernel(folder: Path, line: str) -> Kernel:
    """Return the same uncompiled."""
    mind = _mind(folder, line)
    dispatch = inspect.getsource(importlib.import_module(f"{KERNEL}minds.dispatch"))
    changed = "_MINDS = tuple(peeking if each is mean_reversion else each for each in _MINDS)"
    asked = f"{mind}_dispatch"
    _module(folder, asked, f"{dispatch}\n\nimport {mind} as peeking\n\n{changed}\n")
    source = inspect.getsource(importlib.import_module(f"{KERNEL}portfolio"))
    assert f"{KERNEL}minds.dispatch import" in source
    text = source.replace(f"{KERNEL}minds.dispatch import", f"{asked} import")
    kernel: Kernel = _module(folder, f"{mind}_pass", text).run
    return kernel


def _mind(folder: Path, line: str) -> str:
    source = inspect.getsource(importlib.import_module(REVERSION))
    assert source.count(HONEST) == 1
    name = f"peeking_mind_{zlib.crc32(line.encode()):x}"
    _module(folder, name, source.replace(HONEST, line))
    return name


def _module(folder: Path, name: str, text: str) -> Any:
    path = folder / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
