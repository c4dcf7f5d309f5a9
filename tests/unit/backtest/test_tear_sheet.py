"""The tear sheet: one file, nothing loaded, nothing broken out of, and an answer without trades."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from typing_extensions import override

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk_makers import proposal
from tests.unit.backtest.builders import bars_of
from tests.unit.backtest.stored import OPENED, SERIES, Stored, stored_run
from ztrade_core.backtest.report_charts import equity_chart, exposures, price_chart
from ztrade_core.backtest.tear_sheet import page, tear_sheet_path, write_tear_sheet
from ztrade_core.backtest.tear_sheet_content import Sheet, read_sheet, sheet_of
from ztrade_core.domain.backtests import BacktestFill, EquityPoint
from ztrade_core.domain.time import from_micros
from ztrade_core.errors import InputError
from ztrade_core.performance.trades import closed_trades
from ztrade_core.store.backtests import SqlBacktestStore

HOSTILE = (
    "<script>alert('x')</script>\"><img src=http://evil.example/x onerror=alert(1)>$\\frac{1}$"
)
LOADING = {"href", "src", "srcset", "action", "data", "poster", "background", "formaction"}
VOID = {"img", "meta"}


class Page(HTMLParser):
    """What a browser would see: elements, addresses, texts; it fails on tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.attributes: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.addresses += [value or "" for name, value in attrs if name in LOADING]
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


def sheet_for(stored: Stored) -> Sheet:
    return read_sheet(stored.archive, stored.result.run)


@pytest.fixture
def sheet(backtests: SqlBacktestStore) -> Sheet:
    return sheet_for(stored_run(backtests))


def test_it_shows_every_section_once(sheet: Sheet) -> None:
    found = Page(page(sheet))
    assert found.names.count("h2") == 10
    for title in (
        "Equity, drawdown and exposure",
        "Monthly returns (%)",
        "Deepest drawdowns",
        "Trades on the price",
        "Overfit guards",
        "Monte Carlo of trades",
        "Metrics",
        "What every bar came to",
        "Closed trades",
        "Data and engine",
    ):
        assert found.text.split("\n").count(title) == 1, title
    for said in ("event_loop/1", "test", "max_drawdown", "Sharpe (1994)", "buy and hold"):
        assert said in found.text, said


def test_it_loads_nothing_and_runs_nothing(sheet: Sheet) -> None:
    """Pictures carry their own bytes; no script, no handler, and a policy that forbids both."""
    text = page(sheet)
    found = Page(text)
    assert len(found.addresses) == 2
    assert all(each.startswith("data:image/svg+xml;base64,") for each in found.addresses)
    assert not {"script", "link", "iframe", "object", "embed", "form"} & set(found.names)
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "default-src 'none'" in re.sub("&#x27;", "'", text)
    assert "url(" not in text
    for address in found.addresses:
        svg = base64.b64decode(address.partition(",")[2])
        used = [
            value
            for element in ET.fromstring(svg).iter()  # noqa: S314 - our own picture
            for name, value in element.attrib.items()
            if name.endswith("href")
        ]
        assert all(value.startswith("#") for value in used)


def test_hostile_texts_are_shown_and_do_nothing(backtests: SqlBacktestStore) -> None:
    """In the agent's id and description, a reason, a source, a parameter, a symbol, a status."""
    stored = stored_run(backtests, {3: replace(proposal("hold"), rationale=HOSTILE)})
    run = stored.result.run
    config = {
        **run.config,
        "agent": {
            "description": HOSTILE,
            "strategy": {"name": HOSTILE, "parameters": [[HOSTILE, HOSTILE]]},
        },
        "engine": HOSTILE,
        HOSTILE: HOSTILE,
        "denials": {HOSTILE: 3},
        "data": {**run.config["data"], "source": HOSTILE},  # type: ignore[dict-item]
    }
    metrics = {**run.metrics, HOSTILE: HOSTILE}
    hostile = replace(
        run, agent_id=HOSTILE, run_id=HOSTILE, status=HOSTILE, config=config, metrics=metrics
    )
    sheet = sheet_of(stored.archive, hostile, stored.result.trades, stored.result.equity)
    assert sheet.series
    sheet = replace(sheet, series=[replace(sheet.series[0], symbol=HOSTILE)])
    text = page(sheet)
    found = Page(text)
    calm = Page(page(sheet_for(stored)))
    assert set(found.names) <= {*calm.names, "li", "ul"}
    assert set(found.attributes) == set(calm.attributes)
    assert all(each.startswith("data:image/svg+xml;base64,") for each in found.addresses)
    assert "<script" not in text
    assert "evil.example/x onerror" in found.text  # shown, as text
    assert HOSTILE in found.text


