"""How replays look on the page: counts, and one row a difference."""

from ztrade_core.domain.configuration import Mode
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.trading.replay import RangeReplay, Replay, Replayed, ReplayRoom
from ztrade_pipelines import ui
from ztrade_pipelines.resources import Ztrade

MOST_ROWS = 200
MOST_TEXT = 160
COLUMNS = ("row", "decision", "agent", "outcome", "field", "stored", "replayed")


def replay_room(ztrade: Ztrade) -> ReplayRoom:
    """Return what replays are made of, from this process's workshop."""
    workshop = ztrade.workshop()
    return ReplayRoom(
        store=workshop.store,
        company=workshop.settings.company,
        makers={Mode.STRATEGY: workshop.makers[Mode.STRATEGY]},
    )


def replay_metadata(done: RangeReplay) -> ui.Metadata:
    """Return how many came to what, and where the rest differ."""
    shown = [row for one in done.unequal for row in _rows(one)]
    return {
        "decisions": done.decisions,
        **{outcome.value: done.counts.get(outcome, 0) for outcome in Replayed},
        "differences": len(shown),
        "first_differences": ui.table(COLUMNS, shown[:MOST_ROWS]),
    }


def _rows(one: Replay) -> list[tuple[ui.Cell, ...]]:
    decision = one.row.decision
    begin: tuple[ui.Cell, ...] = (
        one.row.sequence,
        decision.decision_id,
        decision.key.agent_id,
        one.outcome.value,
    )
    found = [
        (*begin, each.field, visible_line(each.stored, MOST_TEXT), _line(each.replayed))
        for each in one.differences
    ]
    return found or [(*begin, None, None, _line(one.note))]


def _line(text: str) -> str:
    return visible_line(text, MOST_TEXT)
