"""RULE_004: not too many positions that move together.

Judged over the symbols of the projected book, company-wide. A pair counts as correlated above the
threshold, and whenever its correlation is not known: absent, too short, or NaN.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.snapshots import PairCorrelation
from ztrade_core.risk.arithmetic import is_correlated
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.projection import projected_book
from ztrade_core.risk.rule import Rule, ruling, switched_off


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationRule(Rule):
    """Bounds 1 + the number of others correlated with any symbol; `None` is off."""

    rule_id: ClassVar[str] = "RULE_004"
    name: ClassVar[str] = "correlated_positions"
    description: ClassVar[str] = (
        "No symbol of the book, open entries and this order included, is one of too many that are"
        " correlated with it."
    )

    limit: int | None
    threshold: float

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the largest group around any symbol of the projected book."""
        if self.limit is None:
            return switched_off(self)
        symbols = projected_book(case).symbols()
        known = _by_pair(case.market.correlations)
        centre, partners = "", list[str]()
        for symbol in symbols:
            others = [
                other
                for other in symbols
                if other != symbol
                and is_correlated(known.get(frozenset({symbol, other}), math.nan), self.threshold)
            ]
            if not centre or len(others) > len(partners):
                centre, partners = symbol, others
        group = 1 + len(partners) if centre else 0
        return ruling(
            self,
            _message(centre, partners, self.limit, self.threshold),
            passed=group <= self.limit,
            observed=float(group),
            limit=float(self.limit),
        )


def _by_pair(correlations: tuple[PairCorrelation, ...]) -> dict[frozenset[str], float]:
    """Index by unordered pair; of two entries for one pair the higher stands, unknown highest."""
    known: dict[frozenset[str], float] = {}
    for each in correlations:
        pair = frozenset({each.first, each.second})
        value = math.nan if each.value is None else each.value
        before = known.get(pair, -math.inf)
        known[pair] = before if before >= value or math.isnan(before) else value
    return known


def _message(centre: str, partners: list[str], limit: int, threshold: float) -> str:
    if not centre:
        return "the book holds no symbol"
    if not partners:
        return f"no two symbols are correlated above {threshold}; the limit is {limit} together"
    return (
        f"{centre} and {len(partners)} others correlated above {threshold} or of unknown correlation"
        f" ({', '.join(partners)}) make {1 + len(partners)}; the limit is {limit}"
    )
