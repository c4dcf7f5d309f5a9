"""Broken variants of the product: a variant puts wrong code in place of right code, for a while.

`with applied(variant) as hits:` works in this process, by name in a child too (`teeth_variants.VARIANTS`).
A function is exchanged wherever it was imported to. `hits` counts how often each piece of wrong code ran:
a variant whose wrong code never ran tells nothing.
"""

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

OURS = ("ztrade_core.", "ztrade_pipelines.", "tests.")


@dataclass(frozen=True, kw_only=True)
class Patch:
    """`where` is `package.module:function` or `package.module:Class.method`.

    `make` returns the wrong code; it is given the right one, to call or not.
    """

    where: str
    make: Callable[[Any], Callable[..., Any]]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Wrong code, the scene that must tell it from the right one, and what is found there.

    `kind` is a field of `Findings`; `says` is part of the text.
    """

    name: str
    patches: tuple[Patch, ...]
    scene: str
    kind: str
    says: str


def variant(name: str, scene: str, finds: str, *patches: Patch) -> Variant:
    """Return a variant; `finds` is `kind: part of the text`."""
    kind, _, says = finds.partition(": ")
    return Variant(name=name, patches=patches, scene=scene, kind=kind, says=says)


def wrong(where: str, make: Callable[[Any], Callable[..., Any]]) -> Patch:
    """Return a patch."""
    return Patch(where=where, make=make)


def answering(where: str, value: Any) -> Patch:
    """Return a patch that answers the same to everything."""
    return Patch(where=where, make=lambda _right: lambda *_args, **_kwargs: value)


@contextmanager
def applied(broken: Variant) -> Iterator[Counter[str]]:
    """Put a variant's wrong code in place until the block ends; count its calls by `where`."""
    hits = Counter({patch.where: 0 for patch in broken.patches})
    with ExitStack() as stack:
        for patch in broken.patches:
            stack.enter_context(_in_place(patch, hits))
        yield hits


def right_code(where: str) -> Any:
    """Return what stands at a place now."""
    holder, name = _place(where)
    return vars(holder)[name]


def _place(where: str) -> tuple[Any, str]:
    """Return the module or class of a place, and the name in it."""
    module_name, _, path = where.partition(":")
    holder: Any = importlib.import_module(module_name)
    *outer, name = path.split(".")
    for each in outer:
        holder = getattr(holder, each)
    return holder, name


@contextmanager
def _in_place(patch: Patch, hits: Counter[str]) -> Iterator[None]:
    holder, name = _place(patch.where)
    right = right_code(patch.where)
    made = _counted(patch, right, hits)
    places = [holder] if isinstance(holder, type) else _holders(right, name, holder)
    for place in places:
        setattr(place, name, made)
    try:
        yield
    finally:
        for place in places:
            setattr(place, name, right)


def _counted(patch: Patch, right: Any, hits: Counter[str]) -> Callable[..., Any]:
    made = patch.make(right)

    @wraps(made, updated=())
    def counted(*args: Any, **kwargs: Any) -> Any:
        hits[patch.where] += 1
        return made(*args, **kwargs)

    return counted


def _holders(right: Any, name: str, defined_in: Any) -> list[Any]:
    """Return every module of ours that has a function under its name."""
    modules = [module for key, module in sys.modules.items() if key.startswith(OURS)]
    others = [module for module in modules if vars(module).get(name) is right]
    return [defined_in, *(module for module in others if module is not defined_in)]
