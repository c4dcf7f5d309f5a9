"""Slots beside a decision's own: where the answers of an ensemble's members and of shadows are taped.

`member:<name>:<slot>` and `shadow:<name>:<sample>:<slot>`, samples from 1. They claim nothing: no slot of
the ledger looks so.
"""

from dataclasses import dataclass

MEMBER, SHADOW = "member", "shadow"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSlot:
    """Whose answer it is, and to what: `kind` is MEMBER or SHADOW, `slot` the decision's own.

    A member answers once: its `sample` is 1.
    """

    kind: str
    name: str
    sample: int
    slot: str


def member_slot(name: str, slot: str) -> str:
    """Return where a member's answer to a slot is taped."""
    return f"{MEMBER}:{name}:{slot}"


def shadow_slot(name: str, sample: int, slot: str) -> str:
    """Return where a shadow's answer to a slot is taped, its `sample`-th."""
    return f"{SHADOW}:{name}:{sample}:{slot}"


def side_slot_of(text: str) -> SideSlot | None:
    """Return what a slot is beside; None for a decision's own."""
    kind, _, rest = text.partition(":")
    if kind == MEMBER:
        name, _, slot = rest.partition(":")
        return SideSlot(kind=MEMBER, name=name, sample=1, slot=slot)
    if kind != SHADOW:
        return None
    name, _, rest = rest.partition(":")
    number, _, slot = rest.partition(":")
    return SideSlot(kind=SHADOW, name=name, sample=int(number), slot=slot)
