"""The environment: the paper fence, secrets, `.env`, databases."""

from pathlib import Path
from typing import Any

import pytest

from ztrade_core.errors import ConfigError
from ztrade_core.settings.database import database_place
from ztrade_core.settings.environment import PAPER_URL, Variables, parse_dotenv, read_variables

KEYS = {"ALPACA_API_KEY": "PKCANARY1", "ALPACA_SECRET_KEY": "canarySecret2"}

HOSTILE = [
    "https://api.alpaca.markets",
    "https://broker-api.alpaca.markets",
    "https://example.com",
    "https://paper-api.alpaca.markets.example.com",
    "https://paper-api.alpaca.markets.",
    "https://paper-api.alpaca.marketsx",
    "https://xpaper-api.alpaca.markets",
    "https://paper-api.alpaca.markets@api.alpaca.markets",
    "https://user:hunter2@paper-api.alpaca.markets",
    "https://api.alpaca.markets/https://paper-api.alpaca.markets",
    "https://api.alpaca.markets#https://paper-api.alpaca.markets",
    "https://paper-api.alpaca.markets:443",
    "https://paper-api.alpaca.markets:8443/",
    "http://paper-api.alpaca.markets",
    "wss://paper-api.alpaca.markets",
    "HTTPS://paper-api.alpaca.markets",
    "https://PAPER-API.ALPACA.MARKETS",
    "https://paper-api.alpaca.markets/v2",
    "https://paper-api.alpaca.markets//",
    "https://paper-api.alpaca.markets/?next=live",
    "https://paper-api.alpaca.markets?key=hunter2",
    "https://paper-api.alpaca.markets/#x",
    "https://paper-api.alpaca.markets\\@api.alpaca.markets",
    "https:\\\\paper-api.alpaca.markets",
    "https://p\u0430per-api.alpaca.markets",
    "https://xn--pper-api-63g.alpaca.markets",
    "https://paper-api\u3002alpaca.markets",
    "https://paper-api.alpaca.markets\u200b",
    "https://104.18.1.1",
    "https://[::1]",
    "https://127.0.0.1",
    "https://paper-api%2ealpaca.markets",
    "https://paper-api.alpaca.markets%00",
    "//paper-api.alpaca.markets",
    "paper-api.alpaca.markets",
    " https://paper-api.alpaca.markets",
    "https://paper-api.alpaca.markets ",
    "https://paper-api.alpaca.markets\n",
    "https://paper-api.alpaca.markets\r\nHost: api.alpaca.markets",
    "https://paper-api.alpaca.markets\t",
    "\ufeffhttps://paper-api.alpaca.markets",
    "https://paper-api.alpaca.markets,https://api.alpaca.markets",
    "javascript:alert(1)",
    "file:///etc/passwd",
    " ",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_any_other_host_refuses_to_start_and_is_not_repeated(project: Any, url: str) -> None:
    message = project.refusal({"ALPACA_BASE_URL": url, **KEYS})
    assert message.startswith("environment: ALPACA_BASE_URL: not Alpaca's paper host")
    assert "hunter2" not in message
    assert "CANARY" not in message.upper()


def test_a_hostile_url_is_refused_without_keys_too(project: Any) -> None:
    assert "ALPACA_BASE_URL" in project.refusal({"ALPACA_BASE_URL": "https://api.alpaca.markets"})


def test_the_fence_comes_before_every_other_complaint(project: Any) -> None:
    project.path("config/company.yaml").unlink()
    environ = {"ALPACA_BASE_URL": "https://api.alpaca.markets", "DATABASE_URL": "nonsense"}
    assert "ALPACA_BASE_URL" in project.refusal(environ)


@pytest.mark.parametrize("url", [PAPER_URL, PAPER_URL + "/", ""])
def test_the_paper_host_is_accepted_and_made_one(project: Any, url: str) -> None:
    alpaca = project.load({"ALPACA_BASE_URL": url, **KEYS}).alpaca
    assert alpaca.base_url == "https://paper-api.alpaca.markets"
    assert alpaca.api_key.get_secret_value() == "PKCANARY1"
    assert alpaca.secret_key.get_secret_value() == "canarySecret2"


def test_secrets_hide_in_every_text_of_the_settings(project: Any) -> None:
    url = "postgresql://ztrade:hunter2@db.example:5432/ztrade?sslkey=hunter2"
    settings = project.load({"DATABASE_URL": url, **KEYS})
    texts = [repr(settings), str(settings), f"{settings}", settings.database_place]
    texts += [repr(settings.alpaca), str(settings.alpaca), f"{settings.alpaca.secret_key}"]
    for text in texts:
        assert "hunter2" not in text
        assert "CANARY" not in text.upper()
    assert settings.database_place == "postgresql+psycopg://db.example/ztrade"
    assert settings.database_url.startswith("postgresql+psycopg://ztrade:hunter2@")


@pytest.mark.parametrize("present", sorted(KEYS))
def test_half_a_pair_of_keys_is_refused(project: Any, present: str) -> None:
    message = project.refusal({present: "canary"})
    (absent,) = set(KEYS) - {present}
    assert message == f"environment: {present}: set without {absent}; set both or neither"


def test_a_key_with_a_line_break_is_refused_unseen(project: Any) -> None:
    message = project.refusal({**KEYS, "ALPACA_SECRET_KEY": "canary\r\nX-Evil: 1"})
    assert message.startswith("environment: ALPACA_SECRET_KEY: not a key")
    assert "canary" not in message


def test_the_real_environment_wins_over_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\nC=file\n")
    variables = read_variables(tmp_path, {"A": "real", "B": ""})
    assert [variables.get(name) for name in "ABCD"] == ["real", "file", "file", None]
    assert [variables.where(name) for name in "AB"] == ["environment: A", ".env: B"]


def test_dotenv_understands_comments_quotes_and_export() -> None:
    text = "# note\n\nexport A=1 # one\nB='two words'\nC=\"3\"\nD=\nE=${A}\n"
    assert parse_dotenv(text) == {"A": "1", "B": "two words", "C": "3", "D": "", "E": "${A}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nno equals hunter2\n", ".env: line 2: not understood; write NAME=value"),
        ("A=1\nB=2\nA=hunter2\n", ".env: line 3: A: written twice; keep one"),
        ("HUNTER\n", ".env: line 1: not understood; write NAME=value"),
        ("A='hunter2\n", ".env: line 1: not understood; write NAME=value"),
    ],
)
def test_a_bad_dotenv_is_refused_by_line_without_its_content(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_dotenv(text)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///x.db", "sqlite:///{root}/x.db"),
        ("sqlite:////abs/x.db", "sqlite:////abs/x.db"),
        ("sqlite:///x.db?timeout=5", "sqlite:///{root}/x.db?timeout=5"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@/d?host=/tmp/s", "postgresql+psycopg://u@/d?host=/tmp/s"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d"),
    ],
)
def test_database_urls_are_made_unambiguous(project: Any, url: str, expected: str) -> None:
    found = project.load({"DATABASE_URL": url}).database_url
    assert found == expected.format(root=project.root)


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "mysql://u:hunter2@h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "sqlite:///file:hunter2",
        "sqlite://hunter2/x.db",
        "postgresql://u:hunter2@h/d\n",
    ],
)
def test_other_databases_are_refused_without_repeating_them(project: Any, url: str) -> None:
    message = project.refusal({"DATABASE_URL": url})
    assert message.startswith("environment: DATABASE_URL: ")
    assert "hunter2" not in message


