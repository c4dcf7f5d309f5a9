"""What figures say: a signed percentage, and a newer figure beside an older one.

`Profit was EUR 10 mn, compared to EUR 8 mn`: no word says up, the figures do. Years are no figures.
"""

from ztrade_core.sentiment.lexicon.reading import Reading

SIGNED_WEIGHT = 0.5
COMPARED_WEIGHT = 0.8
OPPOSITE_WEIGHT = 0.75
"""A profit beside a loss: a thing of at least this weight, either way."""
YEARS = range(1980, 2051)
SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
}
MOST_DIGITS = 15
CURRENCIES = ("eur", "usd", "gbp", "chf", "sek", "dkk", "nok")


def read_signs(reading: Reading) -> None:
    """Add what the first signed percentage says (`+5%`), where no move was told in words."""
    words = reading.words
    for place, word in enumerate(words):
        signed = word[0] in "+-" and word[1:2].isdigit()
        if signed and (word[-1] == "%" or words[place + 1 : place + 2] == ["%"]):
            reading.parts.append(SIGNED_WEIGHT if word[0] == "+" else -SIGNED_WEIGHT)
            return


def read_comparison(reading: Reading) -> None:
    """Add what a thing's newer figure says beside its older one, where no move was told in words."""
    thing = reading.compared
    if thing is None or not thing.weight:
        return
    other = reading.compared_with
    if (
        other is not None
        and abs(other.weight) >= OPPOSITE_WEIGHT
        and other.weight * thing.weight < 0
    ):
        reading.parts.append(COMPARED_WEIGHT * thing.weight)
        return
    at = reading.compared_at
    figures = _figures(reading.words)
    newer = [value for place, value in figures if reading.compared_from < place < at]
    older = [value for place, value in figures if place > at]
    if not newer and reading.words[at] == "from" and len(older) > 1:
        older, newer = older[:1], older[1:]
    if not newer or not older or newer[0] == older[0]:
        return
    sign = 1.0 if newer[0] > older[0] else -1.0
    reading.parts.append(sign * COMPARED_WEIGHT * thing.weight)


def _figures(words: list[str]) -> list[tuple[int, float]]:
    """Return the figures that are no years, with their places; `5 mn` is five million."""
    found: list[tuple[int, float]] = []
    for place, word in enumerate(words):
        digits = _digits(word)
        following = words[place + 1 : place + 3]
        if digits and following and following[0][:1] == "." and following[0][1:].isdigit():
            digits += following.pop(0)
        if not digits or digits.count(".") > 1 or len(digits) > MOST_DIGITS:
            continue
        unit = SCALES.get(following[0]) if following else None
        if unit is None and "%" not in word and digits.isdigit() and int(digits) in YEARS:
            continue
        found.append((place, float(digits) * (unit or 1.0)))
    return found


def _digits(word: str) -> str:
    """Return the digits of `eur13.1` or `1,300`; empty: it is no figure."""
    if word[:3] in CURRENCIES:
        word = word[3:]
    digits = word.rstrip("%.,").replace(",", "")
    return digits if digits[:1].isdigit() and digits.replace(".", "").isdigit() else ""
