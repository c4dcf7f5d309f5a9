"""Asking Claude once: through the vendor's SDK, within one deadline, for an answer's raw text.

Contract: `ask` returns within the deadline whatever the other side does, and never raises for it. Asked
again is only what cannot have cost anything: a question that was not sent, and refusals for load; the
vendor's wish to wait is capped. A question whose answer was lost is not repeated, for it may have been
paid. The SDK's own retries are off: they know no deadline. What an answer says is read elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from requests.adapters import BaseAdapter

from ztrade_core.decision_makers.answer_schema import json_schema
from ztrade_core.decision_makers.automated.wire import (
    ClaudeWire,
    Exchange,
    keys_of,
    transport_of,
)
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.model_config import AnswerForm, ModelConfig
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.errors import ConfigError
from ztrade_core.ports.clock import Clock
from ztrade_core.wires.vendor import UNKEYED, require_vendor_base

if TYPE_CHECKING:
    from anthropic import Anthropic, APIStatusError

TOOL = "decide"
TOOL_PURPOSE = "Give your one proposal for the moment you were shown."
MOST_PAUSE_SECONDS = 10.0
LEAST_SECONDS = 0.05
SPEND_LIMIT = "enforced_spend_limit_reached"
_FIRST_PAUSE_SECONDS = 0.5
_SHOWN = 200
_UNBILLED = frozenset({429, 500, 503, 529})  # asked again
_REFUSED = frozenset({400, 401, 402, 403, 404, 413, 422})  # neither asked again nor billed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer with status 200, as text in which no key stands."""

    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer. `may_have_cost`: the question may have arrived, and what it cost is not known.

    `pause_seconds` is how long to wait before asking again; None: it must not be asked again.
    """

    outcome: AnswerOutcome
    problem: str
    raw: str
    may_have_cost: bool
    pause_seconds: float | None = None


class ClaudeClient:
    """Asks one model of the vendor. `wait` sleeps; `wire` is what tests inject below the bounds."""

    def __init__(
        self,
        config: ModelConfig,
        key: SecretStr,
        *,
        clock: Clock,
        wait: Callable[[float], object],
        wire: BaseAdapter | None = None,
    ) -> None:
        """Raises ConfigError for an address that no key may go to, and for an empty key."""
        require_vendor_base(config.address, "model address")
        if not key.get_secret_value().strip():
            raise ConfigError("ANTHROPIC_API_KEY is empty: write the key, or choose another mode")
        self.config = config
        self._keys = keys_of(key)
        self._clock = clock
        self._wait = wait
        self._wire = wire

    def scrubbed(self, text: str) -> str:
        """Return a text in which the key does not stand."""
        return self._keys.scrubbed(text)

    def question(self, system: str, moment: str) -> dict[str, Any]:
        """Return all that is sent, without the key: the body of the request."""
        config = self.config
        body: dict[str, Any] = {
            "model": config.model,
            "max_tokens": config.max_tokens,
            "system": [
                {
                    "type": "text",
                    "text": self.scrubbed(system),
                    "cache_control": {"type": "ephemeral"},
                }
            ],
            "messages": [{"role": "user", "content": self.scrubbed(moment)}],
        }
        if config.thinking is not None:
            body["thinking"] = {"type": config.thinking.value}
        if config.temperature is not None:
            body["temperature"] = config.temperature
        return body | _held_to_the_schema(config)

    def ask(self, question: dict[str, Any]) -> Reply | Silence:
        """Return the vendor's whole answer, or why there is none."""
        began = self._clock.now()
        for attempt in range(self.config.retries + 1):
            found = self._attempt(question, self._left(began))
            if isinstance(found, Reply) or found.pause_seconds is None:
                return found
            pause = min(
                max(found.pause_seconds, _FIRST_PAUSE_SECONDS * 2**attempt), MOST_PAUSE_SECONDS
            )
            if attempt == self.config.retries or self._left(began) - pause <= LEAST_SECONDS:
                return found
            self._wait(pause)
        raise AssertionError("a question is asked at least once")

    def _left(self, began: datetime) -> float:
        gone = max(0.0, (self._clock.now() - began).total_seconds())
        return max(LEAST_SECONDS, self.config.deadline_seconds - gone)

    def _attempt(self, question: dict[str, Any], seconds: float) -> Reply | Silence:
        import anthropic  # noqa: PLC0415 - a second to import

        exchange = Exchange(seconds)
        client = self._client(exchange)
        try:
            raw = client.messages.with_raw_response.create(**_as_arguments(question))
            return Reply(body=raw.http_response.content.decode("utf-8", "replace"))
        except anthropic.APIStatusError as error:
            return self._refused(error)
        except anthropic.APIConnectionError:
            return _lost(exchange)
        finally:
            client.close()

    def _client(self, exchange: Exchange) -> "Anthropic":
        import anthropic  # noqa: PLC0415 - as above
        import httpx2  # noqa: PLC0415 - it comes with the SDK

        wire = ClaudeWire(self.config.address, self._keys, exchange, self._wire)
        http = httpx2.Client(
            transport=transport_of(wire, exchange),
            trust_env=False,
            follow_redirects=False,
            timeout=exchange.seconds,
        )
        return anthropic.Anthropic(
            api_key=UNKEYED,
            base_url=self.config.address,
            timeout=exchange.seconds,
            max_retries=0,
            http_client=http,
            open_telemetry=False,
        )

    def _refused(self, error: "APIStatusError") -> Silence:
        status = error.status_code
        raw = self.scrubbed(error.response.content.decode("utf-8", "replace"))
        kind, words = _shown(error.type), self.scrubbed(_shown(error.api_message))
        told = f"HTTP {status}" + (f" {kind}" if kind else "") + (f": {words}" if words else "")
        if error.error_code == SPEND_LIMIT:
            told = f"the vendor's own spend limit is reached; raise it there ({told})"
            return _silence(told, raw)
        if status in _UNBILLED:
            wish = error.response.headers.get("retry-after", "")
            return _silence(told, raw, pause_seconds=_seconds_of(wish))
        return _silence(told, raw, may_have_cost=status not in _REFUSED)


