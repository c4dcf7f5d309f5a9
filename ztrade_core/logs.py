"""Structured logging: an event name and fields.

What lives here: the one function that configures structlog, and the one that hands out loggers.
What does not: levels per module, handlers of frameworks, anything that knows a domain word.
structlog brings rich along; it is imported at the first event, not by who merely has a logger.
"""

import logging
import sys
from typing import Any


class LazyLogger:
    """A named logger that costs nothing until something is logged."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        import structlog  # noqa: PLC0415  (70 ms of CPU)

        return getattr(structlog.get_logger(self._name), method)


def configure_logging(*, level: str = "INFO", as_json: bool = False) -> None:
    """Send structured events to standard error, as lines for people or as JSON."""
    import structlog  # noqa: PLC0415  (as above)

    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stream of the moment
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> Any:
    """Return a logger bound to `name`."""
    return LazyLogger(name)