def test_the_reason_of_a_hold_is_kept_with_the_run(backtests: SqlBacktestStore) -> None:
    """Counted by its text: 35 bars without an answer in the script, one with a reason of its own."""
    held = replace(proposal("hold"), rationale="waiting for volume")
    config = stored_run(backtests, {3: held}).result.run.config
    holds = config["holds"]
    assert isinstance(holds, dict)
    assert holds["waiting for volume"] == 1
    assert sum(holds.values()) == config["outcomes"]["held"] == 36  # type: ignore[index]


def test_a_run_without_trades_says_why(backtests: SqlBacktestStore) -> None:
    held = replace(proposal("hold"), rationale="the trend is flat")
    sheet = sheet_for(stored_run(backtests, dict.fromkeys(range(36), held)))
    found = Page(page(sheet))
    assert "Why there was no closed trade" in found.text
    assert "Of 36 bars: 36 held; most often held because the trend is flat (36)." in found.text
    assert "None: nothing was bought." in found.text
    assert "No closed trade to put in another order." in found.text
    assert found.text.index("Why there was no") < found.text.index("Equity, drawdown")


def test_a_denial_is_named_with_what_the_rule_asks(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests, {})
    run = replace(
        stored.result.run,
        config={**stored.result.run.config, "denials": {"RULE_021": 7, "RULE_999": 1}},
    )
    text = Page(page(sheet_of(stored.archive, run, [], stored.result.equity))).text
    assert "RULE_021 failed. It asks: The agent is within its own limits" in text
    assert "RULE_999 failed. It asks: no such rule any more" in text


def test_an_old_run_without_reasons_says_so(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests, {})
    config = {key: value for key, value in stored.result.run.config.items() if key != "holds"}
    sheet = sheet_of(stored.archive, replace(stored.result.run, config=config), [], [])
    assert "stored before reasons were kept" in Page(page(sheet)).text


def test_a_run_with_nothing_stored_at_all_is_still_a_page(backtests: SqlBacktestStore) -> None:
    """No configuration, no metric, no mark."""
    stored = stored_run(backtests, {})
    bare = replace(stored.result.run, config={}, metrics={}, status="failed: storm")
    sheet = sheet_of(stored.archive, bare, [], [])
    text = Page(page(sheet)).text
    assert "the run is failed: storm" in text
    assert "No equity curve is stored with this run." in text


def test_an_open_position_is_no_trade_and_is_said(backtests: SqlBacktestStore) -> None:
    sheet = sheet_for(stored_run(backtests, {30: proposal("buy", quantity=3.0)}))
    assert "None: 1 execution, and the position is still open." in Page(page(sheet)).text


def test_buy_and_hold_is_the_runs_own(backtests: SqlBacktestStore) -> None:
    """Computed again from the store's bars, it is what was measured."""
    stored = stored_run(backtests)
    sheet = sheet_for(stored)
    assert list(sheet.baseline) == stored.result.baseline
    assert sheet.equity == stored.result.equity
    assert [trade.pnl_usd for trade in sheet.trades] == [
        fill.pnl for fill in stored.result.trades if fill.pnl is not None
    ]


