"""`ztrade agent run --story`: a decision on a story by hand, and what is refused."""

from pathlib import Path

from tests.fakes.terminal import Terminal
from tests.pipelines.conftest import AGENT, fill_store
from tests.pipelines.rehearsed import workshop_of
from tests.pipelines.test_breaking_news import NOW, SECOND, story_row
from ztrade_core.domain.time import iso_z

RUN = ("agent", "run", AGENT, "--as-of", iso_z(NOW))


def test_a_story_is_decided_on_by_hand(tmp_path: Path, sqlite_template: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.use_database(sqlite_template)
    workshop = workshop_of(terminal)
    fill_store(workshop)
    workshop.news.put([story_row("a", NOW - SECOND)])

    done = terminal.spawn(*RUN, "--story", "a" * 32)
    refused = terminal.spawn(*RUN, "--story", "nothing")
    mixed = terminal.type(*RUN, "--story", "a" * 32, "--manual", "--action", "hold")

    with workshop.store.reading() as uow:
        slots = [row.decision.key.slot for row in uow.ledger.rows()]
    workshop.engine.dispose()
    assert (done.code, slots) == (0, [f"news:{'a' * 32}"])
    assert refused.code != 0
    assert "there is no story 'nothing' of TSLA" in refused.err + refused.out
    assert mixed.code == 2
    assert "leave one out" in mixed.err
