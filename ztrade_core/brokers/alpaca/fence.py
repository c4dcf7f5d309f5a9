"""The paper fence (RULE_018): one host, one scheme, no port, no user; everything else is refused.

Contract: texts are compared, never parsed, normalised or resolved, so what a parser would make of a
look-alike does not matter. A refusal is a ConfigError that does not repeat the value. Settings hold
the same fence once more (`settings.environment.check_paper_url`), and the wire asks it for every
single request, as the client wrote it and as it would be sent.
"""

import re

from ztrade_core.domain.configuration import PAPER_HOST
from ztrade_core.errors import ConfigError

PAPER_URL = PAPER_HOST
PAPER_ACCOUNT_PREFIX = "PA"
LIVE_KEY_PREFIX = "AK"

_REQUEST = re.compile(
    r"https://paper-api\.alpaca\.markets/v2(?:/(?:[A-Za-z0-9_:-]|%2F)+)+"
    r"(?:\?[A-Za-z0-9_.~%=&+:/-]*)?",
    re.ASCII,
)


def require_paper_base(url: str) -> str:
    """Return PAPER_URL when `url` is exactly that; else ConfigError."""
    if url == PAPER_URL:
        return PAPER_URL
    raise ConfigError(
        f"broker: not Alpaca's paper host, so no connection is opened; write exactly {PAPER_URL}"
    )


def require_paper_request(url: object) -> str:
    """Return the URL of a request that stays within the paper host's API; else ConfigError.

    Whoever leaves the fence is a bug or an attack: nothing is sent, and nothing may be retried.
    """
    if isinstance(url, str) and _REQUEST.fullmatch(url):
        return url
    raise ConfigError(
        f"broker: a request beyond {PAPER_URL}/v2/ was refused before any connection was opened;"
        " this is a bug or a tampered setting: do not retry, look at who built it"
    )


def require_paper_key(api_key: str) -> None:
    """Refuse the key of a live account: it has no business here, even at the paper host."""
    if api_key.startswith(LIVE_KEY_PREFIX):
        raise ConfigError(
            f"ALPACA_API_KEY: begins with {LIVE_KEY_PREFIX}, the form of a live account's key;"
            " make a key on Alpaca's paper page (they begin with PK) and revoke nothing else"
        )


def require_paper_account(account_number: str) -> None:
    """Raise ConfigError unless the broker's own answer names a paper account."""
    if not account_number.startswith(PAPER_ACCOUNT_PREFIX):
        raise ConfigError(
            "broker: the account that answered is not shown to be a paper account (its number does"
            f" not begin with {PAPER_ACCOUNT_PREFIX}); no order is sent to it"
        )
