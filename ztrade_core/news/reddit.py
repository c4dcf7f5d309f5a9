"""Posts about a symbol from configured subreddits, through praw; needs a client id and secret.

A post counts when its title or text names the symbol: as a cashtag (`$TSLA`), as the bare ticker in
capitals where that is three letters or longer, or as a well-known coin's name. `source` is
`reddit:<subreddit>`, the title is the headline, the text the body; comments, votes and flair are not
read. Reddit lists the newest thousand matches and no more; a note says so where that cut a question.
Source: Reddit's API (`/r/<names>/search`, OAuth for applications without a user), 100 posts a page.
praw 8 reads praw.ini and variables of its own for what it is not told, so it is told everything.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from requests.exceptions import RequestException
from typing_extensions import override

from ztrade_core.domain.news import RawStory
from ztrade_core.errors import DataError, TransientDataError, VendorRefusedError
from ztrade_core.news.reddit_wire import RedditKeys, RedditSession
from ztrade_core.news.vendor_stories import NEWS_LIMITS, UnfitError, fetched, text_of
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.news import FetchedNews, NewsProvider
from ztrade_core.wires.bounded import WireError, WireLimits
from ztrade_core.wires.pace import Pace, Questions
from ztrade_core.wires.refusals import not_understood
from ztrade_core.wires.vendor import UNKEYED

if TYPE_CHECKING:
    from praw import Reddit

MOST_POSTS = 1000
MOST_CALLS = 12
"""Ten pages of a hundred posts and the token."""

SHORTEST_BARE_TICKER = 3
COINS = {
    "ADA": "cardano",
    "AVAX": "avalanche",
    "BCH": "bitcoin cash",
    "BTC": "bitcoin",
    "DOGE": "dogecoin",
    "DOT": "polkadot",
    "ETH": "ethereum",
    "LINK": "chainlink",
    "LTC": "litecoin",
    "SOL": "solana",
    "UNI": "uniswap",
    "XRP": "ripple",
}
_AGES = {
    timedelta(hours=1): "hour",
    timedelta(days=1): "day",
    timedelta(days=7): "week",
    timedelta(days=30): "month",
    timedelta(days=365): "year",
}
_GONE = frozenset({"[removed]", "[deleted]"})
_MOST_SECONDS = 253_402_300_800  # the year 10,000


class RedditPosts(NewsProvider):
    """Posts about a symbol; `urls` are of the API and of its tokens; `keys` None: there are none to offer."""

    def __init__(
        self,
        *,
        urls: tuple[str, str],
        keys: RedditKeys | None,
        subreddits: tuple[str, ...],
        clock: Clock,
        pace: Pace,
        limits: WireLimits = NEWS_LIMITS,
    ) -> None:
        self._urls = urls
        self._keys = keys
        self._subreddits = subreddits
        self._clock = clock
        self._pace = pace
        self._questions = Questions(pace)
        self._limits = limits
        self._reddit: Reddit | None = None

    @property
    @override
    def name(self) -> str:
        return "reddit"

    @override
    def supports(self, symbol: str) -> bool:
        return self._keys is not None

    @override
    def calls(self, symbol: str, start: datetime, stop: datetime) -> int:
        if self._keys is None:
            return 0
        return 1 if self._reddit is not None else 2

    @override
    def fetch(self, symbol: str, start: datetime, stop: datetime) -> FetchedNews:
        self._questions.begin(MOST_CALLS)
        posts = self._ask(symbol, start)
        found = fetched(
            (each for each in posts if _names(_words_of(each), symbol)),
            lambda each: self._story(each, symbol),
            start,
            stop,
        )
        if len(posts) < MOST_POSTS or _is_before(posts[-1], start):
            return found
        note = f"Reddit lists the newest {MOST_POSTS:,} posts only; older ones were not read"
        return FetchedNews(stories=found.stories, notes=(*found.notes, note))

    def _ask(self, symbol: str, start: datetime) -> list[dict[str, Any]]:
        """Ask for the newest posts until `start`; every failure becomes one of our errors."""
        from praw.exceptions import PRAWException  # noqa: PLC0415 - who asks Reddit
        from prawcore.exceptions import PrawcoreException  # noqa: PLC0415

        try:
            return list(self._posts(symbol, start))
        except (PrawcoreException, PRAWException) as error:
            cause = getattr(error, "original_exception", None)
            raise self._forgotten(cause if isinstance(cause, Exception) else error) from None
        except (RequestException, ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._forgotten(error) from None
        except (AssertionError, RecursionError) as error:  # praw's own, lists within lists
            raise self._forgotten(error) from None

    def _forgotten(self, error: Exception) -> DataError:
        """Return what an error means; the token that was held is not used again."""
        self._reddit = None
        if isinstance(error, DataError):
            return error
        if isinstance(error, WireError):
            return TransientDataError(str(error))
        return not_understood(error)

    def _posts(self, symbol: str, start: datetime) -> Iterator[dict[str, Any]]:
        """Yield posts, newest first, down to one that is older than `start`."""
        from praw.models import Submission  # noqa: PLC0415 - who asks Reddit

        subreddits = self._client().subreddit("+".join(self._subreddits))
        age = self._clock.now() - start
        listed = subreddits.search(
            _query(symbol),
            sort="new",
            time_filter=next((word for most, word in _AGES.items() if age <= most), "all"),
            limit=MOST_POSTS,
            request_limit=100,
        )
        for each in listed:
            if not isinstance(each, Submission):
                raise TransientDataError("its answer was not understood (not posts)")
            post = dict(vars(each))  # as they came: an attribute that is absent would be asked for
            yield post
            if _is_before(post, start):
                return

    def _client(self) -> "Reddit":
        from praw import Reddit  # noqa: PLC0415 - who asks Reddit

        if self._keys is None:
            raise VendorRefusedError("posts need REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET")
        if self._reddit is None:
            session = RedditSession(
                self._urls,
                self._keys,
                clock=self._clock,
                pace=self._pace,
                questions=self._questions,
                limits=self._limits,
            )
            self._reddit = Reddit(
                "DEFAULT",
                requestor_kwargs={"session": session},
                client_id=UNKEYED,
                client_secret=UNKEYED,
                user_agent=self._keys.user_agent,
                oauth_url=self._urls[0],
                reddit_url=self._urls[1],
                username=None,
                password=None,
                refresh_token=None,
                redirect_uri=None,
                check_for_updates=False,
                check_for_async=False,
            )
        return self._reddit

    def _story(self, post: dict[str, Any], symbol: str) -> RawStory:
        number, subreddit = post.get("id"), str(post.get("subreddit") or "")
        if not isinstance(number, str) or not number.isalnum():
            raise UnfitError("no id")
        if subreddit.lower() not in {each.lower() for each in self._subreddits}:
            raise UnfitError("of another subreddit")
        created = _created(post)
        edited = post.get("edited")
        body = text_of(post.get("selftext"), "text", may_be_empty=True)
        path = text_of(post.get("permalink"), "address", may_be_empty=True)
        return RawStory(
            external_id=number,
            symbols=(symbol,),
            published_at=created,
            changed_at=_moment(edited) if edited else None,
            source=f"reddit:{subreddit.lower()}",
            headline=text_of(post.get("title"), "title"),
            body="" if body in _GONE else body,
            url=f"https://www.reddit.com{path}" if path.startswith("/") else "",
        )


def _query(symbol: str) -> str:
    ticker, _, quote = symbol.partition("/")
    return f'{ticker} OR "{COINS[ticker]}"' if quote and ticker in COINS else ticker


def _words_of(post: dict[str, Any]) -> str:
    return f"{post.get('title')} {post.get('selftext')}"


def _names(text: str, symbol: str) -> bool:
    """Return whether a text names a symbol; see the module."""
    ticker, _, quote = symbol.partition("/")
    name = re.escape(ticker)
    if re.search(rf"\${name}(?![A-Za-z0-9])", text, re.IGNORECASE):
        return True
    if len(ticker) >= SHORTEST_BARE_TICKER and re.search(rf"\b{name}\b", text):
        return True
    coin = COINS.get(ticker) if quote else None
    return coin is not None and re.search(rf"\b{coin}\b", text, re.IGNORECASE) is not None


def _is_before(post: dict[str, Any], moment: datetime) -> bool:
    try:
        return _created(post) < moment
    except UnfitError:
        return False


def _created(post: dict[str, Any]) -> datetime:
    return _moment(post.get("created_utc"))


def _moment(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise UnfitError("no time")
    if not 0 < seconds < _MOST_SECONDS:  # NaN is not, either
        raise UnfitError("no time")
    return datetime.fromtimestamp(seconds, UTC)
