"""A digest of the code that decides a month: edited, the months it judged are judged again."""

import hashlib
import importlib
import inspect
from collections.abc import Sequence

from ztrade_core.backtest.engines import EVENT_LOOP, KERNEL
from ztrade_core.backtest.kernel.building import digest_of, kernel_text, modules_of
from ztrade_core.backtest.kernel.minds.dispatch import KINDS

MEASURING = (
    "ztrade_core.performance.baseline",
    "ztrade_core.performance.metrics",
    "ztrade_core.performance.ratios",
    "ztrade_core.performance.daily",
    "ztrade_core.performance.drawdowns",
    "ztrade_core.performance.significance",
    "ztrade_core.performance.trades",
    "ztrade_core.studies.candidates",
    "ztrade_core.studies.figures",
    "ztrade_core.studies.walk_forward",
    "ztrade_core.studies.walk_forward_judging",
)
LOOPING = (
    "ztrade_core.backtest.loop",
    "ztrade_core.brokers.playing",
    "ztrade_core.decision_makers.strategy",
    "ztrade_core.fills.arithmetic",
    "ztrade_core.risk.arithmetic",
    "ztrade_core.strategies.registry",
    "ztrade_core.trading.cycle",
)


def code_digest(strategy: str, *, compiled: bool) -> str:
    """Return a digest of what plays a strategy's candidates, chooses and measures them.

    It names the engine that is tried first; where that leaves a candidate to the event loop, the trial
    says so.
    """
    parts = [KERNEL if compiled else EVENT_LOOP, sources_digest(MEASURING)]
    if strategy in KINDS:
        modules = modules_of((strategy,))
        parts.append(digest_of(kernel_text((strategy,), modules), modules))
    if not compiled or strategy not in KINDS:
        parts.append(sources_digest(LOOPING))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def sources_digest(modules: Sequence[str]) -> str:
    """Return a digest of modules' sources."""
    digest = hashlib.sha256()
    for name in modules:
        digest.update(inspect.getsource(importlib.import_module(name)).encode())
    return digest.hexdigest()