def test_a_database_place_survives_a_broken_url() -> None:
    assert database_place("postgresql+psycopg://u:hunter2@[broken/d") == "postgresql+psycopg"


def test_an_unknown_market_data_switch_is_refused(project: Any) -> None:
    message = project.refusal({"ZTRADE_MARKET_DATA": "invented"})
    names = "alpaca or alpha_vantage or coingecko or yahoo or files or synthetic"
    assert message == f"environment: ZTRADE_MARKET_DATA: unknown; write {names}"


def test_an_unprintable_folder_is_refused(project: Any) -> None:
    assert "ZTRADE_DATA_DIR: not a path" in project.refusal({"ZTRADE_DATA_DIR": "a\x00b"})


def test_an_empty_value_counts_as_absent() -> None:
    assert Variables(real={"A": ""}, dotenv={}).get("A") is None


def test_vendors_keys_are_read_and_print_as_stars(project: Any) -> None:
    environ = {"ALPHAVANTAGE_API_KEY": "canaryAv9", "COINGECKO_API_KEY": "CG-canary_7"}
    settings = project.load(environ)
    assert settings.vendors.alpha_vantage.get_secret_value() == "canaryAv9"
    assert settings.vendors.coingecko.get_secret_value() == "CG-canary_7"
    assert "canary" not in repr(settings)
    assert project.load().vendors.alpha_vantage is None


@pytest.mark.parametrize("name", ["ALPHAVANTAGE_API_KEY", "COINGECKO_API_KEY"])
@pytest.mark.parametrize("key", ["canary 1", "canary\n1", "canary\u00e9"])
def test_a_vendors_key_that_is_none_is_refused_unseen(project: Any, name: str, key: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: not a key") as refusal:
        project.load({name: key})
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://data.alpaca.markets", "https://a.example/x", "ftp://x"])
def test_a_vendors_address_that_no_key_may_go_to_is_refused(project: Any, url: str) -> None:
    project.replace("config/market_data.yaml", "https://data.alpaca.markets", url)
    with pytest.raises(ConfigError, match=r"vendors\.alpaca\.url: .*not a vendor's address"):
        project.load()
