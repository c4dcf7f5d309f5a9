"""Days of news through the real definitions: runs, and what they left on the page."""

from typing import Any

import dagster as dg

from tests.pipelines.conftest import House

RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


def load_news(
    house: House, first: str, last: str, symbol: str = "TSLA"
) -> dg.ExecuteInProcessResult:
    """Materialize a range of days of one symbol's news and sentiment in one run."""
    tags = dict(zip(RANGE_TAGS, (first, last), strict=True))
    keys = [dg.AssetKey(["news", symbol]), dg.AssetKey(["sentiment", symbol])]
    return house.run("load_news", tags=tags, asset_selection=keys)


def shown(
    house: House, result: dg.ExecuteInProcessResult, kind: str, symbol: str = "TSLA"
) -> dict[str, Any]:
    """Return the plain values of the metadata of the last partition of news or sentiment."""
    key = dg.AssetKey([kind, symbol])
    found = [
        event.materialization
        for event in house.events(result, dg.DagsterEventType.ASSET_MATERIALIZATION)
        if event.asset_key == key
    ]
    return {name: value.value for name, value in found[-1].metadata.items()}


def verdicts(
    house: House, result: dg.ExecuteInProcessResult, kind: str, symbol: str = "TSLA"
) -> dict[str, bool]:
    """Return whether each check of news or sentiment passed; each is evaluated once."""
    found = house.evaluations(result, dg.AssetKey([kind, symbol]))
    names = [one.check_name for one in found]
    assert len(names) == len(set(names))
    return {one.check_name: one.passed for one in found}


def cells(table: Any, column: str) -> list[str]:
    """Return a column of a table."""
    return [record.data[column] for record in table.records]
