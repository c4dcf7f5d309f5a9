"""Parts of scenes that a process of its own plays: what it keeps in memory, nobody else knows."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.alpaca_kit import alpaca_kit_at
from tests.faults.teeth_patches import applied
from tests.faults.teeth_variants import VARIANTS
from tests.unit.risk.builders import COSTS
from tests.unit.trading.builders import house
from ztrade_core.domain.time import parse_instant
from ztrade_core.trading import override


@contextmanager
def as_variant(name: str | None) -> Iterator[Counter[str]]:
    """Apply a variant by its name; nothing for None."""
    if name is None:
        yield Counter()
        return
    with applied(VARIANTS[name]) as hits:
        yield hits


def halting(*, variant: str | None, urls: list[str], at: str) -> dict[str, int]:
    """Halt the company, and be gone."""
    database, server = urls
    moment = parse_instant(at)
    with as_variant(variant) as hits:
        kit = alpaca_kit_at(database, server, company=house(costs=COSTS))
        override.halt(kit.desk(moment), who="ada", why="a test", at=moment)
    return dict(hits)
