"""A text as words: lower case, without links, cashtags and handles, bounded in length.

Every step is one linear pass over the text, whatever it holds. Letters are Latin ones; other scripts,
emoji, control characters and lone surrogates part words and are no words themselves. Nothing depends
on locale or hashing.
"""

import re

MOST_CHARACTERS = 1000
"""What lies beyond is not read: a headline's message stands at its front."""

_LINKS = re.compile(r"://\S*")
_ODD = re.compile("[^\x00-\x7fß-öø-ÿ]")
_UNSEEN = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
_PLAIN = {
    **dict.fromkeys(map(chr, _UNSEEN), ""),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2212", "-"),
    **dict.fromkeys("\u2013\u2014", " - "),
    "\uff05": "%",
    "\u2026": "; ",
}
_KEPT = "abcdefghijklmnopqrstuvwxyz0123456789&'+,-.?;%$@_"
_ASCII = str.maketrans(
    {
        **dict.fromkeys(range(128), " "),
        **{ord(letter): letter for letter in _KEPT},
        **{ord(letter.upper()): letter for letter in _KEPT if letter.isalpha()},
        **{ord(mark): ";" for mark in ":!|"},
    }
)


def words_of(text: str) -> list[str]:
    """Return the words, numbers and punctuation marks of the text's first MOST_CHARACTERS characters.

    A number keeps its sign and its percent sign (`+5%`); `'s` is cut off; `:`, `!` and `|` become `;`.
    """
    text = text[:MOST_CHARACTERS]
    if not text.isascii():
        text = _ODD.sub(_plain, text.lower())
    linked = "://" in text
    if linked:
        text = _LINKS.sub(" ", text)
    text = f" {text} ".translate(_ASCII)
    if linked:
        text = text.replace(" https ", " ").replace(" http ", " ")
    if "$" in text:
        text = _without_tags(text, "$")
    if "@" in text:
        text = _without_tags(text, "@")
    if "'" in text:
        text = text.replace("'s ", " ").replace(" '", " ").replace("' ", " ")
    if "." in text:
        text = text.replace("u.s.", "us").replace("vs. ", "vs ").replace("..", " ; ")
    return (
        text.replace(", ", " , ")
        .replace(". ", " ; ")
        .replace(";", " ; ")
        .replace("?", " ? ")
        .split()
    )


def _plain(found: re.Match[str]) -> str:
    """Return what stands for a character beyond Latin letters: mostly a space."""
    return _PLAIN.get(found[0], " ")


def _without_tags(text: str, sign: str) -> str:
    """Cut off what a sign and the letters after it begin, up to the space; before a figure only the sign."""
    before, *pieces = text.split(sign)
    for piece in pieces:
        tag = piece[:1].isalpha() or piece[:1] == "_"
        before += f" {piece.partition(' ')[2] if tag else piece}"
    return before
