"""The fences (RULE_018): two hosts, one scheme, no port, no user; everything else is refused.

Contract: texts are compared, never parsed, normalised or resolved, so what a parser would make of a
look-alike does not matter. A refusal is a ConfigError that does not repeat the value. Settings hold
the paper fence once more (`settings.environment.check_paper_url`), and the wire asks its fence for
every single request, as the client wrote it and as it would be sent. Orders go through PAPER; DATA lets
the two questions for a latest quote through and nothing else. A dot passes between the letters of a
symbol (`BRK.B`) that is asked for as an asset, and nowhere else in a path.
"""

import re
from dataclasses import dataclass

from ztrade_core.domain.configuration import PAPER_HOST
from ztrade_core.errors import ConfigError

PAPER_URL = PAPER_HOST
DATA_URL = "https://data.alpaca.markets"
PAPER_ACCOUNT_PREFIX = "PA"
LIVE_KEY_PREFIX = "AK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One host: the whole form that a request's URL must have, and the methods it may use."""

    base: str
    request: re.Pattern[str]
    methods: frozenset[str]

    def require_request(self, url: object) -> str:
        """Return the URL of a request that stays within the fence; else ConfigError.

        Whoever leaves the fence is a bug or an attack: nothing is sent, and nothing may be retried.
        """
        if isinstance(url, str) and self.request.fullmatch(url):
            return url
        raise ConfigError(
            f"broker: a request beyond {self.base}/ was refused before any connection was opened;"
            " this is a bug or a tampered setting: do not retry, look at who built it"
        )

    def require_method(self, method: object) -> str:
        """Return a method, in capitals, that may be used here; else ConfigError."""
        if isinstance(method, str) and method.upper() in self.methods:
            return method.upper()
        raise ConfigError(
            f"broker: {self.base} takes {', '.join(sorted(self.methods))} only; a request was refused"
            " before any connection was opened"
        )


PAPER = Fence(
    base=PAPER_URL,
    request=re.compile(
        r"https://paper-api\.alpaca\.markets/v2"
        r"(?:/assets/[A-Z]{1,8}\.[A-Z]{1,3}|(?:/(?:[A-Za-z0-9_:-]|%2F)+)+)"
        r"(?:\?[A-Za-z0-9_.~%=&+:/-]*)?",
        re.ASCII,
    ),
    methods=frozenset({"GET", "POST", "PATCH", "DELETE"}),
)
DATA = Fence(
    base=DATA_URL,
    request=re.compile(
        r"https://data\.alpaca\.markets"
        r"(?:/v2/stocks/[A-Za-z0-9.]{1,15}/quotes/latest\?feed=iex"
        r"|/v1beta3/crypto/us/latest/quotes\?symbols=[A-Za-z0-9]{1,15}%2F[A-Za-z]{1,8})",
        re.ASCII,
    ),
    methods=frozenset({"GET"}),
)


def require_paper_base(url: str) -> str:
    """Return PAPER_URL when `url` is exactly that; else ConfigError."""
    if url == PAPER_URL:
        return PAPER_URL
    raise ConfigError(
        f"broker: not Alpaca's paper host, so no connection is opened; write exactly {PAPER_URL}"
    )


def require_paper_request(url: object) -> str:
    """Return the URL of a request that stays within the paper host's API; else ConfigError."""
    return PAPER.require_request(url)


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
