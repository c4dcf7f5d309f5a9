"""Which of a slot's answers its tape rests on."""

from tests.fakes.answer_rows import answer
from ztrade_core.domain.answers import answer_behind


def test_an_answer_of_a_run_that_lost_the_slot_is_not_the_one_behind_its_tape() -> None:
    won, lost = answer(attempt=1, run_id="won"), answer(attempt=2, run_id="lost")
    assert answer_behind([won, lost], "won") == won
    assert answer_behind([won, lost], "lost") == lost


def test_of_several_of_one_run_it_is_the_last_and_of_no_run_the_newest() -> None:
    first, again = answer(attempt=1, run_id="one"), answer(attempt=2, run_id="one")
    assert answer_behind([first, again], "one") == again
    assert answer_behind([first, again], "another") == again
    assert answer_behind([], "one") is None
