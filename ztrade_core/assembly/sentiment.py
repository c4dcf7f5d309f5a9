"""News to sentiment with the configured sources and scorer: refresh, score, read.

A scorer's libraries are loaded when there is something to score, not to read what is stored.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import override

from ztrade_core.assembly.scorers import ChosenScorer, choose_scorer
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.sentiment_config import ScorerConfig
from ztrade_core.domain.snapshots import SentimentReading
from ztrade_core.domain.time import MICROSECOND
from ztrade_core.domain.words import are, counted
from ztrade_core.errors import ConfigError
from ztrade_core.logs import get_logger
from ztrade_core.news.gathering import Gathered, Gathering
from ztrade_core.ports.news import NewsStore
from ztrade_core.ports.sentiment import ScoreStore, SentimentDesk
from ztrade_core.sentiment.aggregation import terms_of
from ztrade_core.sentiment.cached import CachedScorer
from ztrade_core.sentiment.finbert.places import COMMIT
from ztrade_core.sentiment.folding import MEMORY_MICROS
from ztrade_core.sentiment.scoring import ScoredWindow, keep_latest, score_stories
from ztrade_core.sentiment.stored import StoredSentiment
from ztrade_core.settings.load import Settings

FILES_ONLY = ("files",)
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScorerShelf:
    """The scorers that this process has opened: a model is loaded once."""

    opened: dict[ScorerConfig, ChosenScorer] = field(default_factory=dict)

    def chosen(self, settings: Settings) -> ChosenScorer:
        """Return the configured scorer, or its fallback; ConfigError when neither can be used."""
        config = settings.company.sentiment.scorer
        if config not in self.opened:
            self.opened[config] = choose_scorer(config, settings.data_dir)
        return self.opened[config]

    def key(self, settings: Settings) -> str:
        """Return the key of the scorer whose scores are read; ConfigError when it cannot be told.

        A model that the configuration names by its commit is not opened for that.
        """
        config = settings.company.sentiment.scorer
        is_named = config.revision is not None and COMMIT.fullmatch(config.revision)
        if config.name != "lexicon" and config.fallback is None and is_named:
            return f"{config.name}@{config.revision}"
        return self.chosen(settings).scorer.key


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentWorks(SentimentDesk):
    """News and sentiment of one process, over its stores.

    `gathering` returns who asks the sources of an asset class in a run of a moment.
    """

    settings: Settings
    news: NewsStore
    scores: ScoreStore
    gathering: Callable[[AssetClass, datetime], Gathering]
    shelf: ScorerShelf = field(default_factory=ScorerShelf)

    @property
    def scorer_key(self) -> str:
        """Whose scores are read; ConfigError when a model that is not there would have to tell it."""
        return self.shelf.key(self.settings)

    @property
    def stored(self) -> StoredSentiment:
        """Sentiment as of any moment, of the configured scorer's stored scores."""
        return StoredSentiment(self.scores, self.scorer_key, self.settings.company.sentiment)

    def reading(self, symbol: str, as_of: datetime) -> SentimentReading | None:
        """Return what was known of a symbol at a moment; None also while no scorer can be named."""
        try:
            return self.stored.reading(symbol, as_of)
        except ConfigError as error:
            log.warning("no_scorer", symbol=symbol, error=str(error))
            return None

    @override
    def refresh(self, symbol: str, as_of: datetime) -> tuple[str, ...]:
        gathered = self.gather(symbol, as_of)
        try:
            done = self.score(symbol, self._window(symbol, as_of))
            keep_latest(self.stored, self.scores, symbol, as_of)
        except ConfigError as error:
            log.warning("not_scored", symbol=symbol, error=str(error))
            return (*_told(gathered), f"news is not scored: {error}")
        if not done.scored:
            return _told(gathered)
        scored = f"{counted(done.scored, 'headline')} scored by {done.scorer}"
        return (*_told(gathered), scored, *self.chosen_notes)

    @override
    def unheard(self, symbol: str, as_of: datetime) -> tuple[str, ...]:
        try:
            key = self.scorer_key
        except ConfigError as error:
            return (f"no sentiment is read: {error}",)
        missing = self.scores.unscored(symbol, key, *self._window(symbol, as_of))
        if not missing:
            return ()
        of = f"{counted(missing, 'headline')} of {symbol} known then"
        not_scored = f"{are(missing)} not scored by {key} and counted for nothing"
        return (f"{of} {not_scored}: `ztrade sentiment score-stored` scores them",)

    def gather(self, symbol: str, as_of: datetime) -> Gathered | None:
        """Ask the sources for the newest stories, known from `as_of` on; None: nobody is to be asked."""
        config = self.settings.company.sentiment.news
        asset_class = instrument_of(symbol).asset_class
        names = config.stock_sources if asset_class is AssetClass.STOCK else config.crypto_sources
        if names == FILES_ONLY:
            return None
        return self.gathering(asset_class, as_of).refresh(symbol)

    def score(self, symbol: str, window: tuple[datetime, datetime]) -> ScoredWindow:
        """Score what is known in `start <= t < stop` and has no score; ConfigError without a scorer.

        The scorer is opened only when there is something to score.
        """
        key = self.scorer_key
        if not self.scores.unscored(symbol, key, *window):
            return ScoredWindow(scorer=key, stories=len(self.news.known(symbol, *window)))
        scorer = CachedScorer(self.shelf.chosen(self.settings).scorer, self.scores)
        return score_stories(self.news, self.scores, scorer, symbol, window)

    @property
    def chosen_notes(self) -> tuple[str, ...]:
        """That another scorer stands in for the configured one, and why; empty when none does."""
        return self.shelf.chosen(self.settings).notes

    def _window(self, symbol: str, as_of: datetime) -> tuple[datetime, datetime]:
        """Return since when stories count for a reading at a moment, and just after it."""
        reach = terms_of(self.settings.company.sentiment, symbol).reach + MEMORY_MICROS
        return as_of - reach * MICROSECOND, as_of + MICROSECOND


def _told(gathered: Gathered | None) -> tuple[str, ...]:
    if gathered is None:
        return ()
    return (f"{counted(gathered.new, 'new headline')}", *gathered.notes)
