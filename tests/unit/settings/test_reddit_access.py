"""Reddit's three variables: all or none, never shown."""

from typing import Any

import pytest

from ztrade_core.errors import ConfigError

ALL = {
    "REDDIT_CLIENT_ID": "canaryId",
    "REDDIT_CLIENT_SECRET": "canarySecret",
    "REDDIT_USER_AGENT": "linux:ztrade:0.1 (by /u/nobody)",
}


def test_all_three_are_read_and_print_as_stars(project: Any) -> None:
    access = project.load(ALL).vendors.reddit
    assert access.client_id.get_secret_value() == "canaryId"
    assert access.client_secret.get_secret_value() == "canarySecret"
    assert access.user_agent == ALL["REDDIT_USER_AGENT"]
    assert "canary" not in repr(access)
    assert project.load().vendors.reddit is None


@pytest.mark.parametrize("absent", ALL)
def test_a_part_of_them_is_refused_with_what_is_absent(project: Any, absent: str) -> None:
    some = {name: value for name, value in ALL.items() if name != absent}
    with pytest.raises(ConfigError, match=f"set without {absent}; set all three") as refusal:
        project.load(some)
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("agent", ["short", "x" * 201, "linux:ztr\u00e4de:0.1", "linux:\nztrade"])
def test_a_name_that_is_none_is_refused(project: Any, agent: str) -> None:
    with pytest.raises(ConfigError, match="REDDIT_USER_AGENT: not a name for an application"):
        project.load({**ALL, "REDDIT_USER_AGENT": agent})


def test_a_secret_with_a_blank_is_refused_unseen(project: Any) -> None:
    with pytest.raises(ConfigError, match="REDDIT_CLIENT_SECRET: not a key") as refusal:
        project.load({**ALL, "REDDIT_CLIENT_SECRET": "canary 1"})
    assert "canary" not in str(refusal.value)
