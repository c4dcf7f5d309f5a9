"""The production definitions on a fake Alpaca, for a code server, a daemon and run workers of a test.

    dagster dev -m tests.fakes.alpaca_definitions

`ZTRADE_TEST_ALPACA` holds the two URLs of local servers, of orders and of quotes, with a space between.
Production code does not know that variable. Broker and keys come from the settings, as they always do.
"""

import os

from tests.fakes.alpaca_launch import VARIABLE, opener
from ztrade_core.settings.load import load_settings
from ztrade_pipelines.definitions import build_definitions
from ztrade_pipelines.resources import Ztrade, resource_of

_settings = load_settings()
_trading_url, _data_url = os.environ[VARIABLE].split()  # noqa: TID251 - of this test module only
_open = opener(_trading_url, _data_url)
defs = build_definitions(
    _settings,
    resource_of(Ztrade(lambda: _open(_settings)), place=_settings.database_place),
)
