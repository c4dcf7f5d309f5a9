"""From what a person writes to a scoreboard: one way for the command line and for the page."""

from dataclasses import dataclass

from ztrade_core.backtest.ranges import parse_range
from ztrade_core.errors import InputError
from ztrade_core.studies.scoreboard import (
    DEFAULT_DAYS,
    DEFAULT_HORIZON_BARS,
    ScoreboardRequest,
    scoreboard,
)
from ztrade_core.studies.scoreboard_figures import Scoreboard
from ztrade_pipelines.resources import PAPER, REHEARSAL, Ztrade

MOST_DAYS = 36_500
LONG_AGO, FAR_OFF = "1900-01-01", "9000-01-01"  # whoever leaves an end out cannot cross it


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a person wrote; None: the default. `start` and `end` are New York days or instants."""

    account: str = PAPER
    start: str | None = None
    end: str | None = None
    days: int | None = None
    horizon_bars: int | None = None


def request_for(ztrade: Ztrade, agent_id: str, written: Written) -> ScoreboardRequest:
    """Return what is asked for; the paper account's window ends now where no end is written.

    Raises InputError for an unknown account, a bad range, and days beside a start.
    """
    account, start, end, days = written.account, written.start, written.end, written.days
    if account not in (PAPER, REHEARSAL):
        raise InputError(f"no account {account!r}; there are: {PAPER}, {REHEARSAL}")
    if start is not None and days is not None:
        raise InputError("days and a start say the same: leave one of them out")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InputError(f"days {days}: write a number from 1 to {MOST_DAYS}")
    begins, ends = parse_range(start or LONG_AGO, end or FAR_OFF)
    last = ztrade.now() if account == PAPER else None
    horizon = DEFAULT_HORIZON_BARS if written.horizon_bars is None else written.horizon_bars
    return ScoreboardRequest(
        agent_id=agent_id,
        account=account,
        begins=None if start is None else begins,
        ends=last if end is None else ends,
        days=DEFAULT_DAYS if days is None else days,
        horizon_bars=horizon,
    )


def scoreboard_of(ztrade: Ztrade, asked: ScoreboardRequest) -> Scoreboard:
    """Return an agent's scoreboard from this process's workshop."""
    return scoreboard(ztrade.bench(), ztrade.workshop().store, asked)
