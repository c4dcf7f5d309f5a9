"""The HTTP client under the hub's library while a model is fetched: no wait is long, no failure is retried.

The library's own retries take most of a minute before they say that there is no network.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ztrade_core.errors import TransientDataError

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 10.0


@contextmanager
def bounded_hub(silence_seconds: float = SILENCE_SECONDS) -> Iterator[None]:
    """Let the hub's library wait this long for a byte, and raise TransientDataError at once then."""
    from huggingface_hub import set_client_factory  # noqa: PLC0415 - half a second
    from huggingface_hub.utils._http import default_client_factory  # noqa: PLC0415 - as above

    set_client_factory(lambda: _bounded_client(default_client_factory, silence_seconds))
    try:
        yield
    finally:
        set_client_factory(default_client_factory)


def _bounded_client(default: Callable[[], Any], silence_seconds: float) -> Any:
    """Return a client like the library's own, its waits capped and its failures translated."""
    import httpx2  # noqa: PLC0415 - with the hub's library
    from typing_extensions import override  # noqa: PLC0415 - with its user

    wait = {"connect": min(CONNECT_SECONDS, silence_seconds), "pool": CONNECT_SECONDS}
    waits = wait | {"read": silence_seconds, "write": silence_seconds}

    class Body(httpx2.SyncByteStream):
        def __init__(self, body: Any) -> None:
            self._body = body

        @override
        def __iter__(self) -> Iterator[bytes]:
            with _translated():
                yield from self._body

        @override
        def close(self) -> None:
            self._body.close()

    class Client(httpx2.Client):
        @override
        def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
            request.extensions = {**request.extensions, "timeout": waits}
            with _translated():
                response = super().send(request, **options)
            if options.get("stream"):
                response.stream = Body(response.stream)
            return response

    model = default()
    return Client(event_hooks=model.event_hooks, follow_redirects=True)


@contextmanager
def _translated() -> Iterator[None]:
    import httpx2  # noqa: PLC0415 - with the hub's library

    try:
        yield
    except httpx2.TransportError as error:
        text = " ".join(str(error).split())[:160]
        raise TransientDataError(
            f"the hub does not answer ({type(error).__name__}{': ' if text else ''}{text})"
        ) from error
