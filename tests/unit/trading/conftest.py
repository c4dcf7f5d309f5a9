"""A fake Alpaca whose time begins with the session."""

from collections.abc import Iterator

import pytest

from tests.fakes.alpaca_kit import ledger_at
from tests.fakes.alpaca_server import AlpacaServer
from tests.fakes.desk import bar


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    """A server of its own for each test."""
    with AlpacaServer(ledger_at(bar(0))) as made:
        yield made
