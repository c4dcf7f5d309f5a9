"""The training cutoff of an agent's mind: the latest of its models', unknown if any is unknown."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.unit.risk.builders import agent
from ztrade_core.domain.configuration import EnsembleConfig, MindChoice, Mode, Vote
from ztrade_core.domain.cutoffs import Cutoff, cutoff_of, cutoff_of_mind
from ztrade_core.domain.model_config import ModelConfig

PLAIN = agent("agent_tsla", "TSLA")


def model(name: str, cutoff: date | None) -> MindChoice:
    config = ModelConfig(model=name, training_cutoff=cutoff)
    return MindChoice(name=name.replace("-", "_"), mode=Mode.AUTOMATED, model=config)


def ensemble(*members: MindChoice) -> Cutoff | None:
    config = EnsembleConfig(vote=Vote.MAJORITY, members=members)
    return cutoff_of(replace(PLAIN, mode=Mode.ENSEMBLE, ensemble=config))


STRATEGY = MindChoice(name="plain", mode=Mode.STRATEGY)
OLD, NEW = model("m-1", date(2022, 3, 1)), model("m-2", date(2022, 12, 28))


def test_a_strategy_and_a_person_have_none() -> None:
    assert cutoff_of(PLAIN) is None
    assert cutoff_of(replace(PLAIN, mode=Mode.MANUAL)) is None
    assert ensemble(STRATEGY, STRATEGY) is None


def test_a_model_has_its_own_and_whatever_answers_by_file_an_unknown_one() -> None:
    own = replace(PLAIN, mode=Mode.AUTOMATED, model=OLD.model)
    assert cutoff_of(own) == Cutoff(models=("m-1",), day=date(2022, 3, 1))
    by_file = cutoff_of(replace(PLAIN, mode=Mode.SUBAGENT))
    assert by_file == Cutoff(models=("file",), day=None)
    assert cutoff_of_mind(own, STRATEGY) is None
    assert cutoff_of_mind(PLAIN, NEW) == Cutoff(models=("m-2",), day=date(2022, 12, 28))


def test_an_ensemble_has_the_latest_and_none_that_is_known_if_one_is_not() -> None:
    assert ensemble(OLD, STRATEGY, NEW) == Cutoff(models=("m-1", "m-2"), day=date(2022, 12, 28))
    unknown = ensemble(OLD, model("m-3", None))
    assert unknown is not None
    assert (unknown.day, unknown.clean_from) == (None, None)
    assert unknown.text == "m-1 and m-3, trained on data up to an unknown day"


def test_what_comes_after_begins_at_new_yorks_midnight() -> None:
    cutoff = Cutoff(models=("m",), day=date(2022, 12, 28))
    assert cutoff.clean_from == datetime(2022, 12, 29, 5, tzinfo=UTC)
