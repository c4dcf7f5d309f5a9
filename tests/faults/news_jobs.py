"""What racing processes do with breaking news: one story each, of one bar."""

from datetime import datetime, timedelta
from typing import Any

from tests.fakes.desk import DeskKit, bar, kit_on, quiet_company
from tests.unit.risk.builders import TSLA
from ztrade_core.store.engine import make_engine

INSIDE = bar(10) + timedelta(minutes=4)


def known(_news_id: str, symbol: str) -> datetime | None:
    """Every story about TSLA became known as the bar had just begun."""
    return bar(10) + timedelta(seconds=1) if symbol == "TSLA" else None


def news_kit(engine: Any, account: str) -> DeskKit:
    """Return the kit that parent and children agree on."""
    return kit_on(engine, account=account, company=quiet_company(), stories=known)


def on_story(*, url: str, account: str, story: str) -> str:
    """Decide on a story; return its slot."""
    engine = make_engine(url)
    try:
        kit = news_kit(engine, account)
        return kit.cycle(INSIDE, TSLA.agent_id, holder=story, story=story).observed.key.slot
    finally:
        engine.dispose()
