"""A ledger and tapes of a test's own over hand-made bars, for scoreboards.

`Case.decide` writes the agent's own answer to a bar, `beside` a shadow's or a member's; trading costs nothing
unless a test says so. Bars open where the one before closed; bar 0 opens at $100.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from tests.fakes.bar_store import MemoryBarStore
from tests.fakes.desk import at, bar, calendar
from tests.fakes.kernels import kernel_folder
from tests.fakes.series import series_of_closes
from tests.fakes.split_store import MemorySplitStore
from tests.fakes.store_rows import decision
from tests.unit.backtest.builders import OPEN_LIMITS, OPEN_RULES
from tests.unit.risk.builders import COSTS, agent, company
from ztrade_core.backtest.runs import Bench
from ztrade_core.clocks.simulated import SimulatedClock
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.accounts import Tape
from ztrade_core.domain.answers import AnswerCost, AnswerOutcome, AnswerRecord, KeptAnswer
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Costs, MindChoice, Mode
from ztrade_core.domain.decisions import Action, Proposal, SlotKey
from ztrade_core.domain.model_config import ModelConfig
from ztrade_core.domain.side_slots import member_slot, shadow_slot
from ztrade_core.domain.splits import Split
from ztrade_core.domain.time import Timeframe, iso_z
from ztrade_core.ports.backtests import BacktestStore
from ztrade_core.store.memory import MemoryStore
from ztrade_core.studies.scoreboard import ScoreboardRequest, scoreboard
from ztrade_core.studies.scoreboard_figures import MindScore, PartScore, Scoreboard

ACCOUNT = "rehearsal"
NOW = datetime(2023, 1, 5, 12, 0, tzinfo=UTC)
FREE = replace(COSTS, slippage_bps=0.0, collar_bps=None)
CLOSES = (100.0, 101.0, 102.0, 101.0, 100.0, 99.0, 98.0, 99.0)
HORIZON = 2
MEMBER_SAMPLE = 0


def model_of(name: str = "m-1", cutoff: date | None = None) -> ModelConfig:
    return ModelConfig(model=name, training_cutoff=cutoff)


def shadow(name: str, model: ModelConfig | None = None, samples: int = 1) -> MindChoice:
    """A shadow: a strategy, or a model where one is given."""
    mode = Mode.STRATEGY if model is None else Mode.AUTOMATED
    return MindChoice(name=name, mode=mode, model=model, samples=samples)


def trader(*shadows: MindChoice, **changes: Any) -> AgentConfig:
    return replace(agent(**OPEN_LIMITS), shadows=shadows, **changes)


def bars_from(closes: Sequence[float] = CLOSES, **more: Any) -> BarSeries:
    opened = [bar(number) for number in range(len(closes))]
    return series_of_closes("TSLA", Timeframe.M5, opened, closes, **more)


def said(action: str, maker: str = "sma/1", confidence: float = 0.9, **wishes: Any) -> Proposal:
    return Proposal(
        action=Action(action), confidence=confidence, rationale="so", maker=maker, **wishes
    )


class NoRuns(BacktestStore):
    """A store of runs that none may be saved to: a scoreboard saves nothing."""


@dataclass
class Case:
    """One agent's store, bars and bench."""

    trader: AgentConfig = field(default_factory=trader)
    series: BarSeries = field(default_factory=bars_from)
    costs: Costs = FREE
    source: str = "test"
    splits: tuple[Split, ...] = ()
    compiled: bool = False
    store: MemoryStore = field(default_factory=MemoryStore)

    @property
    def bench(self) -> Bench:
        bars = MemoryBarStore()
        bars.upsert([self.series], source=self.source, ingested_at=NOW)
        return Bench(
            company=company(self.trader, costs=self.costs, **OPEN_RULES),
            bars=bars,
            backtests=NoRuns(),
            calendar=calendar(),
            clock=SimulatedClock(NOW),
            maker_of=lambda _: StrategyMaker(),
            kernel_folder=kernel_folder() if self.compiled else None,
            splits=MemorySplitStore(self.splits),
        )

    def key(self, slot: str, epoch: int = 1) -> SlotKey:
        return SlotKey(
            account=ACCOUNT, account_epoch=epoch, agent_id=self.trader.agent_id, slot=slot
        )

    def decide(
        self,
        number: int,
        answer: Proposal,
        *,
        epoch: int = 1,
        slot: str | None = None,
        as_of: datetime | None = None,
    ) -> None:
        """Write the agent's decision on a bar, or on news at a moment."""
        key = self.key(iso_z(bar(number)) if slot is None else slot, epoch)
        with self.store.locked() as unit:
            there = unit.ledger.head().sequence + 1
            row = decision(there, key=key, proposal=answer, as_of=as_of or at(number))
            unit.ledger.append(row, (), "")

    def beside(
        self,
        name: str,
        number: int,
        answer: Proposal,
        *,
        sample: int = 1,
        usd: float | None = None,
        outcome: AnswerOutcome = AnswerOutcome.ANSWERED,
    ) -> None:
        """Tape a shadow's answer to a bar, a member's as MEMBER_SAMPLE; `usd` keeps what it took too."""
        slot = iso_z(bar(number))
        beside = (
            member_slot(name, slot) if sample == MEMBER_SAMPLE else shadow_slot(name, sample, slot)
        )
        key = self.key(beside)
        tape = Tape(
            key=key,
            snapshot_hash="0" * 64,
            proposal=answer,
            mode="strategy",
            run_id="run",
            taped_at=at(number),
        )
        with self.store.locked() as unit:
            unit.tapes.put_first(tape)
            if usd is not None:
                record = record_of(answer.maker, outcome, usd)
                unit.answers.put(KeptAnswer(key=key, attempt=1, run_id="run", record=record))

    def board(self, **asked: Any) -> Scoreboard:
        """The scoreboard; to the end of the bars where a test does not say."""
        given: dict[str, Any] = {"ends": at(len(self.series) - 1), "horizon_bars": HORIZON}
        request = ScoreboardRequest(
            agent_id=self.trader.agent_id, account=ACCOUNT, **{**given, **asked}
        )
        return scoreboard(self.bench, self.store, request)


def record_of(maker: str, outcome: AnswerOutcome, usd: float) -> AnswerRecord:
    return AnswerRecord(
        maker=maker,
        model="m-1",
        prompt_digest="",
        settings="",
        question="",
        raw="",
        outcome=outcome,
        problem="",
        cost=AnswerCost(input_tokens=100, output_tokens=20, usd=usd, seconds=1.5),
        asked_at=NOW,
    )


def mind(board: Scoreboard, label: str) -> MindScore:
    [found] = [each for each in board.minds if each.label == label]
    return found


def whole(board: Scoreboard, label: str) -> PartScore:
    """The only part of a mind without a model."""
    [part] = mind(board, label).parts
    return part
