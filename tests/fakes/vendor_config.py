"""The shipped configuration with vendors on this machine, in a folder of a test's own."""

import re
import shutil
import sqlite3
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "config"
HOSTS = {
    "alpaca": "https://data.alpaca.markets",
    "alpha_vantage": "https://www.alphavantage.co",
    "coingecko": "https://api.coingecko.com",
    "yahoo": "https://query2.finance.yahoo.com",
}
NOWHERE = "http://127.0.0.1:9"
KEYS = {
    "ALPACA_API_KEY": "PKCANARYDATA",
    "ALPACA_SECRET_KEY": "canarySecretData",
    "ALPHAVANTAGE_API_KEY": "CANARYVANTAGE",
}


def vendors_at(folder: Path, **urls: str) -> Path:
    """Copy config/ with each vendor at its URL, or where nobody listens; return the folder."""
    made = Path(shutil.copytree(SHIPPED, folder / "config"))
    path = made / "market_data.yaml"
    text = path.read_text()
    for vendor, host in HOSTS.items():
        assert text.count(host) == 1
        text = text.replace(host, urls.get(vendor, NOWHERE))
    path.write_text(text)
    news = made / "sentiment.yaml"
    news.write_text(re.sub(r"url: https://\S+", f"url: {NOWHERE}", news.read_text()))
    return made


def let_the_day_pass(data: Path, vendor: str) -> None:
    """Move what a vendor said of its limit into the past: whoever has the machine's clock asks it again."""
    connection = sqlite3.connect(data / "vendor_limits.db")
    with connection:
        changed = connection.execute("UPDATE resting SET until = 0 WHERE vendor = ?", (vendor,))
        assert changed.rowcount == 1
    connection.close()
