"""Rebasings for tests of stores."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.fakes.store_rows import ACCOUNT, AGENT, NOON
from ztrade_core.domain.rebasing import Rebasing


def rebasing(number: int = 1, **changes: object) -> Rebasing:
    """One of position `number`, 3:1, with a rest of a share."""
    whole = Rebasing(
        account=ACCOUNT,
        account_epoch=1,
        agent_id=AGENT,
        symbol="TSLA",
        position_id=f"position-{number}",
        ex_date=date(2022, 12, 29),
        ratio=1.0 / 3.0,
        source="alpaca",
        at=NOON,
        at_exchange=True,
        quantity_before=Decimal(46),
        quantity_after=Decimal(15),
        average_before=100.1,
        average_after=300.3,
        stop_before=Decimal("97.01"),
        stop_after=Decimal("291.03"),
        fraction=1.0 / 3.0,
        cash_in_lieu_usd=100.1,
        orders=("zt1-stop", "zt1-target"),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]
