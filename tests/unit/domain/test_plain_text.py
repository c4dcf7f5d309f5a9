"""Two ways to make a stranger's text plain: with its markup taken out, or left as it was written."""

import pytest

from tests.fakes.hostile_headlines import BIDI, PRIVATE, SURROGATE, TAGS, ZERO_WIDTH
from ztrade_core.domain.plain_text import plain_line, visible_line


@pytest.mark.parametrize(
    ("given", "visible", "plain"),
    [
        ("close <SMA50 and RSI> 70", "close <SMA50 and RSI> 70", "close 70"),
        ("AT&amp;T", "AT&amp;T", "AT&T"),
        ("a\n\tb\r\nc", "a b c", "a b c"),
        ("\x1b[31mred\x1b[0m", "red", "red"),
        ("Te" + ZERO_WIDTH + "sla" + BIDI + TAGS + PRIVATE + SURROGATE, "Tesla", "Tesla"),
        ("Cafe\u0301", "Caf\u00e9", "Caf\u00e9"),
        ("x" * 30, "x" * 19 + "…", "x" * 19 + "…"),
        ("", "", ""),
    ],
)
def test_what_becomes_of_a_text(given: str, visible: str, plain: str) -> None:
    assert visible_line(given, 20 if len(given) == 30 else 40) == visible
    assert plain_line(given, 20 if len(given) == 30 else 40) == plain


def test_a_text_of_any_size_costs_the_same() -> None:
    assert visible_line("word " * 1_000_000, 9) == "word wor…"
