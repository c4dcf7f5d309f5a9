"""When a rule trial looks: its period in New York days, and the parts that it is split into.

The fitting part is what a person has looked at before writing other limits, the holdout the days after
it. Whatever models decided is split at their training cutoff too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.cutoffs import Cutoff
from ztrade_core.domain.time import MICROSECOND, new_york_date, new_york_midnight
from ztrade_core.errors import InputError

WHOLE, FITTING, HOLDOUT = "whole period", "fitting part", "holdout"
FROM_FLAT = "holdout, from flat"
KNOWN, CLEAN = "models may have known", "after the cutoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of time: decisions with `start <= as_of < stop`."""

    name: str
    start: datetime
    stop: datetime

    def holds(self, at: datetime) -> bool:
        """Return whether a decision of this moment is in it."""
        return self.start <= at < self.stop

    @property
    def last(self) -> datetime:
        """The last moment of it."""
        return self.stop - MICROSECOND

    @property
    def days(self) -> int:
        """How many New York days it touches."""
        return (new_york_date(self.last) - new_york_date(self.start)).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The period and what it is split into.

    `fitting` and `holdout` None: it is not split. `known` is what is at or before the models' cutoff,
    `clean` what is after it: both None where no model decides.
    """

    whole: Part
    fitting: Part | None = None
    holdout: Part | None = None
    known: Part | None = None
    clean: Part | None = None

    @property
    def all(self) -> tuple[Part, ...]:
        """Every part there is, the whole first."""
        found = (self.whole, self.fitting, self.holdout, self.known, self.clean)
        return tuple(part for part in found if part is not None)


def require_holdout(holdout: float) -> None:
    """Refuse a share that leaves nothing to fit on."""
    if not 0.0 <= holdout < 1.0:
        raise InputError(
            f"holdout {holdout:g}: write the share of the days that is held out, like 0.3; 0: none"
        )


def parts_of(start: datetime, stop: datetime, holdout: float, cutoff: Cutoff | None) -> Parts:
    """Split a period by New York days; one day is not split."""
    whole = Part(name=WHOLE, start=start, stop=stop)
    known, clean = _by_cutoff(whole, cutoff)
    if holdout == 0.0 or whole.days <= 1:
        return Parts(whole=whole, known=known, clean=clean)
    held = min(max(int(whole.days * holdout + 0.5), 1), whole.days - 1)
    first = new_york_date(start) + timedelta(days=whole.days - held)
    border = new_york_midnight(first)
    return Parts(
        whole=whole,
        fitting=Part(name=FITTING, start=start, stop=border),
        holdout=Part(name=HOLDOUT, start=border, stop=stop),
        known=known,
        clean=clean,
    )


def _by_cutoff(whole: Part, cutoff: Cutoff | None) -> tuple[Part | None, Part | None]:
    if cutoff is None:
        return None, None
    border = whole.stop if cutoff.clean_from is None else cutoff.clean_from
    border = min(max(border, whole.start), whole.stop)
    known = Part(name=KNOWN, start=whole.start, stop=border)
    clean = Part(name=CLEAN, start=border, stop=whole.stop)
    return (
        known if known.start < known.stop else None,
        clean if clean.start < clean.stop else None,
    )
