"""Named points between intent and record, where a test may kill the process.

In production nothing happens at a checkpoint. The names are the contract of the fault tests.
"""

from typing import Protocol

from typing_extensions import override

CHECKPOINTS = (
    "observed",
    "taped",
    "admitting",
    "admitted",
    "submitting",
    "submitted",
    "acknowledged",
    "protected",
    "recorded",
)
ASKING_CHECKPOINTS = ("reserved", "answered")
"""Passed only where a model is asked: before its question is sent, and when its answer is there."""
VOTING_CHECKPOINTS = ("voted",)
"""Passed only where several minds decide: each time that a member's answer is taped."""
SHADOW_CHECKPOINTS = ("shadowed",)
"""Passed only where shadows are asked: each time an answer was kept."""
MENDING_CHECKPOINTS = ("rebasing", "freed")
"""Passed only where a stop at an exchange is replaced: before its cancel, and after it."""


class Checkpoints(Protocol):
    """Is told each time a named point is passed."""

    def reach(self, name: str) -> None:
        """Pass the point `name`, one of CHECKPOINTS, ASKING_, VOTING_, SHADOW_ or MENDING_CHECKPOINTS."""
        ...


class NoCheckpoints(Checkpoints):
    """Production: nothing happens."""

    @override
    def reach(self, name: str) -> None:
        """Do nothing."""