def _held_to_the_schema(config: ModelConfig) -> dict[str, Any]:
    """Return what forces an answer into our schema, and the effort beside it."""
    effort = {} if config.effort is None else {"effort": config.effort}
    if config.answer_form is AnswerForm.STRUCTURED:
        form = {"type": "json_schema", "schema": json_schema()}
        return {"output_config": {"format": form, **effort}}
    tool = {
        "name": TOOL,
        "description": TOOL_PURPOSE,
        "input_schema": json_schema(),
        "strict": True,
    }
    choice = {"type": "tool", "name": TOOL, "disable_parallel_tool_use": True}
    forced: dict[str, Any] = {"tools": [tool], "tool_choice": choice}
    return forced | ({"output_config": effort} if effort else {})


def _as_arguments(question: dict[str, Any]) -> dict[str, Any]:
    """Return a body as the SDK's arguments; what its signature no longer has goes beside it."""
    extra = {name: question[name] for name in ("temperature",) if name in question}
    known = {name: value for name, value in question.items() if name not in extra}
    return known | ({"extra_body": extra} if extra else {})


def _lost(exchange: Exchange) -> Silence:
    if exchange.timed_out:
        return Silence(
            outcome=AnswerOutcome.TIMED_OUT,
            problem=exchange.problem,
            raw="",
            may_have_cost=exchange.may_have_arrived,
        )
    problem = exchange.problem or "the exchange broke"
    if not exchange.may_have_arrived:
        return _silence(f"not reached: {problem}", "", pause_seconds=0.0)
    return _silence(problem, "", may_have_cost=True)


def _silence(
    problem: str, raw: str, *, may_have_cost: bool = False, pause_seconds: float | None = None
) -> Silence:
    return Silence(
        outcome=AnswerOutcome.FAILED,
        problem=problem,
        raw=raw,
        may_have_cost=may_have_cost,
        pause_seconds=pause_seconds,
    )


def _shown(told: object) -> str:
    """Return what a vendor says of itself, short; nothing where it is no text."""
    return visible_line(told, _SHOWN) if isinstance(told, str) else ""


def _seconds_of(wish: str) -> float:
    """Return the seconds of a Retry-After; 0 where it says none, for ours come then."""
    text = wish.strip()
    return min(float(text), MOST_PAUSE_SECONDS) if text.isascii() and text.isdigit() else 0.0
