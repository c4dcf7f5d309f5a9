"""A halt that needs no database: the file `HALT` in the data folder."""

from typing import Protocol

from typing_extensions import override


class HaltSignal(Protocol):
    """Says whether a person has stopped everything by hand."""

    def standing(self) -> str | None:
        """Return the reason while the signal stands, else None; unreadable counts as standing."""
        ...


class NoHaltSignal(HaltSignal):
    """For backtests: nobody stands beside them."""

    @override
    def standing(self) -> str | None:
        """Return None."""
        return None
