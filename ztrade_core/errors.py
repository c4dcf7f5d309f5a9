"""The error tree: one class per reaction.

    ZtradeError
    ├── ConfigError               fix the file or the flag; the message names file and key (exit code 2)
    ├── InputError                the request itself is wrong: unknown agent, bad range (exit code 2)
    ├── DataError
    │   ├── UnsoundDataError      a row that may not enter the store; names source, row, reason
    │   ├── TransientDataError    a vendor failed; ask again later
    │   │   └── RateLimitedError  a vendor's limit is used up; says until when
    │   ├── VendorRefusedError    a vendor will not serve this key, plan or symbol: ask another
    │   │   └── UnknownThereError  it does not know the symbol, or not at that time: a later one may be
    │   └── NoDataError           the data does not exist
    ├── BrokerError
    │   ├── TransientBrokerError  a lookup failed; nothing is known, ask again
    │   ├── OrderRejectedError    the broker said no, definitively
    │   └── OrderStateUnknownError  a submit or cancel was not understood: look it up, never resend
    ├── StoreError                the database refused or is of another schema
    │   └── LedgerBrokenError     the hash chain does not verify
    ├── LeaseLostError            another run holds this agent; this one must stop touching the broker
    │   └── BeingAskedError       another run may still get the mind's answer: run again later
    └── LookAheadError            a read past `as_of`: a bug, always fatal

Denied, resized, abstained and skipped are values (`ztrade_core.domain.decisions`), never errors.
"""

from datetime import datetime


class ZtradeError(Exception):
    """Anything that Ztrade itself raises."""


class ConfigError(ZtradeError):
    """The configuration is wrong; the message names file and key."""


class InputError(ZtradeError):
    """The request is wrong; the message says what to ask instead."""


class DataError(ZtradeError):
    """Market data, news or sentiment could not be had."""


class UnsoundDataError(DataError):
    """A row that may not enter the store."""


class TransientDataError(DataError):
    """A vendor failed in a way that may pass."""


class RateLimitedError(TransientDataError):
    """A vendor's limit is used up; `until` is when it may be asked again (aware UTC)."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class VendorRefusedError(DataError):
    """A vendor refuses for good: a wrong key, a plan without this data, an unknown symbol."""


class UnknownThereError(VendorRefusedError):
    """A vendor does not know the symbol, or not at that time, which its words do not tell apart."""


class NoDataError(DataError):
    """The data that was asked for does not exist."""


class BrokerError(ZtradeError):
    """The broker failed or refused."""


class TransientBrokerError(BrokerError):
    """A lookup failed: nothing is known, nothing may be concluded."""


class OrderRejectedError(BrokerError):
    """The broker refused the order, definitively."""


class OrderStateUnknownError(BrokerError):
    """A submit or a cancel got no understandable answer: look the id up, never resend."""


class StoreError(ZtradeError):
    """The database refused, or its schema is not the code's."""


class LedgerBrokenError(StoreError):
    """The decision ledger's hash chain does not verify: a row of it cannot even be read."""

    def __init__(self, sequence: int, decision_id: str, problem: str) -> None:
        super().__init__(f"row {sequence} ({decision_id}) {problem}")
        self.sequence = sequence
        self.decision_id = decision_id
        self.problem = problem


class LeaseLostError(ZtradeError):
    """Another run holds the lease of this agent."""


class BeingAskedError(LeaseLostError):
    """Another run asked this slot's question, and its answer may still arrive."""


class LookAheadError(ZtradeError):
    """Something read past `as_of`: a bug, always fatal."""
