"""Observe: bring everything up to `as_of`, then freeze the moment.

Order: refresh bars and news (live only), play the simulated account past 00:00 New York (storing the day's
base there) and on to `as_of`, reconcile, protect, mark, freeze. A slot that was claimed before is
not frozen again: the stored moment stands.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from ztrade_core.domain.accounts import ReconciliationReport
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, OnHalt
from ztrade_core.domain.decisions import SlotKey, news_slot
from ztrade_core.domain.orders import Role
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import from_micros, iso_z, new_york_date, new_york_midnight
from ztrade_core.errors import BrokerError, DataError, InputError, LeaseLostError
from ztrade_core.logs import get_logger
from ztrade_core.ports.market import MarketView
from ztrade_core.trading.awaiting import awaiting_issues
from ztrade_core.trading.deciding import watching_maker
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.marking import has_day_base, marks_of, store_mark
from ztrade_core.trading.news_slots import bar_in_progress, refuse_unfit_story, slot_of
from ztrade_core.trading.own_book import held, seen, working
from ztrade_core.trading.protection import protect
from ztrade_core.trading.reconciliation import reconcile
from ztrade_core.trading.shadows import bars_for_shadows

MANUAL_KIND = "manual"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What observing left: the slot, and the hash of the moment to decide on.

    `resumed`: the slot was claimed before, its stored moment is continued. `notes` say what was
    refreshed, from where, and what was passed over.
    """

    key: SlotKey
    snapshot: MarketSnapshot
    snapshot_hash: str
    resumed: bool
    notes: tuple[str, ...]


def observe(desk: TradingDesk, request: CycleRequest) -> Observed:
    """Freeze the moment an agent decides on. A dry run moves no account and claims nothing."""
    agent = desk.agent(request.agent_id)
    if request.story is not None:
        refuse_unfit_story(desk, request, _key(desk, agent, news_slot(request.story)))
    notes = _refresh(desk, agent, request)
    view = desk.market.view(request.as_of)
    if request.dry_run:
        _refuse_a_later_book(desk, request.as_of)
    else:
        notes += bring_up_to(desk, view).rebased
        notes += _protect_first(desk, request)
    own = watching_maker(desk, request, agent).lookback_bars(agent)
    needed = max(own, bars_for_shadows(desk, agent))
    bars = view.last_bars(agent.symbol, agent.timeframe, needed)
    key = _key(desk, agent, slot_of(request, bars.last_open if len(bars) else None))
    stored = None if request.dry_run else _stored_moment(desk, key)
    if stored is not None:
        return Observed(
            key=key,
            snapshot=stored,
            snapshot_hash=stored.content_hash(),
            resumed=True,
            notes=notes,
        )
    skew, issues = _ask_broker(desk)
    looked_at = from_micros(int(bars.timestamps[-own:][0])) if len(bars) else None
    issues += view.issues(agent.symbol, agent.timeframe, looked_at)
    issues += awaiting_issues(desk, agent.symbol, request.as_of)
    snapshot = replace(
        _freeze(desk, request, view, key, bars), clock_skew_seconds=skew, issues=issues
    )
    notes += issues
    with desk.store.locked() as uow:
        snapshot_hash = uow.ledger.put_snapshot(snapshot)
    desk.checkpoints.reach("observed")
    return Observed(
        key=key, snapshot=snapshot, snapshot_hash=snapshot_hash, resumed=False, notes=notes
    )


def _refuse_a_later_book(desk: TradingDesk, as_of: datetime) -> None:
    """A dry run judges the account as it stands: standing later, it would know the future."""
    stands_at = desk.broker.account_time()
    if not desk.live and stands_at is not None and as_of < stands_at:
        raise InputError(
            f"account {desk.account} stands at {iso_z(stands_at)}: a dry run at {iso_z(as_of)} would"
            " see its later trades; `ztrade rehearsal reset` starts a new epoch"
        )


def _refresh(desk: TradingDesk, agent: AgentConfig, request: CycleRequest) -> tuple[str, ...]:
    if not desk.live:
        return () if desk.sentiment is None else desk.sentiment.unheard(agent.symbol, request.as_of)
    if request.as_of > desk.clock.now():
        raise InputError(
            f"as_of {iso_z(request.as_of)} lies in the future; the present is the latest there is"
        )
    return _refresh_bars(desk, agent, request.as_of) + _refresh_news(desk, agent, request.as_of)


def _refresh_bars(desk: TradingDesk, agent: AgentConfig, as_of: datetime) -> tuple[str, ...]:
    try:
        report = desk.market.refresh(agent.symbol, agent.timeframe, as_of)
    except DataError as error:
        log.warning("refresh_failed", symbol=agent.symbol, error=str(error))
        return (f"refresh failed: {error}",)
    return (f"{report.written} bars from {report.source or 'nowhere'}", *report.notes)


def _refresh_news(desk: TradingDesk, agent: AgentConfig, as_of: datetime) -> tuple[str, ...]:
    """Bring news and scores up to the moment; a bad source leaves a note, and older news."""
    if desk.sentiment is None:
        return ()
    try:
        found = desk.sentiment.refresh(agent.symbol, as_of)
    except DataError as error:
        log.warning("news_failed", symbol=agent.symbol, error=str(error))
        return (f"news: {error}",)
    return tuple(f"news: {note}" for note in found)


def _protect_first(desk: TradingDesk, request: CycleRequest) -> tuple[str, ...]:
    """Mend stops before a mind is asked, which may take a minute."""
    try:
        found = protect(desk, request.as_of, holder=request.holder)
    except (BrokerError, LeaseLostError) as error:
        return (f"protection: {error}",)
    did = (*found.armed, *found.flattened, *found.ended, *found.failed)
    return tuple(f"protection: {text}" for text in did)


