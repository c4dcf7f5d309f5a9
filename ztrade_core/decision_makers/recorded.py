"""A mind that repeats what was decided before: from the ledger, or from a file of JSON lines. Free.

A recording holds one agent's proposals by slot, the open time of the decision bar. A bar without one
is a hold. Sizes, rules and fills are judged anew: only the answers are repeated.

A file has one JSON object a line, in any order; blank lines are passed over:

    {"slot": "2022-12-28T14:55:00Z", "action": "buy", "confidence": 0.8, "rationale": "why",
     "stop_price": 108.5, "target_price": 121.0, "quantity": 10, "agent_id": "agent_tsla"}

`slot`, `action` (buy, sell, hold) and `confidence` (0..1) must be there; prices are USD.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from typing_extensions import override

from ztrade_core.domain.canonical import canonical_json, sha256_hex
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Action, ChainedDecision, Proposal, bar_of_slot
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.errors import InputError
from ztrade_core.ports.mind import DecisionMaker
from ztrade_core.trading.voters import Voters

NAME = "recorded/1"
FROM_FILE = "file"
NO_ENTRY = "no decision is recorded for this bar"
MOST_TOLD = 20
_REQUIRED = ("slot", "action", "confidence")
_OPTIONAL = ("stop_price", "target_price", "quantity", "rationale", "agent_id")
_KEYS = frozenset({*_REQUIRED, *_OPTIONAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One agent's proposals by slot. `source` says where they are from, `skipped` how many are no bar's.

    `voters` are the makers of the members' answers, where an ensemble decided and they are known.
    """

    agent_id: str
    source: str
    entries: Mapping[str, Proposal]
    skipped: int = 0
    voters: Voters = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A digest of agent and proposals, to tell whether two runs repeated the same."""
        return sha256_hex(canonical_json([self.agent_id, sorted(self.entries.items())]))


class RecordedMaker(DecisionMaker):
    """Answers with the recording's entry of the slot."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    @property
    @override
    def name(self) -> str:
        return NAME

    @override
    def lookback_bars(self, agent: AgentConfig) -> int:
        return 1

    @override
    def propose(self, snapshot: MarketSnapshot, agent: AgentConfig) -> Proposal:
        return self.answer(snapshot.key.slot)

    def answer(self, slot: str) -> Proposal:
        """Return the recorded proposal of a slot, or the hold that stands in for none."""
        found = self.recording.entries.get(slot)
        if found is None:
            return Proposal(action=Action.HOLD, confidence=0.0, rationale=NO_ENTRY, maker=NAME)
        return replace(found, maker=f"recorded:{found.maker}")


def recording_of_ledger(
    rows: Iterable[ChainedDecision], *, account: str, agent_id: str
) -> Recording:
    """Return an agent's decisions on the newest epoch of an account.

    Left out are those on news, which belong to no bar, and the house's own. InputError when none is left.
    """
    decisions = [
        row.decision
        for row in rows
        if (row.decision.key.account, row.decision.key.agent_id) == (account, agent_id)
    ]
    epoch = max((decision.key.account_epoch for decision in decisions), default=0)
    current = [decision for decision in decisions if decision.key.account_epoch == epoch]
    entries = {
        decision.key.slot: decision.proposal
        for decision in current
        if bar_of_slot(decision.key.slot) is not None and not decision.proposal.is_of_house
    }
    if not entries:
        raise InputError(f"the ledger has no decision of {agent_id} on account {account}")
    return Recording(
        agent_id=agent_id,
        source=f"ledger, account {account}, epoch {epoch}",
        entries=entries,
        skipped=len(current) - len(entries),
    )


def recording_of_file(path: Path, agent_id: str) -> Recording:
    """Read a file of JSON lines; InputError names every line that is wrong, and why."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a recording: {error}") from error
    entries: dict[str, Proposal] = {}
    lines: dict[str, int] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            slot, proposal = _entry(line, agent_id)
            if slot in lines:
                raise ValueError(f"slot {slot} stands on line {lines[slot]} already")  # noqa: TRY301
        except ValueError as error:
            problems.append(f"line {number}: {error}")
            continue
        entries[slot], lines[slot] = proposal, number
    if problems:
        told, left = problems[:MOST_TOLD], len(problems) - MOST_TOLD
        more = f"; and {left} lines more" if left > 0 else ""
        raise InputError(f"{path}: {'; '.join(told)}{more}")
    if not entries:
        raise InputError(f"{path}: no decision is in it; write one JSON object a line")
    return Recording(agent_id=agent_id, source=f"file {path.name}", entries=entries)


def _entry(line: str, agent_id: str) -> tuple[str, Proposal]:
    """Return a line's slot and proposal; ValueError says what is wrong with it."""
    found = _object(line)
    if found.get("agent_id", agent_id) != agent_id:
        raise ValueError(f"it is {found['agent_id']!r}'s, not {agent_id}'s")
    action, rationale = found["action"], found.get("rationale", "")
    if action not in [each.value for each in Action]:
        raise ValueError(f"action {action!r} is none of buy, sell, hold")
    if not isinstance(rationale, str):
        raise ValueError("rationale is no text")  # noqa: TRY004 - one reaction to any bad line
    confidence = _number(found, "confidence")
    if not 0.0 <= confidence <= 1.0:
        raise ValueError(f"confidence {confidence:g} is not within 0 to 1")
    return _slot(found["slot"]), Proposal(
        action=Action(action),
        confidence=confidence,
        rationale=rationale,
        maker=FROM_FILE,
        stop_price=_wish(found, "stop_price"),
        target_price=_wish(found, "target_price"),
        quantity=_wish(found, "quantity"),
    )


def _wish(found: Mapping[str, object], name: str) -> float | None:
    if found.get(name) is None:
        return None
    value = _number(found, name)
    if not value > 0.0:
        raise ValueError(f"{name} {value:g} is not above 0")
    return value


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON ({error})") from error
    if not isinstance(found, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - one reaction to any bad line
    for key in _problem_keys(found):
        raise ValueError(key)
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _problem_keys(found: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(found.keys() - _KEYS):
        yield f"unknown key {key!r}; known are {', '.join(sorted(_KEYS))}"
    for key in _REQUIRED:
        if found.get(key) is None:
            yield f"{key} is missing"


def _number(found: Mapping[str, object], name: str) -> float:
    value = found[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} {value!r} is no number")  # noqa: TRY004 - as above
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is too large") from error
    if not math.isfinite(number):
        raise ValueError(f"{name} {value} is no number")
    return number


def _slot(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"slot {value!r} is no text")  # noqa: TRY004 - as above
    try:
        return iso_z(parse_instant(value))
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"slot {value!r} is no instant with an offset, like 2022-12-28T14:55:00Z"
        ) from error
