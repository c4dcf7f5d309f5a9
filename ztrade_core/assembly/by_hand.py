"""What a person's answers are read with: the prompt, the frozen moments, the world's clock."""

from ztrade_core.assembly.workshop import Workshop
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS
from ztrade_core.decision_makers.by_hand import Desktop, HandWriter, Written
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.snapshots import MarketSnapshot


def desktop_of(workshop: Workshop) -> Desktop:
    """Return what a person sees and is read with: no fewer bars than a model or the agent's strategy."""

    def stored(snapshot_hash: str) -> MarketSnapshot | None:
        with workshop.store.reading() as uow:
            return uow.ledger.snapshot(snapshot_hash)

    def lookback_bars(agent: AgentConfig) -> int:
        return max(LOOKBACK_BARS, workshop.makers[Mode.STRATEGY].lookback_bars(agent))

    return Desktop(
        render=workshop.minds.rendering(),
        stored=stored,
        clock=workshop.clock,
        lookback_bars=lookback_bars,
    )


def hand_writer(workshop: Workshop, written: Written | None = None) -> HandWriter:
    """Return who answers for a person; None written: they are to be shown the moment first."""
    return HandWriter(written, desktop_of(workshop))