def bring_up_to(desk: TradingDesk, view: MarketView) -> ReconciliationReport:
    """Play, reconcile and mark the account up to the view's moment; store the day's base on the way."""
    at = view.as_of
    stands_at = desk.broker.account_time()
    if stands_at is not None and at < stands_at:
        _play_to(desk, view, at)  # backwards: refused, before anything is written
    rebased = () if has_day_base(desk, at) else _store_day_base(desk, view, at).rebased
    _play_to(desk, view, at)
    report = reconcile(desk, at)
    report = replace(report, rebased=(*rebased, *report.rebased))
    store_mark(desk, at, "mark", marks_of(desk, view))
    if desk.lift_breakers_daily and desk.company.risk.on_halt is OnHalt.NEXT_DAY:
        _lift_yesterdays_breakers(desk, at, view)
    return report


def _play_to(desk: TradingDesk, view: MarketView, at: datetime) -> None:
    """Play a simulated account to `at`. Live, another agent's run may have played it further."""
    try:
        desk.broker.advance(view, at)
    except InputError:
        if not desk.live:
            raise
        log.info("account_is_further", account=desk.account, at=iso_z(at))


def _store_day_base(desk: TradingDesk, view: MarketView, at: datetime) -> ReconciliationReport:
    """Mark the equity at the last 00:00 New York.

    An account younger than that has its opening equity as base. A simulated account that was
    played past midnight already (another run may be doing so now) cannot be marked there any more:
    the first mark since stands in.
    """
    base_at = new_york_midnight(new_york_date(at))
    try:
        desk.broker.advance(view, base_at)
    except InputError:
        base_at = min(desk.broker.account_time() or base_at, at)
    report = reconcile(desk, base_at)
    store_mark(desk, base_at, "day_base", marks_of(desk, view, until=base_at))
    return report


def _lift_yesterdays_breakers(desk: TradingDesk, at: datetime, view: MarketView) -> None:
    today = new_york_date(at)
    with desk.store.reading() as uow:
        old = [
            halt
            for halt in uow.halts.standing(desk.account)
            if halt.kind != MANUAL_KIND and new_york_date(halt.since) < today
        ]
    if not old:
        return
    with desk.store.locked() as uow:
        for halt in old:
            uow.halts.lift(
                desk.account, halt.halt_id, who="backtest", why="on_halt: next_day", at=at
            )
    if any(halt.agent_id is None for halt in old):
        store_mark(desk, at, "resume", marks_of(desk, view))


def _ask_broker(desk: TradingDesk) -> tuple[float, tuple[str, ...]]:
    """Return the broker's clock less ours, in seconds, and what speaks against any entry.

    RULE_012 denies on both; a question that failed is NaN, and is told. A simulated account has
    neither another clock nor anything to say.
    """
    if desk.facts is None:
        return 0.0, ()
    skew, issues = math.nan, []
    try:
        before = desk.clock.now()
        theirs = desk.facts.clock().now
        middle = before + (desk.clock.now() - before) / 2
        skew = (theirs - middle).total_seconds()
    except BrokerError as error:
        issues.append(f"the broker's clock could not be asked: {error}")
    try:
        standing = desk.facts.standing()
        if not standing.may_trade:
            issues.append(f"account {desk.account} may not trade: {standing.status}")
        if not standing.long_only:
            issues.append(
                f"account {desk.account} may sell short, so a race could: `ztrade broker long-only`"
            )
    except BrokerError as error:
        issues.append(f"whether account {desk.account} may trade could not be asked: {error}")
    return skew, tuple(issues)


def _stored_moment(desk: TradingDesk, key: SlotKey) -> MarketSnapshot | None:
    with desk.store.reading() as uow:
        tape = uow.tapes.get(key)
        return None if tape is None else uow.ledger.snapshot(tape.snapshot_hash)


def _key(desk: TradingDesk, agent: AgentConfig, slot: str) -> SlotKey:
    epoch = desk.broker.epoch()
    return SlotKey(account=desk.account, account_epoch=epoch, agent_id=agent.agent_id, slot=slot)


def _freeze(
    desk: TradingDesk, request: CycleRequest, view: MarketView, key: SlotKey, bars: BarSeries
) -> MarketSnapshot:
    agent = desk.agent(request.agent_id)
    asset_class, running = agent.instrument.asset_class, bar_in_progress(desk, request, bars)
    expected = desk.calendar.expected_bar(asset_class, agent.timeframe, view.as_of)
    is_open, note = False, "there are no bars to decide on"
    if len(bars):
        is_open, note = desk.calendar.entry_session(
            asset_class, agent.timeframe, running or bars.last_open, view.as_of
        )
    risk = desk.company.risk
    series = [(a.symbol, a.timeframe) for a in desk.company.agents]
    with desk.store.reading() as uow:
        position, orders = held(uow, key), working(uow, key)
    return MarketSnapshot(
        key=key,
        symbol=agent.symbol,
        as_of=view.as_of,
        bars=bars,
        bar_source=view.source(agent.symbol, agent.timeframe),
        expected_bar=expected,
        session_open=is_open,
        session_note=note,
        sentiment=view.sentiment(agent.symbol),
        position=position,
        entry_pending=any(order.request.role is Role.ENTRY for order in orders),
        correlations=view.correlations(
            series, risk.correlation_returns, risk.correlation_min_overlap
        ),
        clock_skew_seconds=0.0,
        config_digest=desk.company.digest,
        bar_in_progress=running,
        open_orders=tuple(map(seen, orders)) if desk.tells_orders else (),
    )
