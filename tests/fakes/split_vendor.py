"""A teller of splits that follows a script, and remembers what it was asked."""

from collections.abc import Sequence
from datetime import date

from typing_extensions import override

from ztrade_core.domain.splits import Split
from ztrade_core.ports.providers import SplitProvider


class SplitVendor(SplitProvider):
    """Tells `told` of the range asked for; `script` raises first, one a question."""

    def __init__(
        self, name: str, told: Sequence[Split] = (), *, script: Sequence[Exception] = ()
    ) -> None:
        self._name = name
        self._told = tuple(told)
        self._script = list(script)
        self.asked: list[tuple[str, date, date]] = []

    @property
    @override
    def name(self) -> str:
        return self._name

    @override
    def splits(self, symbol: str, since: date, until: date) -> Sequence[Split]:
        self.asked.append((symbol, since, until))
        if self._script:
            raise self._script.pop(0)
        return [one for one in self._told if one.symbol == symbol and since <= one.ex_date <= until]
