"""From plain functions to a compiled kernel: one generated module per set of strategies, cached.

The module's name is a digest of every source that is compiled into it, so an edited rule, fill or
step makes a new module and compiles anew; an unedited one is loaded from numba's cache beside it.
(numba alone looks at the kernel's own file only and would keep an old rule's arithmetic.)
numba is imported here and nowhere else, when the first kernel is asked for.
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from ztrade_core.backtest.kernel.minds.dispatch import KINDS
from ztrade_core.backtest.kernel.pruning import note_use

Kernel = Callable[..., None]

_KERNEL = "ztrade_core.backtest.kernel."
_SHARED = (
    "ztrade_core.domain.instruments",
    "ztrade_core.risk.arithmetic",
    "ztrade_core.fills.arithmetic",
    "ztrade_core.indicators.ticks",
    "ztrade_core.strategies.protocol",
    f"{_KERNEL}layout",
    f"{_KERNEL}filling",
    f"{_KERNEL}halting",
    f"{_KERNEL}judging",
    f"{_KERNEL}entering",
    f"{_KERNEL}waiting",
)
_OF_STRATEGY = {
    "buy_and_hold": ("ztrade_core.strategies.buy_and_hold",),
    "mean_reversion": (
        "ztrade_core.indicators.z_score",
        "ztrade_core.strategies.mean_reversion",
    ),
    "sentiment_momentum": (
        "ztrade_core.indicators.atr",
        "ztrade_core.indicators.rsi",
        "ztrade_core.indicators.sma",
        "ztrade_core.indicators.trend",
        "ztrade_core.indicators.volume_ratio",
        "ztrade_core.strategies.sentiment_momentum_step",
    ),
    "sma_crossover": ("ztrade_core.strategies.sma_crossover",),
}
_DISPATCH_IMPORT = f"from {_KERNEL}minds.dispatch import advance, answer, search\n"
_TAIL = """

for _name in {modules!r}:
    register_plain(importlib.import_module(_name))
for _function in (advance, answer, search, seek, play_due, marked, ask_due, asked_now, consider, look_ahead, skip):
    register_jitable(error_model="numpy", _nrt=False, forceinline=True)(_function)
for _function in (begin, start_day, raised, guard_of, event_of, sought):
    register_jitable(error_model="numpy", _nrt=False)(_function)
run = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(run)
"""

_SESSION = (
    *_SHARED,
    "ztrade_core.domain.waking",
    f"{_KERNEL}portfolio",
    f"{_KERNEL}proposing",
    f"{_KERNEL}resuming",
)
_SESSION_HEAD = """import importlib

from numba import njit
from numba.extending import register_jitable
from ztrade_core.backtest.kernel.building import register_plain

"""
_SESSION_TAIL = """

for _name in {modules!r}:
    register_plain(importlib.import_module(_name))
for _function in (consider, guard_of, marked, play_due, play_next, is_due, is_awake, sleep):
    register_jitable(error_model="numpy", _nrt=False, forceinline=True)(_function)
for _function in (raised, start_day, parts, answer, note_asked, leave_by_target, halts_so_far):
    register_jitable(error_model="numpy", _nrt=False)(_function)
for _function in (standing, save, restore):
    register_jitable(error_model="numpy", _nrt=False)(_function)
proceed = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(proceed)
look = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(look)
"""


def compiled_session(folder: Path) -> Any:
    """Return the module of a pass that can be left and taken up: its `proceed` and its `look`."""
    name, text = _session()
    return sys.modules.get(name) or _load(name, text, folder)


def is_session_built(folder: Path) -> bool:
    """Return whether the resumable pass was made in `folder` before."""
    return (folder / f"{_session()[0]}.py").is_file()


def _session() -> tuple[str, str]:
    """Return the name of the session's module, which hashes all that it compiles, and its text."""
    own = {f"{_KERNEL}portfolio", f"{_KERNEL}resuming"}
    plain = tuple(name for name in _SESSION if name not in own)
    source = inspect.getsource(importlib.import_module(f"{_KERNEL}resuming"))
    text = _SESSION_HEAD + source + _SESSION_TAIL.format(modules=plain)
    return f"ztrade_session_{digest_of(text, _SESSION)}", text


def compiled_kernel(strategies: Sequence[str], folder: Path) -> Kernel:
    """Return the kernel for agents of these strategies; `folder` keeps the generated modules."""
    name, text = _named(strategies)
    loaded = sys.modules.get(name)
    if loaded is None:
        loaded = _load(name, text, folder)
    kernel: Kernel = loaded.run
    return kernel


def is_built(strategies: Sequence[str], folder: Path) -> bool:
    """Return whether a kernel of these strategies was made in `folder` before."""
    return (folder / f"{_named(strategies)[0]}.py").is_file()


