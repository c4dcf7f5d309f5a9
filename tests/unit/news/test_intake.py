"""Stories enter cleaned and once; what is refused is counted and named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.news_store import MemoryNewsStore
from tests.fakes.stories import MORNING, raw
from ztrade_core.errors import UnsoundDataError
from ztrade_core.news.cleaning import Fetch, Refusal
from ztrade_core.news.intake import TakenIn, take_in

FETCH = Fetch(
    provider="alpaca",
    fetched_at=MORNING + timedelta(minutes=2),
    backfill_delay=timedelta(minutes=15),
)


def test_new_known_and_refused_stories_are_counted() -> None:
    store = MemoryNewsStore()
    told = [raw(), replace(raw("\u200b"), external_id="8"), replace(raw("Sales fell"))]
    assert take_in(told, store, FETCH) == TakenIn(
        new=2,
        refused=(Refusal(story="8", field="headline", reason="the headline has no word"),),
    )
    again = take_in([*told[:1], raw("Costs rose")], store, FETCH)
    assert (again.new, again.known_before, again.refused) == (1, 1, ())
    assert [story.headline for story in store.kept] == [
        "Deliveries rose",
        "Sales fell",
        "Costs rose",
    ]


def test_the_first_arrival_fixes_when_a_story_was_known() -> None:
    store = MemoryNewsStore()
    take_in([raw()], store, FETCH)
    later = replace(FETCH, fetched_at=MORNING + timedelta(days=30))
    assert take_in([raw()], store, later) == TakenIn(known_before=1)
    assert store.kept[0].known_at == FETCH.fetched_at


def test_a_story_in_the_answer_twice_enters_once() -> None:
    assert take_in([raw(), raw()], MemoryNewsStore(), FETCH) == TakenIn(new=1, known_before=1)


def test_only_the_symbol_that_was_asked_for_is_kept() -> None:
    store = MemoryNewsStore()
    told = [replace(raw(), symbols=("IWM", "TSLA")), replace(raw("Other"), symbols=("IWM",))]
    assert take_in(told, store, FETCH, only="TSLA") == TakenIn(new=1)
    assert [story.symbol for story in store.kept] == ["TSLA"]


def test_invented_stories_do_not_enter_beside_real_ones() -> None:
    store = MemoryNewsStore()
    take_in([raw()], store, FETCH)
    with pytest.raises(UnsoundDataError, match="invented"):
        take_in([replace(raw("Up"), source="synthetic:demo")], store, FETCH)
    assert len(store.kept) == 1


def test_the_notes_have_a_line_for_each_reason() -> None:
    names = [f"story {number}" for number in range(7)]
    refused = tuple(Refusal(story=name, field="headline", reason="no word") for name in names)
    other = TakenIn(refused=(Refusal(story="x", field="source", reason="no name"),))
    total = TakenIn(new=1, refused=refused) + other
    assert total.new == 1
    assert total.notes == (
        "story 0, story 1, story 2, story 3, story 4 and 2 more: no word",
        "x: no name",
    )
