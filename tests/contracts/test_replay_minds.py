"""Decisions of ensembles, files, sleepers and people replay byte-equal, offline, from the store alone."""

from collections import Counter

import pytest
from sqlalchemy.engine import Engine

from tests.contracts.test_replay import no_socket
from tests.fakes.replayed import WHOLE_DAY, copied_from, room
from tests.fakes.replayed_minds import every_mind, traded_by_all
from ztrade_core.domain.decisions import Action, Outcome
from ztrade_core.domain.voting import votes_of
from ztrade_core.domain.waking import ASLEEP_MAKER
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.replay import Replayed, replays

__all__ = ["no_socket"]


@pytest.mark.usefixtures("no_socket")
def test_five_hundred_decisions_of_every_mind_replay_byte_equal_without_a_socket(
    engine: Engine,
) -> None:
    store = SqlStore(engine)
    rows = copied_from(traded_by_all(), store)

    found = list(replays(room(store, every_mind()), WHOLE_DAY))

    assert len(found) == len(rows) >= 500
    unequal = [one for one in found if one.outcome is not Replayed.EQUAL or one.differences]
    assert unequal == []
    with store.reading() as uow:
        modes = Counter(tape.mode for row in rows if (tape := uow.tapes.get(row.decision.key)))
    assert set(modes) == {"strategy", "automated", "subagent", "ensemble", "manual"}
    assert min(modes.values()) >= 30, modes
    proposals = [row.decision.proposal for row in rows]
    kinds = {
        "asleep": sum(each.maker == ASLEEP_MAKER for each in proposals),
        "voted": sum(bool(votes_of(each)) for each in proposals),
        "voted for an order": sum(
            bool(votes_of(each)) and each.action is not Action.HOLD for each in proposals
        ),
        "not asked": sum(each.is_unasked for each in proposals),
        "unusable": sum(each.is_invalid for each in proposals),
        "unanswered": sum(each.is_unheard and not each.is_unasked for each in proposals),
    }
    assert min(kinds.values()) >= 5, kinds
    assert {row.decision.outcome for row in rows} == set(Outcome)
