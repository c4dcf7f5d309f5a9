"""What an answer costs: by the tokens the vendor counted, or at most, before it was asked.

A token of text covers a byte at least, so a prompt has no more tokens than bytes; what the vendor adds
around it (the schema's grammar, a tool's instructions) is allowed for apart. An unknown model has no price.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ztrade_core.domain.answers import AnswerCost
from ztrade_core.domain.model_config import ModelPrice
from ztrade_core.errors import ConfigError

ADDED_TOKENS = 2_000
"""More than any model's own instructions around a schema or a tool take."""
_MILLION = 1_000_000.0
_MOST_COUNT = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUse:
    """Tokens as the vendor counted them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


def price_of(model: str, prices: Iterable[ModelPrice]) -> ModelPrice:
    """Return a model's price; ConfigError when the table has none for it."""
    table = {price.model: price for price in prices}
    if model not in table:
        known = ", ".join(sorted(table)) or "none"
        raise ConfigError(
            f"model {model!r} has no price, so no budget can be kept with it; priced are: {known}"
        )
    return table[model]


def usd_of(use: TokenUse, price: ModelPrice) -> float:
    """Return what counted tokens cost, in USD."""
    counted = (
        (use.input_tokens, price.input_usd),
        (use.output_tokens, price.output_usd),
        (use.cache_write_tokens, price.cache_write_usd),
        (use.cache_read_tokens, price.cache_read_usd),
    )
    total = 0.0
    for tokens, usd in counted:
        total += float(tokens) * usd
    return total / _MILLION


def most_usd_of(prompt_bytes: int, max_tokens: int, price: ModelPrice) -> float:
    """Return what a prompt of so many bytes and its answer cost at most, in USD."""
    dearest = max(price.input_usd, price.cache_write_usd, price.cache_read_usd)
    prompt = float(prompt_bytes + ADDED_TOKENS) * dearest
    return (prompt + float(max_tokens) * price.output_usd) / _MILLION


def use_told(usage: object) -> TokenUse | None:
    """Return the tokens of an answer's `usage`; None when it tells none that can be believed."""
    if not isinstance(usage, Mapping):
        return None
    counts = [
        usage.get(name) or 0
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        )
    ]
    sound = all(type(each) is int and 0 <= each <= _MOST_COUNT for each in counts)
    if not sound or "input_tokens" not in usage or "output_tokens" not in usage:
        return None
    return TokenUse(
        input_tokens=counts[0],
        output_tokens=counts[1],
        cache_read_tokens=counts[2],
        cache_write_tokens=counts[3],
    )


def cost_of(use: TokenUse, price: ModelPrice) -> AnswerCost:
    """Return the cost of counted tokens; the seconds are the asker's to add."""
    return AnswerCost(
        input_tokens=use.input_tokens,
        output_tokens=use.output_tokens,
        cache_read_tokens=use.cache_read_tokens,
        cache_write_tokens=use.cache_write_tokens,
        usd=usd_of(use, price),
    )


def lasting(cost: AnswerCost, seconds: float) -> AnswerCost:
    """Return a cost with the seconds waited."""
    return replace(cost, seconds=seconds)