def test_bars_that_changed_since_are_said_and_not_held(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests)
    row = (90.0, 91.0, 89.0, 90.5)
    other = bars_of([row], opened=OPENED[:1])
    stored.bars.upsert([other], source="test", ingested_at=OPENED[-1], replace=True)
    sheet = sheet_for(stored)
    assert sheet.series
    assert list(sheet.baseline) == []
    assert any("no longer those the run saw" in warning for warning in sheet.warnings)
    assert "no longer those" in Page(page(sheet)).text


def test_bars_that_are_gone_are_said(backtests: SqlBacktestStore) -> None:
    stored = stored_run(backtests)
    archive = replace(stored.archive, bars=MemoryBarStore())
    sheet = read_sheet(archive, stored.result.run)
    assert list(sheet.series) == []
    assert "The store has no bars of this range any more." in Page(page(sheet)).text


def test_invented_and_missing_bars_are_warnings(backtests: SqlBacktestStore) -> None:
    """66 of 78 after the last bar of the 27th and of the 28th; after the last bar nothing is due."""
    warnings = sheet_for(stored_run(backtests, source="synthetic:v1:7")).warnings
    assert any("invented" in warning for warning in warnings)
    assert any("132 bars that the calendar expects are missing" in each for each in warnings)


def test_the_same_run_gives_the_same_bytes_and_matplotlib_stays_as_it_was(sheet: Sheet) -> None:
    first = page(sheet)
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 30.0, "svg.fonttype": "none"}):
        before = dict(mpl.rcParams)
        assert page(sheet) == first
        assert dict(mpl.rcParams) == before


def test_it_is_written_whole_into_a_folder_that_is_made(sheet: Sheet, tmp_path: Path) -> None:
    path = tear_sheet_path(tmp_path / "data", sheet.run)
    assert path == tmp_path / "data" / "tear_sheets" / f"{sheet.run.run_id}.html"
    assert write_tear_sheet(sheet, path) == path
    assert path.read_text(encoding="utf-8") == page(sheet)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    with pytest.raises(InputError, match="cannot write"):
        write_tear_sheet(sheet, path / "below.html")


def test_exposure_is_what_is_invested_of_equity() -> None:
    """40 of 100, nothing, and an account that is gone."""
    points = [
        EquityPoint(timestamp=OPENED[n], portfolio_value=value, cash_balance=cash)
        for n, (value, cash) in enumerate([(100.0, 60.0), (100.0, 100.0), (-5.0, -5.0)])
    ]
    assert exposures(points).tolist() == pytest.approx([0.4, 0.0, 0.0])


def test_charts_of_a_hundred_thousand_bars_and_ten_thousand_trades_stay_small() -> None:
    """Thinned to what can be seen, a crowd of marks drawn as pixels: each below a megabyte."""
    count = 100_000
    steps = np.random.default_rng(1).normal(0.0, 0.001, count)
    prices = 100.0 * np.cumprod(1.0 + steps)
    bars = replace(
        SERIES,
        timestamps=SERIES.timestamps[0] + np.arange(count, dtype=np.int64) * 60_000_000,
        opens=prices,
        highs=prices,
        lows=prices,
        closes=prices,
        volumes=np.ones(count),
    )
    marks = [from_micros(int(stamp)) for stamp in bars.timestamps]
    points = [
        EquityPoint(timestamp=mark, portfolio_value=float(price), cash_balance=1.0)
        for mark, price in zip(marks, prices, strict=True)
    ]
    fills = [
        BacktestFill(
            timestamp=marks[number * 5],
            action="trade",
            symbol="TSLA",
            quantity=1.0,
            price=float(prices[number * 5]),
            pnl=float(prices[number * 5] - prices[number * 5 - 5]) if number % 2 else None,
        )
        for number in range(20_000)
    ]
    assert len(price_chart(bars, fills, closed_trades(fills))) < 1_000_000
    assert len(equity_chart(points, points[::2], 100.0)) < 1_000_000
