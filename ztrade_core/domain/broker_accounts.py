"""Accounts at real brokers, and which epoch of our account each one is.

A broker's account that is reset comes back under another number: to our book that is a new epoch, in
which nothing is held. Epoch 1 is the simulated account of the same name.
"""

from dataclasses import dataclass
from datetime import datetime

FIRST_EXTERNAL_EPOCH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAccount:
    """One account at a broker, and the epoch that it is in our book, for good."""

    account: str
    account_epoch: int
    broker: str
    account_number: str
    first_seen_at: datetime


def next_epoch(newest: int | None) -> int:
    """Return the epoch of a number not seen before; `newest` is the last one given, None for none."""
    return FIRST_EXTERNAL_EPOCH if newest is None else newest + 1
