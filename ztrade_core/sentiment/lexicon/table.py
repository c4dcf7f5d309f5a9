"""The word list as one dictionary: each word with the rule that reads it.

A word may stand in one list only; the first word of a phrase keeps its own meaning for when the phrase
does not follow.
"""

from collections.abc import Iterator

from ztrade_core.sentiment.lexicon import (
    rules,
    words_events,
    words_moves,
    words_phrases,
    words_things,
)
from ztrade_core.sentiment.lexicon.reading import Rule, Word

WEIGHED_RULES: tuple[tuple[words_moves.Moves, Rule], ...] = (
    (words_moves.FOLLOWING, rules.follow),
    (words_moves.LEADING, rules.lead),
    (words_moves.PEAKS, rules.peak),
    (words_moves.COLOURS, rules.colour),
    (words_moves.BY_FIGURE, rules.fall_by),
    (words_things.THINGS, rules.name),
)
TELLING_RULES: tuple[tuple[words_events.Events, Rule], ...] = (
    (words_events.EVENTS, rules.tell),
    (words_events.TRADES, rules.tell),
    (words_events.REACHED, rules.reach),
    (words_events.RATINGS, rules.rate),
)
PLAIN_RULES: tuple[tuple[str, Rule], ...] = (
    (words_events.NEGATIONS, rules.negate),
    (words_events.DENIALS, rules.negate),
    (words_events.HEDGES, rules.doubt),
    (words_events.ASIDES, rules.step_aside),
    (words_events.BACKGROUND, rules.give_background),
    (words_events.TURNS, rules.turn),
    (words_events.COMMAS, rules.pause),
    (words_events.STOPS, rules.stop),
    (words_events.QUESTIONS, rules.ask),
)


def build_table() -> dict[str, Word]:
    """Return the word list.

    Raises:
        ValueError: a word stands in two lists, or a compound means a word of no list.
    """
    table: dict[str, Word] = {}
    for spelled, word in _words():
        if spelled in table:
            raise ValueError(f"the word {spelled!r} stands in two lists")
        table[spelled] = word
    _add_phrases(table)
    return table


def _words() -> Iterator[tuple[str, Word]]:
    """Yield each word of the lists with its reading."""
    for weighed, rule in WEIGHED_RULES:
        for group, weight, alone in weighed:
            yield from _each(group, Word(rule, weight, alone))
    for telling, rule in TELLING_RULES:
        for group, alone in telling:
            yield from _each(group, Word(rule, 0.0, alone))
    for group, rule in PLAIN_RULES:
        yield from _each(group, Word(rule))
    for spelled in words_events.COMPARISONS.split():
        yield spelled, Word(rules.compare, 0.0 if spelled in {"from", "against"} else 1.0)


def _each(group: str, word: Word) -> Iterator[tuple[str, Word]]:
    """Yield every word of a line."""
    return ((spelled, word) for spelled in group.split())


def _add_phrases(table: dict[str, Word]) -> None:
    """Put each phrase under its first and second word, longest first; the first keeps its own meaning."""
    openings: dict[str, Word] = {}
    for spelled, meaning in sorted(_phrases(table), key=lambda phrase: -len(phrase[0].split())):
        first, *rest = spelled.split()
        if first not in openings:
            openings[first] = Word(rules.phrase)
            openings[first].own = table.get(first)
        openings[first].phrases.setdefault(rest[0], []).append((rest, meaning))
    table.update(openings)


def _phrases(table: dict[str, Word]) -> Iterator[tuple[str, Word | None]]:
    """Yield every phrase with what it means; None: nothing."""
    for spelled, stands_for in words_phrases.COMPOUNDS.items():
        if stands_for not in table:
            raise ValueError(f"{spelled!r} means {stands_for!r}, which stands in no list")
        yield spelled, table[stands_for]
    for group, alone in words_phrases.PHRASES:
        yield from ((spelled, Word(rules.tell, 0.0, alone)) for spelled in group.split(", "))
    for group in words_phrases.EMPTY:
        yield from ((spelled, None) for spelled in group.split(", "))
