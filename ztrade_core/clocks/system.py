"""The system's clock: the one place in Ztrade that reads the machine's time."""

from datetime import UTC, datetime

from typing_extensions import override

from ztrade_core.ports.clock import Clock


class SystemClock(Clock):
    """Tells the machine's time."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  (this is the Clock port)
