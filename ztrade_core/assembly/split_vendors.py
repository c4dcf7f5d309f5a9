"""Who tells splits, by the names in `config/market_data.yaml`. Loads vendors' clients."""

from ztrade_core.errors import ConfigError
from ztrade_core.market_data.vendors.splits_alpaca import AlpacaSplits
from ztrade_core.market_data.vendors.splits_alpha_vantage import AlphaVantageSplits
from ztrade_core.market_data.vendors.splits_yahoo import YahooSplits
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.providers import SplitProvider
from ztrade_core.settings.load import Settings
from ztrade_core.wires.pace import Pace


def split_provider(name: str, settings: Settings, clock: Clock, pace: Pace) -> SplitProvider:
    """Return a vendor that tells splits; ConfigError for one that does not, or has no key."""
    config, access = settings.company.market_data.vendors, settings.alpaca
    key = settings.vendors.alpha_vantage
    if name == "alpaca" and access is not None:
        keys = (access.api_key, access.secret_key)
        return AlpacaSplits(url=config.alpaca_url, keys=keys, clock=clock, pace=pace)
    if name == "alpha_vantage" and key is not None:
        return AlphaVantageSplits(url=config.alpha_vantage_url, key=key, clock=clock, pace=pace)
    if name == "yahoo":
        return YahooSplits(url=config.yahoo_url, clock=clock, pace=pace)
    raise ConfigError(f"{name} tells no splits, or has no key; alpaca, alpha_vantage and yahoo do")
