"""Whatever vendors were recorded to answer, to whatever question: bars of ours, or one of our errors."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.vendor_desk import LIVE, MONDAY, NOW, alpha_vantage, coingecko, yahoo
from tests.fakes.vendor_faults import contracts
from tests.fakes.vendor_server import Answer
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import DataError
from ztrade_core.ports.providers import BarProvider

START = NOW.replace(minute=0) - timedelta(hours=20)
pytest.importorskip("alpha_vantage", reason="alpha_vantage is not installed")
pytest.importorskip("pycoingecko", reason="pycoingecko is not installed")
pytest.importorskip("yfinance", reason="yfinance is not installed")


def outcome(source: BarProvider, symbol: str, timeframe: Timeframe, start: datetime) -> str:
    try:
        return f"{len(source.fetch(symbol, timeframe, start, LIVE).series)} bars"
    except DataError as error:
        return type(error).__name__


def bodies(vendor: str, pattern: str) -> list[Path]:
    files = sorted(contracts(vendor).glob(pattern))
    assert files, f"no recordings of {vendor}"
    return [each for each in files if "LICENSE" not in each.name]


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.D1])
def test_alpha_vantages_recordings_of_another_time_are_no_bars(timeframe: Timeframe) -> None:
    for file in bodies("alpha_vantage", "payloads/*"):
        answer = Answer(body=file.read_bytes())
        with alpha_vantage(lambda _, answer=answer: answer) as (source, _):
            told = outcome(source, "MSFT", timeframe, MONDAY)
        assert told in {"TransientDataError", "UnsoundDataError"}, file.name


def test_coingeckos_recordings_of_another_time_are_no_bars() -> None:
    kinds = {"TransientDataError", "UnsoundDataError", "VendorRefusedError", "NoDataError"}
    for file in bodies("coingecko", "recorded/*.json"):
        told = json.loads(file.read_text(encoding="utf-8"))["response"]
        answer = Answer(status=told["status"], body=told["body"].encode())
        with coingecko(lambda _, answer=answer: answer) as (source, _):
            assert outcome(source, "BTC/USD", Timeframe.H1, START) in kinds, file.name


def test_yahoos_recordings_are_bars_of_what_was_asked_for_or_none() -> None:
    found = {}
    for file in bodies("yahoo", "chart-*.json"):
        content = json.loads(file.read_text(encoding="utf-8"))["response"]["bodyJson"]
        answer = Answer(body=json.dumps(content).encode())
        with yahoo(lambda _, answer=answer: answer) as (source, _):
            start = LIVE - timedelta(days=1200)
            found[file.name.removeprefix("chart-")[:10]] = outcome(
                source, "AAPL", Timeframe.D1, start
            )
    read = {name: told for name, told in found.items() if told.endswith("bars")}
    assert read == {"AAPL-2020-": "49 bars"}
    assert set(found.values()) == {"49 bars", "UnsoundDataError"}
