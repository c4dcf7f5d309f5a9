"""What must be true of a window of news, and of its sentiment: the names of the asset checks.

A run evaluates each of them once, over its day or its whole range, and the page keeps every evaluation
with its window, as for bars. What is looked at is in `evaluations`, imported when a run evaluates.
"""

from collections.abc import Mapping

import dagster as dg

ANSWERED, FUTURE, FRESH = "every_source_answered", "no_text_is_from_the_future", "news_is_fresh"
RANGE, COVERED, ONE_SCORER = "scores_are_in_range", "every_story_is_scored", "one_scorer_scored"
KNOWN, RETOLD = "nothing_is_read_before_it_was_known", "few_stories_are_retold"

NEWS_CHECKS = {
    ANSWERED: "Every source that was asked has answered.",
    FUTURE: "No story was published after it arrived here, or counts as known before it was published.",
    FRESH: "While its refresh schedule runs, the news of the symbol was heard of lately.",
}
SENTIMENT_CHECKS = {
    RANGE: "Every score is within -1..1 and every confidence within 0..1.",
    KNOWN: "No score or reading rests on a story that was known only later.",
    COVERED: "The configured scorer has looked at every story of the days.",
    ONE_SCORER: "No other scorer has scored only a part of the days' stories.",
    RETOLD: "At most half of the stories retell others; what is retold counts once.",
}


def specs(key: dg.AssetKey, checks: Mapping[str, str]) -> list[dg.AssetCheckSpec]:
    """Return the checks of one asset."""
    return [dg.AssetCheckSpec(name=n, asset=key, description=d) for n, d in checks.items()]
