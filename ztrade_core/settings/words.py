"""Words for messages: one line, printable, short, whatever the input was."""

import re
from typing import Any

MAX_SHOWN = 60

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_./\-]{1,60}")


def one_line(value: Any) -> str:
    """Return a value's text as one printable line of at most 400 characters."""
    text = " ".join(str(value).split())[:400]
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shown_key(key: Any) -> str:
    """Return a key as it may stand in a message: as it is when plain, else quoted and cut."""
    text = str(key)
    return text if _PLAIN_KEY.fullmatch(text) else repr(text[:MAX_SHOWN])


def shown_value(value: Any) -> str:
    """Return a scalar as it may stand in a message; of a list or mapping only its kind."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return repr(value[:MAX_SHOWN])
    return "a list" if isinstance(value, list) else "a mapping"
