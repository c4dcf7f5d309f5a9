"""A nursery for each test process, and engines that are closed."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.engine import Engine

from tests.faults.nursery import Nursery
from ztrade_core.store.engine import make_engine


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where child processes are forked from."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def engine_of() -> Iterator[Callable[[str], Engine]]:
    """Opens engines by URL, and closes them after the test."""
    engines: list[Engine] = []

    def opened(url: str) -> Engine:
        engines.append(make_engine(url))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.dispose()
