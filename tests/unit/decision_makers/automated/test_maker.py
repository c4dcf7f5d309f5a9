"""The automated maker as others see it: a model with a price, a budget's bound and a memory."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes.claude import CANARY, HOLD, PROMPTS, Bench, ClaudeServer, deciding
from tests.fakes.moments import tsla_agent, tsla_bars, tsla_moment
from tests.unit.risk.builders import RISK
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.automated.client import ClaudeClient
from ztrade_core.decision_makers.automated.maker import AutomatedMaker
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.decision_makers.automated.told_stories import RecentDecision
from ztrade_core.decision_makers.budgeted import BudgetedMaker
from ztrade_core.domain.answers import AnswerOutcome
from ztrade_core.domain.model_config import PUBLISHED_PRICES, ModelConfig
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.errors import ConfigError
from ztrade_core.ports.mind import ModelMaker

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ADDRESS = "https://api.anthropic.com"


def maker_with(
    config: ModelConfig,
    prompts: Path = PROMPTS,
    recent: Callable[[MarketSnapshot], tuple[RecentDecision, ...]] | None = None,
) -> AutomatedMaker:
    clock = SimulatedClock(NOW)
    client = ClaudeClient(config, SecretStr(CANARY), clock=clock, wait=print)
    told = {} if recent is None else {"recent": recent}
    files = load_prompts(prompts)
    return AutomatedMaker(client, files, prices=PUBLISHED_PRICES, risk=RISK, clock=clock, **told)


def test_it_says_what_it_is() -> None:
    maker = maker_with(ModelConfig(training_cutoff=date(2026, 6, 30)))
    assert isinstance(maker, ModelMaker)
    assert maker.name == "automated:claude-sonnet-5-5/1"
    assert maker.model == "claude-sonnet-5-5"
    assert maker.training_cutoff == date(2026, 6, 30)
    assert maker.lookback_bars(tsla_agent()) == 201
    assert 0.0 < maker.most_usd(tsla_agent()) < ModelConfig().max_usd_per_decision


def test_a_model_without_a_price_is_refused_before_it_is_asked() -> None:
    with pytest.raises(ConfigError, match="has no price"):
        maker_with(ModelConfig(model="claude-unheard-of"))


def test_prompts_that_do_not_fit_are_refused_before_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "system.md").write_text("${agent_id}")
    (tmp_path / "moment.md").write_text("${symbol}")
    with pytest.raises(ConfigError, match="is not used"):
        maker_with(ModelConfig(), tmp_path)


def test_a_moment_that_takes_too_long_to_tell_is_not_asked(tmp_path: Path) -> None:
    for name in ("system.md", "moment.md"):
        (tmp_path / name).write_bytes((PROMPTS / name).read_bytes())
    with (tmp_path / "moment.md").open("a") as file:
        file.write("x" * 30_000)
    paid = maker_with(ModelConfig(address="http://127.0.0.1:9"), tmp_path).ask(
        tsla_moment(), tsla_agent()
    )
    assert paid.record is not None
    assert paid.record.outcome is AnswerOutcome.UNASKED
    assert "above 24576" in paid.record.problem


def test_bars_that_cannot_be_computed_with_are_a_hold_that_was_not_asked() -> None:
    bars = tsla_bars(30)
    absurd = replace(bars, closes=bars.closes * 1e9, highs=bars.highs * 1e9)
    maker = maker_with(ModelConfig(address="http://127.0.0.1:9"))
    paid = maker.ask(tsla_moment(bars=absurd), tsla_agent())
    assert paid.record is not None
    assert (paid.record.outcome, paid.cost_usd) == (AnswerOutcome.UNASKED, 0.0)
    assert "a price is not within" in paid.record.problem
    assert (paid.proposal.is_invalid, paid.proposal.is_unasked) == (False, True)


def test_what_was_decided_before_is_told() -> None:
    earlier = RecentDecision(
        decided_at=NOW, action="hold", confidence=0.5, outcome="held", rationale="waited for volume"
    )
    with ClaudeServer(deciding(HOLD)) as server:
        maker = maker_with(ModelConfig(address=server.url), recent=lambda _: (earlier,))
        assert not maker.propose(tsla_moment(), tsla_agent()).is_invalid
    assert '"reason": "waited for volume"' in server.seen[0].body["messages"][0]["content"]


def test_a_budget_is_never_exceeded() -> None:
    """0.00804 USD an answer, and the most it can cost must fit into what is left."""
    with ClaudeServer(deciding(HOLD)) as server:
        bench = Bench(server.url)
        most = bench.maker.most_usd(tsla_agent())
        budgeted = BudgetedMaker(bench.maker, most + 0.02)
        for _ in range(6):
            budgeted.propose(tsla_moment(), tsla_agent())
    assert (budgeted.calls, budgeted.unasked) == (3, 3)
    assert budgeted.spent_usd == pytest.approx(3 * 0.00804)


def test_the_same_moment_asks_the_same_question() -> None:
    with ClaudeServer(deciding(HOLD)) as server:
        for _ in range(2):
            paid = Bench(server.url).maker.ask(tsla_moment(), tsla_agent())
            assert paid.record is not None
        later = tsla_moment(as_of=tsla_moment().as_of + timedelta(seconds=1))
        Bench(server.url).maker.ask(later, tsla_agent())
    first, second, third = server.seen
    assert first.text == second.text
    assert first.body["system"] == third.body["system"], "so that the vendor can cache it"
    assert first.text != third.text
    assert json.loads(paid.record.settings)["thinking"] == "between_tools"
