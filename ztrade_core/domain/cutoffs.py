"""The training cutoff of the models that decide for an agent: up to it they may know what came.

A mind that is no strategy of ours is treated as a model: what answers by file may be one, and what it was
trained on is not known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ztrade_core.domain.configuration import AgentConfig, MindChoice, Mode
from ztrade_core.domain.time import new_york_midnight

BY_FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """The models that decide, by name, and the last day any of them may know; None: not known."""

    models: tuple[str, ...]
    day: date | None

    @property
    def clean_from(self) -> datetime | None:
        """The moment from which no model can know what happens; None: there is none."""
        return clean_after(self.day)

    @property
    def text(self) -> str:
        """The models and their day, for a person."""
        until = "an unknown day" if self.day is None else str(self.day)
        return f"{' and '.join(self.models)}, trained on data up to {until}"


def clean_after(day: date | None) -> datetime | None:
    """Return the first moment after a cutoff's day in New York; None for an unknown day."""
    return None if day is None else new_york_midnight(day + timedelta(days=1)).astimezone(UTC)


def cutoff_of(agent: AgentConfig) -> Cutoff | None:
    """Return the cutoff of an agent's mind; None for one that is no model."""
    if agent.ensemble is not None:
        return together(cutoff_of_mind(agent, member) for member in agent.ensemble.members)
    if agent.mode is Mode.AUTOMATED:
        if agent.model is None:
            return Cutoff(models=("the default model",), day=None)
        return Cutoff(models=(agent.model.model,), day=agent.model.training_cutoff)
    return Cutoff(models=(BY_FILE,), day=None) if agent.mode is Mode.SUBAGENT else None


def cutoff_of_mind(agent: AgentConfig, mind: MindChoice) -> Cutoff | None:
    """Return the cutoff of a mind beside an agent's own; None for one that is no model."""
    return cutoff_of(agent.with_mind(mind))


def together(cutoffs: Iterable[Cutoff | None]) -> Cutoff | None:
    """Return the cutoff of several minds that count as one: the latest, unknown if any is."""
    found = [each for each in cutoffs if each is not None]
    if not found:
        return None
    models = tuple(dict.fromkeys(name for each in found for name in each.models))
    days = [each.day for each in found if each.day is not None]
    return Cutoff(models=models, day=max(days) if len(days) == len(found) else None)
