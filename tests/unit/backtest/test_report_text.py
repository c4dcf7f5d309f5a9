"""Numbers and markup of a report."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.report_html import Html, element, joined, table, toned

READS = [
    (text.percent(0.1234), "12.34 %"),
    (text.percent(0.1234, signed=True), "+12.34 %"),
    (text.percent(-1e-9, signed=True), "0.00 %"),
    (text.percent(None), "-"),
    (text.percent(math.nan), "-"),
    (text.usd(-1234.5), "-$1,234.50"),
    (text.usd(3.2, signed=True), "+$3.20"),
    (text.usd(-0.001, signed=True), "$0.00"),
    (text.usd(math.inf), "-"),
    (text.number(1234.567, 1), "1,234.6"),
    (text.number(-0.0), "0.00"),
    (text.quantity(1200.0), "1,200"),
    (text.quantity(0.05184012), "0.05184012"),
    (text.price(0.1234), "0.1234"),
    (text.price(12.3), "12.30"),
    (text.moment(datetime(2022, 3, 1, 14, 35, tzinfo=UTC)), "2022-03-01 14:35"),
    (text.moment(None), "-"),
    (text.metric("max_drawdown", 0.05), "5.00 %"),
    (text.metric("probabilistic_sharpe", 0.912), "91.20 %"),
    (text.metric("final_equity_usd", 10.0), "$10.00"),
    (text.metric("trades", 1200), "1,200"),
    (text.metric("max_drawdown_days", 2.5), "2.5 days"),
    (text.metric("sharpe", 1.234), "1.23"),
    (text.metric("unheard_of", 7), "7"),
    (text.metric("sharpe", None), "-"),
]


@pytest.mark.parametrize(("shown", "expected"), READS, ids=range(len(READS)))
def test_a_number_reads_in_its_unit(shown: str, expected: str) -> None:
    assert shown == expected


@given(st.text(), st.text())
def test_text_and_attributes_cannot_break_out(child: str, attribute: str) -> None:
    made = element("p", child, title=attribute)
    inside = made.removeprefix('<p title="').removesuffix("</p>")
    assert inside.count('"') == 1
    assert inside.count(">") == 1
    assert "<" not in inside


def test_markup_is_escaped_once_and_only_what_is_text() -> None:
    bold = element("b", "a & b")
    assert joined([bold, "<i>"]) == "<b>a &amp; b</b>&lt;i&gt;"
    assert element("img", src="x", alt='"') == '<img src="x" alt="&quot;">'
    assert toned("+1", 1.0) == '<span class="gain">+1</span>'
    assert toned("<", None) == "<"
    assert not isinstance(toned("0", 0.0), Html)
    assert '<td class="number">1</td>' in table(("a", "b"), [("x", "1")], numbers=(1,))