def _named(strategies: Sequence[str]) -> tuple[str, str]:
    """Return a kernel's module name, which hashes all that it compiles, and its text."""
    names = tuple(sorted(set(strategies)))
    modules = modules_of(names)
    text = kernel_text(names, modules)
    return f"ztrade_kernel_{digest_of(text, modules)}", text


def modules_of(strategies: Sequence[str]) -> tuple[str, ...]:
    """Return the modules whose functions a kernel of these strategies compiles."""
    own = [name for each in strategies for name in (*_OF_STRATEGY[each], f"{_KERNEL}minds.{each}")]
    return (*_SHARED, *dict.fromkeys(own))


def digest_of(text: str, modules: Sequence[str]) -> str:
    """Return a digest of the kernel's text, every source it compiles, and the compiler's version."""
    digest = hashlib.sha256(text.encode())
    digest.update(f"{sys.version_info[:2]} numba {_version('numba')}".encode())
    for name in modules:
        digest.update(inspect.getsource(importlib.import_module(name)).encode())
    return digest.hexdigest()[:16]


def kernel_text(strategies: Sequence[str], modules: Sequence[str]) -> str:
    """Return the generated module: the pass, its strategies, and what makes them compile."""
    source = inspect.getsource(importlib.import_module(f"{_KERNEL}portfolio"))
    if _DISPATCH_IMPORT not in source:
        raise ImportError("the kernel's source no longer imports its dispatch as expected")
    own = "\n".join(_dispatch(strategies))
    head = (
        "import importlib\n\nfrom numba import njit\nfrom numba.extending import register_jitable\n"
        "from ztrade_core.backtest.kernel.building import register_plain\n\n"
    )
    return source.replace(_DISPATCH_IMPORT, head + own) + _TAIL.format(modules=tuple(modules))


def register_plain(module: ModuleType) -> None:
    """Let compiled code call a module's plain functions; they stay plain for everyone else."""
    from numba.extending import register_jitable  # noqa: PLC0415 - heavy: only who compiles

    for function in vars(module).values():
        if inspect.isfunction(function) and function.__module__ == module.__name__:
            _register_once(function, register_jitable)


_registered: set[Any] = set()


_HOT = frozenset(
    {"advance", "answer", "search", "step", "gap_of", "tick_of"}  # once a bar
    | {"wait_together", "valued", "noted", "alarm_of"}
    | {"decide", "play", "sell", "buy", "try_entry", "trip", "failed_rules", "sized", "admit"}
    | {"note_fill", "note_decision", "close_trade", "end_entry", "leave", "outcome_of"}
    | {"failed_losses", "failed_prices", "failed_inputs", "failed_size", "failed_pace"}
    | {"standing_usd", "agent_allows", "share_allowed", "is_full", "push", "can_pay", "cash_left"}
)
_COLD = frozenset({f"{_KERNEL}minds.sentiment_momentum"})


def _register_once(function: Any, register: Any) -> None:
    if function not in _registered:
        _registered.add(function)
        is_hot = function.__name__ in _HOT and function.__module__ not in _COLD
        register(error_model="numpy", _nrt=False, forceinline=is_hot)(function)


def _dispatch(strategies: Sequence[str]) -> Iterator[str]:
    """Write `advance`, `answer` and `search` for these strategies alone."""
    for each in strategies:
        for name in ("advance", "answer", "search"):
            if _offers(each, name):
                number = KINDS.index(each)
                yield f"from {_KERNEL}minds.{each} import {name} as {name}_{number}"
    for name, taken, given in (
        ("advance", "kind, ", "memory, agent, bar, seen, bars"),
        ("answer", "", "minds, agent, bar, seen, bars, in_position"),
        ("search", "", "minds, agent, span, levels, bars, codes"),
    ):
        yield f"\n\ndef {name}({taken}{given}):"
        if not taken:
            yield "    kind = minds[2][agent]"
        able = [each for each in strategies if _offers(each, name)]
        for each in able if name == "search" else able[:-1]:
            number = KINDS.index(each)
            yield f"    if kind == {number}:\n        return {name}_{number}({given})"
        last = f"{name}_{KINDS.index(strategies[-1])}({given})"
        yield "    return -1, -1\n\n" if name == "search" else f"    return {last}\n\n"


def _offers(strategy: str, name: str) -> bool:
    """Return whether a strategy's module has a function of this name."""
    return hasattr(importlib.import_module(f"{_KERNEL}minds.{strategy}"), name)


def _load(name: str, text: str, folder: Path) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    if not path.is_file():
        with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".tmp", delete=False) as file:
            file.write(text)
        Path(file.name).replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no module can be made of {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    note_use(path)
    return module


def _version(package: str) -> str:
    from importlib.metadata import version  # noqa: PLC0415 - only who compiles

    return version(package)
