"""The page as a mirror of the terminal: what was done stands, whether the page could be told or not."""

from collections.abc import Callable

from ztrade_pipelines.cli.office import note

SHOWN = 200


def mirrored(record: Callable[[], None]) -> None:
    """Record something on the page; a failure is a note on standard error, never an error."""
    try:
        record()
    except Exception as error:  # noqa: BLE001 - the work is done; the page is only its mirror
        note(f"not shown on the page: {' '.join(str(error).split())[:SHOWN]}")
