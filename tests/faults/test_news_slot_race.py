"""Processes race with a story each of one bar: one is decided on, and the others leave no row."""

from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.desk import calm
from tests.fakes.desk_book import decisions
from tests.faults.news_jobs import news_kit
from tests.faults.nursery import Job, Nursery

ROUNDS, RACERS = 20, 4


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_of_racing_stories_of_one_bar_one_is_decided_on(
    name: str,
    request: pytest.FixtureRequest,
    engine_of: Callable[[str], Engine],
    nursery: Nursery,
) -> None:
    url = request.getfixturevalue(f"{name}_url")
    engine = engine_of(url)
    news_kit(engine, "any").put_bars({"TSLA": calm(14)})
    for number in range(request.getfixturevalue("campaign")(ROUNDS)):
        account = f"news-{number}"
        ends = nursery.run(*(job(url, account, f"s{racer}") for racer in range(RACERS)))

        done = [end.returned for end in ends if end.raised is None]
        refused = [end for end in ends if end.raised is not None]
        assert len(done) == 1
        assert {end.raised for end in refused} == {"InputError"}
        assert all(f"has decided on {done[0]} since" in end.text for end in refused)
        kept = decisions(news_kit(engine, account))
        assert [row.decision.key.slot for row in kept] == done


def job(url: str, account: str, story: str) -> Job:
    return Job(
        name="tests.faults.news_jobs:on_story",
        arguments={"url": url, "account": account, "story": story},
    )
