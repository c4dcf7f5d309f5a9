"""What a look at the stops found and did: told by protection, shown by cycle, watch and portfolio."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What protecting found: `armed` stops and `flattened` positions.

    `ended` are orders that were cancelled: entries past their bar, surplus stops. `failed` names what
    could not be mended; empty when every position carries its stop.
    """

    checked: int
    armed: tuple[str, ...] = ()
    flattened: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    @property
    def acted(self) -> bool:
        """Whether anything was sent to the broker."""
        return bool(self.armed or self.flattened or self.ended)


@dataclass(slots=True)
class Told:
    """Collects sentences while a look goes on."""

    armed: list[str] = field(default_factory=list)
    flattened: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def add(self, kind: str, text: str) -> None:
        """Note a sentence; `kind` is a field's name."""
        found: list[str] = getattr(self, kind)
        if text not in found:
            found.append(text)

    def protection(self, checked: int) -> Protection:
        """Return what was collected."""
        return Protection(
            checked=checked,
            armed=tuple(self.armed),
            flattened=tuple(self.flattened),
            failed=tuple(self.failed),
            ended=tuple(self.ended),
        )
