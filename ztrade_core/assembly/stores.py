"""The stores that one database holds, each made where it is asked for: they keep no state of their own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Engine

from ztrade_core.store.news import SqlNewsStore
from ztrade_core.store.quarantine import SqlQuarantine
from ztrade_core.store.sentiment import SqlScoreStore
from ztrade_core.store.splits import SqlSplitStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What is kept besides bars, books and backtests."""

    engine: Engine

    @property
    def quarantine(self) -> SqlQuarantine:
        """The bars that are kept out of the store until a person releases them."""
        return SqlQuarantine(self.engine)

    @property
    def splits(self) -> SqlSplitStore:
        """The stock splits that are known."""
        return SqlSplitStore(self.engine)

    @property
    def news(self) -> SqlNewsStore:
        """The stories that are kept."""
        return SqlNewsStore(self.engine)

    @property
    def scores(self) -> SqlScoreStore:
        """The scores of stories, and the newest sentiment."""
        return SqlScoreStore(self.engine)

    def story_known_at(self, news_id: str, symbol: str) -> datetime | None:
        """Return when a story about a symbol became known; None: there is none."""
        story = self.news.story(news_id, symbol)
        return None if story is None else story.known_at
