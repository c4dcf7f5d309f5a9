"""What must be true of a replayed day: every row came out equal to the byte."""

from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.domain.words import counted
from ztrade_pipelines import keys

if TYPE_CHECKING:
    from ztrade_core.trading.replay import RangeReplay

NAME = "replays_byte_equal"
BYTE_EQUAL = dg.AssetCheckSpec(
    name=NAME,
    asset=keys.REPLAY,
    description="Every decision, decided and validated again, is the stored row to the byte.",
)


def replay_check(done: "RangeReplay") -> dg.AssetCheckResult:
    """Return the evaluation: WARN where all that is unproven was decided under another configuration."""
    from ztrade_core.trading.replay import Replayed  # noqa: PLC0415

    counts = {outcome: done.counts.get(outcome, 0) for outcome in Replayed}
    grave = counts[Replayed.DIFFERENT] + counts[Replayed.IMPOSSIBLE]
    text = f"{counts[Replayed.EQUAL]} of {counted(done.decisions, 'decision')} are byte-equal"
    if grave:
        text += f"; {counts[Replayed.DIFFERENT]} differ, {counts[Replayed.IMPOSSIBLE]} cannot be replayed"
    if counts[Replayed.OTHER_CONFIGURATION]:
        text += f"; {counts[Replayed.OTHER_CONFIGURATION]} were decided under another configuration"
    return dg.AssetCheckResult(
        asset_key=keys.REPLAY,
        check_name=NAME,
        passed=done.all_equal,
        severity=dg.AssetCheckSeverity.ERROR if grave else dg.AssetCheckSeverity.WARN,
        description=text,
    )
