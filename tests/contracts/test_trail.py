"""A trail leads to the vendor's rows of bars and headlines, and shows strangers' text without their escapes."""

from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy.engine import Engine

from tests.contracts.test_store_tampering import as_a_vandal
from tests.fakes.desk import DAY_OPENS, at, kit_on
from tests.fakes.replayed import Session, traders
from tests.fakes.series import random_closes
from ztrade_core.domain.news import Story
from ztrade_core.errors import InputError
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.news import SqlNewsStore
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.trail import Trail, TrailRooms, trail_of
from ztrade_pipelines.cli.why_view import trail_tree

OUT_OF_THE_WAY: dict[str, tuple[str, ...]] = {
    "sqlite": ("PRAGMA defer_foreign_keys = ON",),
    "postgresql": (),
}
AGENT, SYMBOL = "agent_aapl", "AAPL"
STORY = Story(
    news_id="0" * 32,
    symbol=SYMBOL,
    published_at=DAY_OPENS,
    ingested_at=at(0),
    known_at=at(0),
    source="alpaca:benzinga",
    headline="AAPL rises",
    body="",
    url="https://example.com/\x1b[2Jstory",
)


def rooms(engine: Engine) -> TrailRooms:
    return TrailRooms(store=SqlStore(engine), bars=SqlBarStore(engine), news=SqlNewsStore(engine))


def decide(engine: Engine) -> str:
    """Let AAPL's agent decide once, with a headline in its snapshot; return the decision's id."""
    session = Session(kit=kit_on(engine, company=traders()))
    session.kit.put_bars({SYMBOL: random_closes(1, 12)})
    session.decide(AGENT, 11)
    with SqlStore(engine).reading() as uow:
        [row] = uow.ledger.rows()
    return row.decision.decision_id


def shown(trail: Trail) -> str:
    page = StringIO()
    Console(width=300, file=page).print(trail_tree(trail))
    return page.getvalue()


def test_it_leads_to_the_vendors_row_of_the_bar_and_of_each_headline(engine: Engine) -> None:
    decision_id = decide(engine)
    SqlNewsStore(engine).put([STORY])

    trail = trail_of(rooms(engine), decision_id)

    assert trail.bar is not None
    assert (trail.bar.source, trail.bar.ingested_at) == ("test", DAY_OPENS)
    assert trail.bar.is_seen
    [seen] = trail.stories
    assert seen.story == STORY
    text = shown(trail)
    assert "ingested 2022-12-28 14:35Z, known 2022-12-28 14:35Z" in text
    assert "alpaca:benzinga" in text
    assert "AAPL rises — «soon»" in text  # the snapshot's headline carries an escape
    assert "\x1b" not in text


def test_what_is_gone_since_is_said(engine: Engine) -> None:
    decision_id = decide(engine)
    as_a_vandal(engine, "DELETE FROM market_bars")
    trail = trail_of(rooms(engine), decision_id)
    assert (trail.bar, trail.stories[0].story) == (None, None)
    text = shown(trail)
    assert "the store has the decision bar no more" in text
    assert "the store has its row no more" in text


def test_inputs_that_are_gone_are_said_and_the_rest_is_shown(engine: Engine) -> None:
    decision_id = decide(engine)
    as_a_vandal(engine, *OUT_OF_THE_WAY[engine.dialect.name], "DELETE FROM decision_inputs")
    trail = trail_of(rooms(engine), decision_id)
    assert trail.snapshot is None
    text = shown(trail)
    assert "the inputs it saw are gone: deleted" in text
    assert "strategy:sentiment_momentum/1 said" in text


@pytest.mark.parametrize("which", ["", "zt1-nobody", "d-nobody"])
def test_an_unknown_id_says_where_to_look(engine: Engine, which: str) -> None:
    with pytest.raises(InputError, match=r"nothing is known of .*ztrade audit show"):
        trail_of(rooms(engine), which)
