"""The scoreboard: an agent's deciding mind beside its ensemble's members and its shadows.

Hit rate, return if followed, cost, agreement and repeatability of each, over the decisions of a window. What
each figure is stands where it is counted: `scoreboard_hits`, `scoreboard_following`, `scoreboard_figures`,
`scoreboard_agreement`. A mind's figures are of the moments it answered, and of its first sample where it
answers more than once (cost and repeatability: of all); agreement and the agent's own figures beside it are
of the same moments, or bars. No bar that is complete only after the window's end is looked at. It is a
record, not a proof.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.time import MICROSECOND, iso_z
from ztrade_core.errors import InputError
from ztrade_core.ports.store import Store
from ztrade_core.studies.scoreboard_answers import Told, Window
from ztrade_core.studies.scoreboard_figures import Scoreboard
from ztrade_core.studies.scoreboard_hits import cost_fraction
from ztrade_core.studies.scoreboard_notes import nothing_within
from ztrade_core.studies.scoreboard_reading import answers_within, newest_decision
from ztrade_core.studies.scoreboard_scoring import Scoring
from ztrade_core.studies.sweep import agent_of

DEFAULT_DAYS = 30
DEFAULT_HORIZON_BARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreboardRequest:
    """Whose minds are compared, over which moments.

    `begins` None: `days` before the end. `ends` None: the agent's newest decision on the account. Of an
    answer the price `horizon_bars` later is looked at.
    """

    agent_id: str
    account: str
    begins: datetime | None = None
    ends: datetime | None = None
    days: int = DEFAULT_DAYS
    horizon_bars: int = DEFAULT_HORIZON_BARS


def scoreboard(bench: Bench, store: Store, asked: ScoreboardRequest) -> Scoreboard:
    """Compare an agent's minds; nothing is asked, traded or saved.

    Raises InputError for an unknown agent, a horizon below 1 and an empty window.
    """
    agent = agent_of(bench, asked.agent_id)
    if asked.horizon_bars < 1:
        raise InputError(f"horizon {asked.horizon_bars}: write at least 1 bar")
    newest = newest_decision(store, asked.account, asked.agent_id)
    last = bench.clock.now() if newest is None else newest.as_of + MICROSECOND
    window = _window(agent, asked, min(asked.ends or last, bench.clock.now()))
    if newest is None:
        return _empty(bench, window, asked, nothing_within(window, None))
    told = answers_within(store, window, newest.key.account_epoch)
    if not any(any(mind.samples.values()) for mind in told.minds):
        return _empty(bench, window, asked, nothing_within(window, newest), told)
    return Scoring(bench, window, told, asked.horizon_bars).board()


def _window(agent: AgentConfig, asked: ScoreboardRequest, ends: datetime) -> Window:
    begins = asked.begins or ends - timedelta(days=asked.days)
    if begins >= ends:
        raise InputError(
            f"nothing lies between {iso_z(begins)} and {iso_z(ends)}: correct the ends"
        )
    return Window(agent=agent, account=asked.account, begins=begins, ends=ends)


def _empty(
    bench: Bench, window: Window, asked: ScoreboardRequest, note: str, told: Told | None = None
) -> Scoreboard:
    """Return a board without minds, which says why."""
    agent, costs = window.agent, bench.company.broker.costs
    return Scoreboard(
        agent_id=agent.agent_id,
        symbol=agent.symbol,
        timeframe=agent.timeframe.value,
        account=window.account,
        account_epoch=None if told is None else told.account_epoch,
        begins=window.begins,
        ends=window.ends,
        horizon_bars=asked.horizon_bars,
        bars=0,
        missing_bars=0,
        cost_fraction=cost_fraction(costs, agent.instrument.asset_class),
        common=0,
        minds=(),
        pairs=(),
        notes=(note,),
    )
