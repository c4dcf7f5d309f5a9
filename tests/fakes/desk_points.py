"""Checkpoints at which something else happens first: another run, a person's halt."""

from collections.abc import Callable, Mapping

from typing_extensions import override

from ztrade_core.ports.checkpoints import Checkpoints


class Meanwhile(Checkpoints):
    """Does what `actions` say when a point is first passed; no transaction is open then."""

    def __init__(self, actions: Mapping[str, Callable[[], object]]) -> None:
        self._actions = dict(actions)

    @override
    def reach(self, name: str) -> None:
        action = self._actions.pop(name, None)
        if action is not None:
            action()
