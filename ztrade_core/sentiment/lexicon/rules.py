"""The rules: what each kind of word does to the reading of a text. One function a kind.

A move (`rose`, `cuts`) is multiplied with the thing it speaks of (`profit`, `costs`) in the same clause.
A word that follows its thing looks back first, a word that leads looks ahead first. Negation turns the
next few words round at NEGATED of their weight, so it never says more than what it denies.
"""

from ztrade_core.sentiment.lexicon.reading import NO_PLACE, Reading, Word

NEGATED = -0.6
NEGATION_REACH = 4
BACK_REACH = 14
AHEAD_REACH = 7
NOUN_REACH = 4
ASIDE_SCALE = 0.3
BACKGROUND_SCALE = 0.6
TURN_SCALE = 1.4
FIGURE_WEIGHT = 0.5
LEANING = frozenset({"by", "of", "on", "with"})
"""After these a move speaks of what comes next: `hurt by falling demand`."""
SPANS = ("-year", "-month", "-week", "-wk", "-day")
SPANNING = frozenset({"new", "week", "year", "month", "session", "decade"})
REACHED = frozenset({"a", "an", "the", "new", "record", "all-time", "multi-year", "fresh"})
PEAK_WEIGHT = 0.6


def _factor(reading: Reading, place: int) -> float:
    """Return what a word at this place counts for: its clause's weight, turned round when negated."""
    return reading.scale * NEGATED if place <= reading.negated_until else reading.scale


def follow(reading: Reading, place: int, word: Word) -> None:
    """Read a move said after its thing: `profit rose`; with `in` or `of`, before it: `a rise in profit`."""
    factor = _factor(reading, place)
    words = reading.words
    following = words[place + 1] if place + 1 < len(words) else ""
    thing = reading.thing if words[place - 1] not in LEANING else None
    slot = len(reading.parts)
    reading.moves += 1
    if thing is not None and place - reading.thing_at <= BACK_REACH:
        _claim(reading)
        reading.parts.append(word.weight * thing.weight * factor)
        reach = NOUN_REACH if following in {"in", "of"} else 0
    else:
        figure = following[:1].isdigit() and abs(word.alone) < FIGURE_WEIGHT
        alone = word.alone * 2.0 if figure else word.alone
        reading.given_slot = NO_PLACE
        reading.parts.append(alone * factor)
        reach = AHEAD_REACH
    _await(reading, word, place + reach, slot=slot, factor=factor)


def lead(reading: Reading, place: int, word: Word) -> None:
    """Read a move said before its thing: `cuts costs`; without one after it, `the dividend was cut`."""
    factor = _factor(reading, place)
    thing = reading.thing
    slot = len(reading.parts)
    if thing is not None and reading.thing_free and place - reading.thing_at <= BACK_REACH:
        _claim(reading)
        reading.parts.append(word.weight * thing.weight * factor)
    else:
        reading.given_slot = NO_PLACE
        reading.parts.append(word.alone * factor)
    if abs(word.weight) >= FIGURE_WEIGHT:
        reading.moves += 1
    _await(reading, word, place + AHEAD_REACH, slot=slot, factor=factor)


def name(reading: Reading, place: int, word: Word) -> None:
    """Read a thing: the move that waits for one takes it, or it waits for a move."""
    pending = reading.pending
    slot = len(reading.parts)
    if pending is not None and place <= reading.pending_until:
        said = pending.weight * word.weight
        if said * word.alone > 0.0 and abs(said) < abs(word.alone):
            said = word.alone
        reading.parts[reading.pending_slot] = said * reading.pending_factor
        reading.pending = None
        if reading.given_slot >= 0:
            reading.parts[reading.given_slot] = reading.given_value
        reading.parts.append(0.0)
        reading.thing_free = False
    else:
        factor = _factor(reading, place)
        after = 1.0
        if reading.compared_at >= 0:
            after = NEGATED
            reading.compared_with = reading.compared_with or word
        reading.parts.append(word.alone * factor * after)
        reading.thing_free = True
    reading.thing = word
    reading.thing_at = place
    reading.thing_slot = slot


def tell(reading: Reading, place: int, word: Word) -> None:
    """Read a word that is news by itself: `upgraded`, `bankruptcy`."""
    reading.parts.append(word.alone * _factor(reading, place))


def reach(reading: Reading, place: int, word: Word) -> None:
    """Read `hit`: a blow, unless what follows was reached (`hits a 12-year high`, `hits 5,000`)."""
    following = reading.words[place + 1] if place + 1 < len(reading.words) else ""
    if following not in REACHED and not following[:1].isdigit():
        tell(reading, place, word)


