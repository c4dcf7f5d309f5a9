"""Counting reasons: texts that differ only in their numbers are one reason.

`needs 200 complete bars, has 1` and `... has 2` become `needs 200 complete bars, has N`: a number
that they share stays, one that varies reads N, and so does every order's id. Any engine counts the
reasons of its holds with this.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from ztrade_core.domain.orders import ORDER_PREFIX

MOST_REASONS = 20
OTHERS = "other reasons"
VARIES = "N"
_NUMBER = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d+(?:[.,:]\d+)*")
_ORDER_ID = re.compile(re.escape(ORDER_PREFIX) + "[0-9a-f]{40}")


def counted_reasons(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how often each reason was given, most frequent first, the rarest as `other reasons`.

    At most `MOST_REASONS` are kept: a model writes a new sentence for every bar.
    """
    told: Counter[str] = Counter()
    for reason, times in counts.items():
        told[_ORDER_ID.sub(VARIES, reason)] += times
    groups: dict[str, list[str]] = defaultdict(list)
    for reason in told:
        groups[_NUMBER.sub(VARIES, reason)].append(reason)
    merged = {_common(texts): sum(told[text] for text in texts) for texts in groups.values()}
    ranked = sorted(merged.items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked[:MOST_REASONS])
    left = sum(number for _, number in ranked[MOST_REASONS:])
    return kept | {OTHERS: left} if left else kept


def _common(texts: Iterable[str]) -> str:
    """Return what texts of one shape share, N where their numbers vary."""
    first, *rest = texts
    numbers = [
        set(column) for column in zip(*(_NUMBER.findall(t) for t in (first, *rest)), strict=True)
    ]
    shared = iter([next(iter(each)) if len(each) == 1 else VARIES for each in numbers])
    return _NUMBER.sub(lambda _: next(shared), first)
