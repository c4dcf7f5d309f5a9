"""What tests put in place of the network under the broker at Alpaca.

Neither settings nor the environment can name one: it is handed to `open_workshop` as a value, below
the fences, which still see and judge the true URLs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The transports of orders and of quotes, as requests' adapters."""

    trading: "BaseAdapter"
    data: "BaseAdapter"
