"""What questions to a model may cost, and that a bar it sleeps over costs nothing: real SDK, real databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from tests.fakes.claude import HOLD, ClaudeServer, deciding
from tests.fakes.claude_asking import TOLD_USD
from tests.fakes.claude_desk import ClaudeKit, automated_company, claude_kit, kept
from tests.fakes.desk import at
from ztrade_core.domain.configuration import Company
from ztrade_core.domain.waking import ASLEEP_MAKER, WakeConditions

BUY = {**HOLD, "action": "buy", "confidence": 0.9, "rationale": "it rises"}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[ClaudeServer]:
    """A fake of the vendor that always holds."""
    with ClaudeServer(deciding(HOLD)) as made:
        yield made


def spent(kit: ClaudeKit) -> float:
    with kit.store.reading() as uow:
        return uow.answers.spent_usd(LONG_AGO)


def sleeping(budget: float | None = 5.0) -> Company:
    house = automated_company(budget)
    wake = WakeConditions(every_bars=3)
    return replace(house, agents=tuple(replace(each, wake=wake) for each in house.agents))


def test_a_bar_that_is_slept_over_asks_nobody_and_costs_nothing(
    engine: Engine, server: ClaudeServer
) -> None:
    kit = claude_kit(engine, server, of=sleeping())
    results = [kit.cycle(at(number)) for number in range(5, 12)]
    slept = [each.tape.proposal.maker == ASLEEP_MAKER for each in results]
    assert slept == [False, True, True, False, True, True, False]
    assert len(server.seen) == 3
    assert spent(kit) == pytest.approx(3 * TOLD_USD)
    assert kept(kit, results[1].tape.key) == []
    assert results[1].validated.reason == "asleep: wakes every 3 bars"
    assert "asleep" not in server.seen[-1].text, "what it slept over is no decision of its own"


def test_a_mind_that_was_due_when_the_budget_was_spent_is_asked_as_soon_as_there_is_one(
    engine: Engine, server: ClaudeServer
) -> None:
    kit = claude_kit(engine, server, of=sleeping())
    poor = replace(kit, company=sleeping(1e-9))
    kit.cycle(at(5))
    unasked = [poor.cycle(at(number)).tape.proposal.is_unasked for number in (8, 9)]
    assert unasked == [True, True]
    assert not kit.cycle(at(10)).tape.proposal.is_unasked
    assert kit.cycle(at(11)).tape.proposal.maker == ASLEEP_MAKER
    assert len(server.seen) == 2


@pytest.mark.parametrize("dry_run", [False, True], ids=["live", "dry"])
def test_with_the_daily_budget_off_each_question_keeps_to_its_own_limit(
    engine: Engine, *, dry_run: bool
) -> None:
    with ClaudeServer(deciding(BUY)) as server:
        house = automated_company(None, max_usd_per_decision=0.001)
        held = claude_kit(engine, server, of=house).cycle(at(5), dry_run=dry_run)
        assert server.seen == []
        assert "max_usd_per_decision" in held.validated.reason
        kit = claude_kit(engine, server, of=automated_company(None))
        for number in (6, 7, 8):
            assert not kit.cycle(at(number), dry_run=dry_run).tape.proposal.is_unasked
    assert len(server.seen) == 3
    assert spent(kit) == pytest.approx(3 * TOLD_USD), "it is counted all the same"
