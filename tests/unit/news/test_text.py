"""Strangers' text becomes one plain, bounded line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.hostile_headlines import BIDI, HOSTILE, PRIVATE, SURROGATE, TAGS, ZERO_WIDTH
from ztrade_core.domain.plain_text import plain_line
from ztrade_core.news.text import has_word, name_of, plain_url

MOST = 300
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Tesla rises 5 %", "Tesla rises 5 %"),
        ("  Tesla\t\n rises\u00a0 5\u3000% \r\n", "Tesla rises 5 %"),
        ("AT&amp;T &quot;wins&quot; &#39;big&#39; &lt;5 %", "AT&T \"wins\" 'big' <5 %"),
        ("M&A at AT&T: P&L up", "M&A at AT&T: P&L up"),
        ("profit < 5 % and > 3 %", "profit < 5 % and > 3 %"),
        ("<p>Tesla <b>rises</b></p><!-- buy -->", "Tesla rises"),
        ("<script>alert(1)</script> up", "alert(1) up"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; up", "alert(1) up"),
        ("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain"),
        ("&#27;[31m up", "[31m up"),
        ("Te" + ZERO_WIDTH + "sla" + BIDI, "Tesla"),
        ("Tesla" + TAGS + PRIVATE + SURROGATE, "Tesla"),
        ("rocket \U0001f680\ufe0f up", "rocket \U0001f680 up"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("a" + "\u0301\u0302\u0303\u0304\u0305", "\u00e1\u0302"),
        ("Line\u2028break\u2029s", "Line break s"),
        ("\u0422esla", "\u0422esla"),  # a homoglyph stays what it is
        ("", ""),
        ("<b></b>\u200b", ""),
    ],
)
def test_what_becomes_of_a_text(given: str, wanted: str) -> None:
    assert plain_line(given, MOST) == wanted


@given(st.text(st.characters(codec=None), max_size=2000) | st.sampled_from(HOSTILE))
def test_a_line_is_plain_bounded_and_storable_whatever_came(text: str) -> None:
    line = plain_line(text, MOST)
    assert len(line) <= MOST
    assert line == " ".join(line.split())
    assert line == unicodedata.normalize("NFC", line)
    assert not {unicodedata.category(each) for each in line} & FORBIDDEN - {"Cf"}
    assert not set(line) & set(BIDI + ZERO_WIDTH + TAGS + PRIVATE)
    assert line.encode().decode() == line


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="<&")))
def test_plain_letters_stay_as_they_are(text: str) -> None:
    line = " ".join(text.split())
    assert plain_line(text, 1000) == line
    assert plain_line(text + "\u200b", 1000) == line


@pytest.mark.parametrize(
    "piece", ["a", "<", "<a ", "&lt;", "&#", "\x1b[", "\x1b]", "\u202e", "e\u0301", '"', " "]
)
def test_of_a_megabyte_only_the_beginning_is_looked_at(piece: str) -> None:
    megabyte = piece * (1_000_000 // len(piece))
    assert plain_line(megabyte, MOST) == plain_line(megabyte[: MOST * 8], MOST)


def test_a_text_that_is_too_long_ends_with_an_ellipsis() -> None:
    assert plain_line("x" * 300, MOST) == "x" * 300
    assert plain_line("x" * 301, MOST) == "x" * 299 + "…"
    assert plain_line("x" * 298 + "  yy", MOST) == "x" * 298 + "…"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("rises", True), ("上涨", True), ("42 %", False), ("🚀!!!", False), ("", False)],
)
def test_a_word_has_a_letter_of_some_script(text: str, wanted: bool) -> None:  # noqa: FBT001 - a case
    assert has_word(text) is wanted


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a?b=c&d=%20#e",
        "http://127.0.0.1:8080/x",
        "https://finnhub.io/api/news?id=3e7acc5a",
        "https://example.com",
    ],
)
def test_a_web_address_is_kept_as_it_is(url: str) -> None:
    assert plain_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//example.com",
        "https://user:secret@example.com/",
        "https://example.com/a b",
        "https://example.com/\u202egpj.exe",
        'https://example.com/"onload="x',
        "https://example.com/<script>",
        "https://\u0435xample.com/",
        "https://example.com/" + "x" * 1000,
        "https://",
        "https://example.com/\n",
        "",
    ],
)
def test_anything_else_is_no_address(url: str) -> None:
    assert plain_url(url) == ""


def test_a_source_has_letters_digits_and_few_signs() -> None:
    assert name_of("alpaca:benzinga", 60) == "alpaca:benzinga"
    assert name_of(" sec:8-K/A ", 60) == "sec:8-K-A"
    assert name_of("[red]\x1b[31mYahoo! Finance", 60) == "red-Yahoo-Finance"
    assert name_of("🚀", 60) == ""
