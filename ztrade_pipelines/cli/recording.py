"""What the terminal did without a run, shown on the page as observations of the assets it touched."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from ztrade_core.market_data.imports import ImportReport
from ztrade_core.settings.load import Settings
from ztrade_pipelines import keys
from ztrade_pipelines.cli.instance import dagster_instance
from ztrade_pipelines.cli.output import jsonable


def record_override(settings: Settings, document: Mapping[str, Any]) -> None:
    """Record an override: who, why, what was done."""
    whom = document["agent_id"] or "the company"
    with dagster_instance(settings) as instance:
        instance.report_runless_asset_event(
            dg.AssetObservation(
                asset_key=keys.PORTFOLIO,
                description=f"{document['did']}: {whom}, by {document['who']}: {document['reason']}",
                metadata={
                    "did": str(document["did"]),
                    "account": str(document["account"]),
                    "who": str(document["who"]),
                    "why": str(document["reason"]),
                    "whom": str(whom),
                    "details": dg.MetadataValue.json(jsonable(dict(document))),
                },
            )
        )


def record_import(settings: Settings, reports: Sequence[ImportReport]) -> None:
    """Record imported files, as observations of the series that agents trade."""
    series = {(a.symbol, a.timeframe): keys.bars_key(a) for a in settings.company.agents}
    wanted = [report for report in reports if (report.symbol, report.timeframe) in series]
    if not wanted:
        return
    with dagster_instance(settings) as instance:
        for report in wanted:
            instance.report_runless_asset_event(
                dg.AssetObservation(
                    asset_key=series[report.symbol, report.timeframe],
                    description=f"imported {report.file}",
                    metadata={
                        "source": report.source,
                        "rows_in_file": report.rows,
                        "rows_new": report.upsert.inserted,
                        "rows_changed": report.upsert.updated,
                        "rows_in_conflict": report.upsert.conflicts,
                        "rows_in_quarantine": report.waiting,
                    },
                )
            )
