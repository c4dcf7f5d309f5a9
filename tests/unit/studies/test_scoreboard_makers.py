"""Whose answers a figure is of: nobody's where nothing came, and of models that are no longer named."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.fakes.desk import at, bar
from tests.unit.studies.scoreboard_cases import (
    MEMBER_SAMPLE,
    Case,
    bars_from,
    mind,
    model_of,
    said,
    shadow,
    trader,
    whole,
)
from ztrade_core.domain.configuration import AgentConfig, EnsembleConfig, MindChoice, Mode, Vote
from ztrade_core.domain.decisions import UNANSWERED
from ztrade_core.studies.scoreboard_figures import Part

OWN = "agent_tsla"
A_DAY = 288
LAST_DAY, SAME_DAY = date(2022, 12, 27), date(2022, 12, 28)
HOLD, BUY = said("hold"), said("buy")
SILENT = replace(
    said("hold", maker="automated:m-1/abc", confidence=0.0), factors=((UNANSWERED, "timed out"),)
)
VOTE = said("buy", maker="ensemble:majority/1")


def test_a_question_from_which_nothing_came_is_no_answer() -> None:
    """The model times out twice and buys once: it held never, and agrees on one moment."""
    case = Case(trader=trader(shadow("haiku", model_of(cutoff=LAST_DAY), samples=2)))
    for number, answer in enumerate((SILENT, SILENT, said("buy", maker="automated:m-1/abc"))):
        case.decide(number, HOLD)
        case.beside("haiku", number, answer)
        case.beside("haiku", number, SILENT, sample=2)
    clean = mind(case.board(), "shadow haiku").parts[1]
    moments = clean.moments
    assert (moments.count, moments.answered, moments.held, moments.unanswered) == (3, 1, 0, 2)
    assert moments.held_share == 0.0
    assert clean.agreement is not None
    assert (clean.agreement.moments, clean.agreement.share) == (1, 0.0)
    assert (clean.repeatability.moments, clean.repeatability.share) == (0, None)
    assert clean.followed is not None
    assert (clean.followed.bars, clean.followed.unanswered) == (8, 7)


def ensemble(*models: tuple[str, date | None]) -> AgentConfig:
    """The agent decided by models of these names, and of these cutoffs."""
    members = tuple(
        MindChoice(name=f"no{number}", mode=Mode.AUTOMATED, model=model_of(name, day))
        for number, (name, day) in enumerate(models)
    )
    return trader(mode=Mode.ENSEMBLE, ensemble=EnsembleConfig(vote=Vote.MAJORITY, members=members))


def voted(agent: AgentConfig, voters: Iterable[str]) -> Case:
    """One decision by vote of these makers, each of which took a cent."""
    case = Case(trader=agent)
    case.decide(0, VOTE)
    for number, maker in enumerate(voters):
        answer = said("buy", maker=maker)
        case.beside(f"no{number}", 0, answer, sample=MEMBER_SAMPLE, usd=0.01)
    return case


@pytest.mark.parametrize(
    ("agent", "voters", "clean"),
    [
        (ensemble(("m-1", LAST_DAY)), ["automated:m-1/a"], 1),
        (ensemble(("m-1", LAST_DAY)), ["automated:m-9/a"], 0),
        (ensemble(("m-1", LAST_DAY)), ["sma/1"], 1),
        (ensemble(("m-1", LAST_DAY)), ["subagent:file/1"], 0),
        (trader(), ["automated:m-1/a", "sma/1"], 0),
        (trader(mode=Mode.AUTOMATED, model=model_of("m-1", LAST_DAY)), ["automated:m-9/a"], 0),
    ],
)
def test_a_vote_is_clean_only_of_the_models_that_really_gave_it(
    agent: AgentConfig, voters: list[str], clean: int
) -> None:
    parts = mind(voted(agent, voters).board(), OWN).parts
    assert [(part.part, part.moments.count) for part in parts] == [
        (Part.KNOWN, 1 - clean),
        (Part.CLEAN, clean),
    ]
    [part] = [part for part in parts if part.moments.count]
    assert part.cost is not None
    assert part.cost.usd == pytest.approx(0.01 * len(voters))


def test_a_vote_of_strategies_is_no_models() -> None:
    assert whole(voted(trader(), ["sma/1", "reversion/1"]).board(), OWN).moments.count == 1


def test_a_former_ensemble_without_its_tapes_is_never_clean() -> None:
    [known, clean] = mind(voted(trader(), []).board(), OWN).parts
    assert (known.moments.count, clean.moments.count) == (1, 0)


def over_two_days(cutoff: date | None) -> Case:
    """The agent's model answers two bars of a day and two of the next; a strategy beside it all four."""
    model = model_of(cutoff=cutoff)
    agent = trader(shadow("plain"), mode=Mode.AUTOMATED, model=model)
    opened = bars_from([100.0 + number for number in range(4)])
    series = replace(
        bars_from([100.0 + number for number in range(8)]),
        timestamps=np.concatenate(
            (opened.timestamps, opened.timestamps + A_DAY * opened.timeframe.micros)
        ),
    )
    case = Case(trader=agent, series=series)
    for number in (0, 1, A_DAY, A_DAY + 1):
        case.decide(number, said("buy", maker="automated:m-1/abc"))
        case.beside("plain", number, BUY)
    return case


@pytest.mark.parametrize(
    ("cutoff", "told"), [(LAST_DAY, True), (SAME_DAY, False), (date(2022, 12, 29), True)]
)
def test_own_figures_beside_a_strategy_never_mix_known_with_clean(
    cutoff: date, *, told: bool
) -> None:
    board = over_two_days(cutoff).board(ends=at(A_DAY + 3))
    plain = whole(board, "shadow plain")
    assert plain.followed is not None
    assert plain.followed.total_return is not None
    assert (plain.own_hits is not None) is told
    assert (plain.followed.own_return is not None) is told
    assert any("would mix" in note for note in board.notes) is not told


def test_beside_a_clean_part_stands_nothing_that_the_agents_model_may_have_known() -> None:
    case = over_two_days(date(2022, 12, 29))
    case = replace(
        case, trader=replace(case.trader, shadows=(shadow("haiku", model_of("m-2", LAST_DAY)),))
    )
    for number in (0, 1):
        case.beside("haiku", number, said("buy", maker="automated:m-2/abc"))
    known, clean = mind(case.board(ends=at(A_DAY + 3)), "shadow haiku").parts
    assert (known.moments.count, clean.moments.count) == (0, 2)
    assert clean.own_hits is None
    assert clean.followed is not None
    assert clean.followed.own_return is None
    assert bar(0) == clean.followed.begins
