"""Minds with a model: every figure is split at the training cutoff, and what answers took is counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

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
from ztrade_core.domain.answers import AnswerOutcome, KeptAnswer
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import EnsembleConfig, MindChoice, Mode, Vote
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import iso_z, to_micros
from ztrade_core.studies.scoreboard_figures import Part

OWN = "agent_tsla"
A_DAY = 288  # so many bars later is the same time of the next day
HAIKU = "shadow haiku"
MAKER = "automated:m-1/abc"
LAST_DAY = date(2022, 12, 27)  # of which a model may know; the session is of the 28th
SAME_DAY = date(2022, 12, 28)
BUY, SELL, HOLD = said("buy"), said("sell"), said("hold")


def asked(cutoff: date | None, *, maker: str = MAKER, samples: int = 1) -> Case:
    """The agent's strategy holds; the model buys on bar 0, sells on bar 2, and holds after."""
    case = Case(trader=trader(shadow("haiku", model_of(cutoff=cutoff), samples)))
    for number, action in enumerate(("buy", "hold", "sell", "hold")):
        case.decide(number, HOLD)
        case.beside("haiku", number, said(action, maker=maker), usd=0.01)
    return case


def counts(case: Case, label: str = HAIKU) -> list[tuple[str, int]]:
    return [(part.part.value, part.moments.count) for part in mind(case.board(), label).parts]


@pytest.mark.parametrize(
    ("cutoff", "known", "clean"), [(LAST_DAY, 0, 4), (SAME_DAY, 4, 0), (None, 4, 0)]
)
def test_moments_are_clean_after_the_cutoffs_day_in_new_york(
    cutoff: date | None, known: int, clean: int
) -> None:
    assert counts(asked(cutoff)) == [("may have known", known), ("clean", clean)]


def test_an_unknown_cutoff_is_said() -> None:
    board = asked(None).board()
    text = f"{HAIKU}: m-1, trained on data up to an unknown day: nothing is clean"
    assert text in board.notes
    assert mind(board, HAIKU).clean_from is None
    assert [part.part for part in mind(board, OWN).parts] == [Part.ALL]


def on_bars(numbers: Sequence[int], closes: Sequence[float]) -> BarSeries:
    """Bars that open at those numbers; each opens where the one before closed."""
    opened = [to_micros(bar(number)) for number in numbers]
    return replace(bars_from(closes), timestamps=np.array(opened, dtype=np.int64))


def two_days(cutoff: date) -> Case:
    """Two moments on the first day, two on the next: the model buys 10, sells; buys 10, holds."""
    numbers = (0, 1, 2, *(A_DAY + number for number in range(4)))
    series = on_bars(numbers, (100.0, 104.0, 110.0, 110.0, 110.0, 99.0, 99.0))
    case = Case(trader=trader(shadow("haiku", model_of(cutoff=cutoff))), series=series)
    script = {0: "buy", 1: "sell", A_DAY: "buy", A_DAY + 1: "hold"}
    for number, action in script.items():
        case.decide(number, HOLD)
        case.beside("haiku", number, said(action, maker=MAKER, quantity=10.0))
    return case


def test_every_figure_is_split_at_the_cutoff() -> None:
    """Known: 10 from 100 to 104; clean: 10 from 110, which the stop sells at 106.70."""
    case = two_days(SAME_DAY)
    board = case.board(ends=at(A_DAY + 3), horizon_bars=1)
    known, clean = mind(board, HAIKU).parts
    assert (known.moments.count, clean.moments.count) == (2, 2)
    # buy on bar 0: 100 to 104; sell on bar 1: 104 to 110. Clean: buy 110 to 110.
    assert (known.hits.judged, known.hits.right) == (2, 1)
    assert (clean.hits.judged, clean.hits.right) == (1, 0)
    assert known.followed is not None
    assert clean.followed is not None
    assert known.followed.ends == datetime(2022, 12, 29, 5, tzinfo=UTC)
    assert known.followed.total_return == pytest.approx(10 * 4.0 / 10_000.0)
    assert (clean.followed.begins, clean.followed.trades) == (bar(A_DAY), 1)
    assert clean.followed.total_return == pytest.approx(-10 * 3.3 / 10_000.0)
    assert known.agreement is not None
    assert clean.agreement is not None
    assert (known.agreement.share, clean.agreement.share) == (0.0, 0.5)
    assert board.pairs[0].parts == {"may have known": known.agreement, "clean": clean.agreement}


def test_another_models_answers_are_never_clean_and_it_is_said() -> None:
    case = asked(LAST_DAY, maker="automated:m-0/abc")
    assert counts(case) == [("may have known", 4), ("clean", 0)]
    text = f"{HAIKU}: answers of m-0 count as may have known: it is another model now"
    assert text in case.board().notes


def test_a_model_that_the_file_names_no_more_is_of_an_unknown_cutoff() -> None:
    case = asked(LAST_DAY)
    case.trader = trader()
    assert counts(case) == [("may have known", 4), ("clean", 0)]
    assert mind(case.board(), HAIKU).models == ("m-1",)


