"""Strangers' text made plain: one line of visible characters, bounded, of a fixed form.

Nothing in it is obeyed: terminal escapes and whatever is invisible or turns the direction of writing is
dropped; from vendors' texts markup is taken out too, and entities become the characters that they name.
Long texts are cut first, so that a text of any size costs the same. What a text says is not judged here.
"""

import re
import unicodedata
from html import unescape

RAW_TIMES = 8  # so many times the wanted length is looked at: markup and the invisible take room
ELLIPSIS = "…"

_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"  # colours, cursor, screen
    "|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\\\|\x9c)?"  # titles, links, clipboard
)
_TAGS = re.compile(r"<[A-Za-z/!?][^<>]{0,2000}>")
_SPACES = re.compile("[\\s\x1c-\x1f\x85\u2028\u2029\u2800\u3164\uffa0\u115f\u1160]+")
_PILES = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_UNSEEN = (
    (0x0000, 0x001F),  # controls
    (0x007F, 0x009F),
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # grapheme joiner
    (0x061C, 0x061C),  # direction marks
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero width, direction marks
    (0x202A, 0x202E),  # direction embedding and override
    (0x2060, 0x206F),  # word joiner, invisible operators, direction isolates
    (0xD800, 0xDFFF),  # lone surrogates
    (0xE000, 0xF8FF),  # private use
    (0xFDD0, 0xFDEF),  # no characters
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFF9, 0xFFFC),  # annotations, object
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags, more variation selectors
    (0xF0000, 0x10FFFF),  # private use
    *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(15)),
)
_INVISIBLE = re.compile(f"[{''.join(f'{chr(a)}-{chr(b)}' for a, b in _UNSEEN)}]+")


def plain_line(text: str, most: int) -> str:
    """Return the text without markup as one plain line of at most `most` characters, NFC, cut with an ellipsis."""
    begins = text[: most * RAW_TIMES]
    is_plain = begins.isascii() and begins.isprintable() and not ("<" in begins or "&" in begins)
    return _cut(begins if is_plain else _unmarked(begins), most)


def visible_line(text: str, most: int) -> str:
    """Return the text as such a line, with what looks like markup left as it was written."""
    return _cut(_visible(text[: most * RAW_TIMES]), most)


def _unmarked(text: str) -> str:
    seen = unescape(_TAGS.sub(" ", _ESCAPES.sub("", text)))
    seen = _ESCAPES.sub("", seen)  # entities may have spelt some
    return _composed(_TAGS.sub(" ", _INVISIBLE.sub("", _SPACES.sub(" ", seen))))


def _visible(text: str) -> str:
    return _composed(_INVISIBLE.sub("", _SPACES.sub(" ", _ESCAPES.sub("", text))))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _PILES.sub(r"\1", text))


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + ELLIPSIS
