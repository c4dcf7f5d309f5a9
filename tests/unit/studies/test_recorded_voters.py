"""A recording of an ensemble's decisions says who voted: a decision's row names no model."""

from dataclasses import replace
from datetime import date

from tests.fakes.desk import at
from tests.unit.studies.scoreboard_cases import (
    ACCOUNT,
    MEMBER_SAMPLE,
    Case,
    model_of,
    said,
    trader,
)
from ztrade_core.assembly.recordings import recording_for
from ztrade_core.backtest.decided_by import cutoff_of_recording
from ztrade_core.decision_makers.recorded import Recording
from ztrade_core.domain.configuration import EnsembleConfig, MindChoice, Mode, Vote
from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.studies.rule_trial_record import Wanted, record_of

DAY = date(2022, 12, 27)
MEMBER = MindChoice(name="one", mode=Mode.AUTOMATED, model=model_of("m-1", DAY))
AGENT = trader(mode=Mode.ENSEMBLE, ensemble=EnsembleConfig(vote=Vote.MAJORITY, members=(MEMBER,)))


def recordings(maker: str) -> list[Recording]:
    """The recordings of a vote that this maker gave: a backtest's, and a rule trial's."""
    case = Case(trader=AGENT)
    case.decide(0, said("buy", maker="ensemble:majority/1"))
    case.beside("one", 0, said("buy", maker=maker), sample=MEMBER_SAMPLE)
    with case.store.reading() as uow:
        found = record_of(uow, Wanted(account=ACCOUNT, start=at(0), stop=at(9)))
    own = found.recording(AGENT.agent_id)
    return [recording_for(case.store, AGENT, f"ledger:{ACCOUNT}"), own]


def test_a_vote_of_the_agents_models_has_their_cutoff() -> None:
    own = Cutoff(models=("m-1",), day=DAY)
    assert [cutoff_of_recording(each, AGENT) for each in recordings("automated:m-1/a")] == [own] * 2


def test_a_vote_of_a_model_that_the_file_names_no_more_has_an_unknown_one() -> None:
    former = Cutoff(models=("m-9",), day=None)
    for each in recordings("automated:m-9/a"):
        assert cutoff_of_recording(each, AGENT) == former
        assert cutoff_of_recording(each, trader()) == former


def test_a_vote_of_strategies_was_no_models() -> None:
    assert [cutoff_of_recording(each, AGENT) for each in recordings("sma/1")] == [None, None]


def test_without_the_tapes_a_vote_is_the_ensembles_of_now_or_of_one_that_nobody_knows() -> None:
    for each in recordings("automated:m-9/a"):
        bare = replace(each, voters={})
        assert cutoff_of_recording(bare, AGENT) == Cutoff(models=("m-1",), day=DAY)
        assert cutoff_of_recording(bare, trader()) == Cutoff(
            models=("a former ensemble",), day=None
        )


def test_who_voted_moves_no_digest() -> None:
    one, other = recordings("automated:m-1/a"), recordings("automated:m-9/a")
    assert [each.digest for each in one] == [each.digest for each in other]