def test_an_ensemble_knows_what_the_latest_of_its_models_may_know_and_takes_what_they_take() -> (
    None
):
    members = (
        MindChoice(name="old", mode=Mode.AUTOMATED, model=model_of("m-1", LAST_DAY)),
        MindChoice(name="new", mode=Mode.AUTOMATED, model=model_of("m-2", SAME_DAY)),
        MindChoice(name="plain", mode=Mode.STRATEGY),
    )
    ensemble = EnsembleConfig(vote=Vote.MAJORITY, members=members)
    case = Case(trader=trader(mode=Mode.ENSEMBLE, ensemble=ensemble))
    case.decide(0, said("buy", maker="ensemble:majority"))
    for name, maker, usd in (("old", MAKER, 0.01), ("new", "automated:m-2/x", 0.02)):
        case.beside(name, 0, said("buy", maker=maker), sample=MEMBER_SAMPLE, usd=usd)
    case.beside("plain", 0, HOLD, sample=MEMBER_SAMPLE)
    board = case.board()
    own = mind(board, OWN)
    assert (own.models, own.training_cutoff) == (("m-1", "m-2"), SAME_DAY)
    assert counts(case, OWN) == [("may have known", 1), ("clean", 0)]
    assert counts(case, "member old") == [("may have known", 0), ("clean", 1)]
    assert whole(board, "member plain").cost is None
    cost = own.parts[0].cost
    assert cost is not None
    assert (cost.asked, cost.came, cost.usd) == (2, 2, 0.03)


def test_what_answers_took_is_of_all_that_were_asked_over_those_that_came() -> None:
    case = asked(LAST_DAY)
    case.decide(4, HOLD)
    case.beside("haiku", 4, said("hold", maker=MAKER), usd=0.02, outcome=AnswerOutcome.TIMED_OUT)
    case.decide(5, HOLD)
    case.beside("haiku", 5, said("hold", maker=MAKER), usd=0.0, outcome=AnswerOutcome.UNASKED)
    cost = mind(case.board(), HAIKU).parts[1].cost
    assert cost is not None
    assert (cost.asked, cost.came, cost.came_share) == (5, 4, 0.8)
    assert cost.usd == pytest.approx(0.06)
    assert cost.usd_each == pytest.approx(0.015)
    assert (cost.tokens, cost.tokens_each) == (6 * 120, 180)
    assert (cost.seconds, cost.seconds_each) == (9.0, 2.25)
    known = mind(case.board(), HAIKU).parts[0].cost
    assert known is not None
    assert (known.asked, known.came_share, known.usd_each) == (0, None, None)


def test_every_attempt_and_every_sample_is_paid() -> None:
    case = asked(LAST_DAY, samples=2)
    case.beside("haiku", 0, said("sell", maker=MAKER), sample=2, usd=0.04)
    with case.store.locked() as unit:
        [first] = unit.answers.of_slot(case.key(f"shadow:haiku:1:{iso_z(bar(0))}"))
        again = KeptAnswer(key=first.key, attempt=2, run_id="run", record=first.record)
        unit.answers.put(again)
    [_, clean] = mind(case.board(), HAIKU).parts
    assert clean.cost is not None
    assert (clean.cost.asked, clean.moments.count) == (6, 4)
    assert clean.cost.usd == pytest.approx(0.09)
    assert (clean.repeatability.moments, clean.repeatability.share) == (1, 0.0)


def test_prices_that_were_named_before_a_split_mean_the_same_after_it() -> None:
    """A stop of 95 and 10 shares are one of 47.5 and 20 once two shares stand for one."""

    def board_of(prices: tuple[float, ...], *, was_split: bool, wish: dict[str, float]) -> float:
        series = on_bars((0, 1, A_DAY, A_DAY + 1, A_DAY + 2), prices)
        opens = series.opens.copy()
        opens[2], opens[3] = 50.0, 50.0
        lows = np.minimum(opens, series.closes)
        series = replace(series, opens=opens, lows=lows, highs=np.maximum(opens, series.closes))
        ratio = Split(symbol="TSLA", ex_date=date(2022, 12, 29), ratio=2.0, source="by hand")
        case = Case(series=series, source="stub:raw", splits=(ratio,) if was_split else ())
        case.decide(0, said("buy", **wish))
        found = whole(case.board(ends=at(A_DAY + 2)), OWN).followed
        assert found is not None
        assert found.total_return is not None
        assert found.trades == 1
        return found.total_return

    rises = {"stop_price": 95.0, "quantity": 10.0}
    apart = board_of((100.0, 100.0, 50.0, 47.0, 47.0), was_split=True, wish=rises)
    whole_units = {"stop_price": 47.5, "quantity": 20.0}
    same = board_of((50.0, 50.0, 50.0, 47.0, 47.0), was_split=False, wish=whole_units)
    assert apart == pytest.approx(same)
    assert apart == pytest.approx(-20 * 2.5 / 10_000.0)
