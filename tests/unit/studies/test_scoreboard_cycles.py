"""The scoreboard of what whole cycles leave: an ensemble's votes, shadows that look on, several deciders."""

from dataclasses import replace

import pytest

from tests.fakes.desk import DeskKit, at, calm, kit_in_memory
from tests.fakes.desk_makers import proposal
from tests.fakes.ensembles import CROSSING, model_saying, voting_kit
from tests.fakes.shadow_desk import COST_USD, always, shadow, shadow_kit
from tests.unit.studies.scoreboard_cases import ACCOUNT, Case, mind, said, whole
from tests.unit.trading.builders import at_bar
from ztrade_core.domain.time import Timeframe
from ztrade_core.store.memory import MemoryStore
from ztrade_core.studies.scoreboard import ScoreboardRequest, scoreboard
from ztrade_core.studies.scoreboard_figures import Scoreboard

OWN = "agent_tsla"
BARS = range(5, 9)


def board_of(kit: DeskKit) -> Scoreboard:
    """Run the cycles of four bars, then look."""
    for number in BARS:
        kit.cycle(at(number))
    assert isinstance(kit.store, MemoryStore)
    [trader] = kit.company.agents
    series = kit.bars.read("TSLA", Timeframe.M5)
    bench = replace(Case(trader=trader, series=series).bench, company=kit.company)
    asked = ScoreboardRequest(agent_id=OWN, account=ACCOUNT, ends=at(12), horizon_bars=2)
    return scoreboard(bench, kit.store, asked)


def test_shadows_of_real_cycles_are_scored() -> None:
    """The agent buys once; its shadow says buy to every moment, twice, and is paid twice."""
    kit = shadow_kit(
        shadow("bull", samples=2),
        said=always(proposal("buy")),
        script={at_bar(6): proposal("buy")},
    )
    board = board_of(kit)
    known, clean = mind(board, "shadow bull").parts
    assert (known.moments.count, clean.moments.count) == (4, 0)
    assert known.cost is not None
    assert (known.cost.asked, known.cost.came) == (8, 8)
    assert known.cost.usd == pytest.approx(8 * COST_USD)
    assert known.agreement is not None
    assert (known.agreement.moments, known.agreement.share) == (4, 0.25)
    assert (known.repeatability.moments, known.repeatability.share) == (4, 1.0)
    assert known.followed is not None
    assert known.followed.low == known.followed.high == known.followed.total_return
    assert whole(board, OWN).moments.held == 3


def test_an_ensemble_of_real_cycles_stands_beside_its_members() -> None:
    """Ada and bob buy on bar 6, ada alone on bar 7; the strategy never joins on a calm market."""
    makers = {
        "ada": model_saying(b6="buy", b7="buy"),
        "bob": model_saying(b6="buy"),
        "cross": CROSSING,
    }
    kit = voting_kit(kit_in_memory(), makers)
    kit.put_bars({"TSLA": calm(30)})
    board = board_of(kit)
    assert [each.label for each in board.minds] == [OWN, "member ada", "member bob", "member cross"]
    known, _ = mind(board, OWN).parts
    ada, bob = (mind(board, f"member {name}").parts[0] for name in ("ada", "bob"))
    assert known.cost is not None
    assert known.cost.usd == pytest.approx(8 * 0.03)
    assert known.moments.count == ada.moments.count == bob.moments.count == 4
    assert ada.agreement is not None
    assert bob.agreement is not None
    assert (ada.agreement.share, bob.agreement.share) == (0.75, 1.0)
    assert whole(board, "member cross").cost is None
    assert mind(board, OWN).training_cutoff is None


def test_several_that_decided_for_one_mind_are_told() -> None:
    case = Case()
    case.decide(0, said("buy"))
    case.decide(1, said("sell", maker="manual:ada"))
    board = case.board()
    assert mind(board, OWN).makers == {"manual:ada": 1, "sma/1": 1}
    assert f"{OWN}: several gave its answers: manual:ada (1), sma/1 (1)" in board.notes
