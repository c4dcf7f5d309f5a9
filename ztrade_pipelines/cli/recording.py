"""What the terminal did without a run, shown on the page: an observation of `company/portfolio`."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

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
