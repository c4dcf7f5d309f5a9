"""What a memory store must do to take a transaction back."""

from collections.abc import Callable

from ztrade_core.errors import StoreError

Undo = Callable[[], object]


class Journal:
    """Undo steps of the open writing transaction; there is none while reading."""

    def __init__(self) -> None:
        self._steps: list[Undo] = []
        self._is_writing = False

    def begin(self) -> None:
        """Open the writing transaction."""
        self._is_writing = True

    def note(self, undo: Undo) -> None:
        """Remember how to take a write back. Raises StoreError outside `locked()`."""
        if not self._is_writing:
            raise StoreError("a write outside locked(): reading() only reads")
        self._steps.append(undo)

    def end(self, *, keep: bool) -> None:
        """Close the transaction; take every write back, newest first, unless `keep`."""
        steps, self._steps = self._steps, []
        self._is_writing = False
        if not keep:
            for undo in reversed(steps):
                undo()
