"""Of a story's text: whether it has words, its address, its source's name."""

import re

from ztrade_core.domain.plain_text import plain_line

MOST_URL = 1000

_URL = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?"
)


def has_word(text: str) -> bool:
    """Return whether there is a letter of any script in the text."""
    return any(map(str.isalpha, text))


def plain_url(url: str) -> str:
    """Return an http(s) address as it is; empty for anything else, and for a longer one than most."""
    return url if len(url) <= MOST_URL and _URL.fullmatch(url) else ""


def name_of(text: str, most: int) -> str:
    """Return a source's name: letters, digits and `.:_-`, everything else one dash."""
    line = plain_line(text, most)
    return re.sub(r"[^A-Za-z0-9.:_]+", "-", line).strip("-")
