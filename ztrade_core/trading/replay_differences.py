"""Where a replayed row is not the stored one, field by field, in canonical text."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.decisions import ChainedDecision, Decision, Verdict

ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs, as canonical JSON; ABSENT where one side has no such field."""

    field: str
    stored: str
    replayed: str

    @classmethod
    def between(cls, name: str, stored: Any, replayed: Any) -> Iterator["Difference"]:
        """Yield where two values' canonical texts differ; none when they are equal to the byte."""
        texts = canonical_json(stored), canonical_json(replayed)
        if texts[0] == texts[1]:
            return
        sides = tuple(dict(_leaves(name, json.loads(text))) for text in texts)
        for path in dict.fromkeys([*sides[0], *sides[1]]):
            one, other = (side.get(path, ABSENT) for side in sides)
            if one != other:
                yield cls(field=path, stored=one, replayed=other)


def differences(
    row: ChainedDecision, again: tuple[Decision, tuple[Verdict, ...]]
) -> Iterator[Difference]:
    """Yield where a replayed decision and its verdicts differ from a stored row."""
    decision, verdicts = again
    yield from Difference.between("decision", row.decision, decision)
    yield from Difference.between("verdict", _by_rule(row.verdicts), _by_rule(verdicts))


def _by_rule(verdicts: tuple[Verdict, ...]) -> dict[str, object]:
    """Return verdicts by rule and place, so that an order of their own differs too."""
    return {f"{place:02}_{verdict.rule_id}": verdict for place, verdict in enumerate(verdicts)}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the paths and canonical texts of what holds nothing; an empty one is a leaf."""
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}", item)
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _leaves(f"{path}.{place}", item)
    else:
        yield path, canonical_json(value)