def peak(reading: Reading, place: int, word: Word) -> None:
    """Read `high` and `low`: news after a span of time (`12-year high`), else a move like others."""
    before = reading.words[place - 1] if place else ""
    if before.endswith(SPANS) or before in SPANNING:
        said = PEAK_WEIGHT if word.weight > 0.0 else -PEAK_WEIGHT
        reading.parts.append(said * _factor(reading, place))
        reading.moves += 1
    else:
        lead(reading, place, word)


def fall_by(reading: Reading, place: int, word: Word) -> None:
    """Read `off`: a move where a figure follows (`shares off 7%`), else nothing."""
    if reading.words[place + 1 : place + 2] and reading.words[place + 1][0].isdigit():
        follow(reading, place, word)


def colour(reading: Reading, place: int, word: Word) -> None:
    """Read a colour: news after `in the`."""
    told = reading.words[max(place - 2, 0) : place] == ["in", "the"]
    reading.parts.append((word.weight if told else word.alone) * _factor(reading, place))


def rate(reading: Reading, place: int, word: Word) -> None:
    """Read a rating: `cut to hold from buy` leaves `buy` behind."""
    left = place > 0 and reading.words[place - 1] == "from"
    reading.parts.append(word.alone * _factor(reading, place) * (NEGATED if left else 1.0))


def negate(reading: Reading, place: int, _word: Word) -> None:
    """Turn the next words of the clause round; negations do not add up."""
    reading.negated_until = place + NEGATION_REACH


def doubt(reading: Reading, _place: int, _word: Word) -> None:
    """Note a hedge: `may`, `reportedly`."""
    reading.doubts += 1


def step_aside(reading: Reading, _place: int, _word: Word) -> None:
    """Read `despite`: what follows matters little, up to the comma."""
    reading.scale = ASIDE_SCALE
    _forget(reading)


def give_background(reading: Reading, _place: int, _word: Word) -> None:
    """Read `after` or `as`: what follows is the reason, not the news."""
    reading.scale = BACKGROUND_SCALE
    _forget(reading)


def turn(reading: Reading, _place: int, _word: Word) -> None:
    """Read `but`: what follows matters more than what stood before."""
    reading.scale = reading.base = TURN_SCALE
    _forget(reading)


def compare(reading: Reading, place: int, word: Word) -> None:
    """Note where `compared with` or `from` stands: an older figure follows."""
    following = reading.words[place + 1 : place + 4]
    if reading.thing is not None and (word.weight or any(w[:1].isdigit() for w in following)):
        reading.compared = reading.thing
        reading.compared_from = reading.thing_at
        reading.compared_at = place


def pause(reading: Reading, _place: int, _word: Word) -> None:
    """Read a comma: an aside or a negation ends, the thing spoken of stays."""
    reading.scale = reading.base
    reading.negated_until = NO_PLACE
    reading.pending = None


def stop(reading: Reading, _place: int, _word: Word) -> None:
    """Read the end of a clause."""
    reading.scale = reading.base = 1.0
    _forget(reading)


def ask(reading: Reading, place: int, word: Word) -> None:
    """Read a question mark."""
    reading.questions += 1
    stop(reading, place, word)


def phrase(reading: Reading, place: int, word: Word) -> None:
    """Read a word that may begin a phrase: the longest that stands there, else the word alone."""
    words = reading.words
    following = words[place + 1] if place + 1 < len(words) else ""
    for rest, meaning in word.phrases.get(following, ()):
        last = place + len(rest)
        if words[place + 1 : last + 1] == rest:
            reading.skip_until = last
            if meaning is not None:
                meaning.rule(reading, last, meaning)
            return
    if word.own is not None:
        word.own.rule(reading, place, word.own)


def _claim(reading: Reading) -> None:
    """Take back what the thing said alone, until the move finds a better thing: something is told of it."""
    reading.given_slot = NO_PLACE
    if reading.thing_free:
        reading.given_slot = reading.thing_slot
        reading.given_value = reading.parts[reading.thing_slot]
        reading.parts[reading.thing_slot] = 0.0
        reading.thing_free = False


def _await(reading: Reading, word: Word, until: int, *, slot: int, factor: float) -> None:
    """Let the move at this slot take the next thing up to a place."""
    reading.pending = word
    reading.pending_until = until
    reading.pending_slot = slot
    reading.pending_factor = factor


def _forget(reading: Reading) -> None:
    """Start a clause: nothing before it is spoken of any more."""
    reading.negated_until = NO_PLACE
    reading.pending = None
    reading.thing = None
