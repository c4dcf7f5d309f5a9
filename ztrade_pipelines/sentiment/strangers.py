"""Strangers' text on the page: shown as text, never as markup.

Stories are cleaned when they enter (one plain line, nothing invisible). A table's cells are text to the
page; inside Markdown every character that could begin markup, a link, a picture or HTML is escaped.
"""

import re
from collections.abc import Sequence
from typing import Any

import dagster as dg

from ztrade_pipelines import ui

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&:@=\"'/^])")


def escaped(text: str) -> str:
    """Return text for Markdown: one line, every mark as an HTML number, so that nothing is read."""
    line = " ".join(text.split())
    return _MARKUP.sub(lambda mark: f"&#{ord(mark.group())};", line)


def told_lines(texts: Sequence[str]) -> dg.MetadataValue[Any]:
    """Return lines that may carry strangers' words, one a bullet; none shows as `-`."""
    return ui.lines([escaped(text) for text in texts])
