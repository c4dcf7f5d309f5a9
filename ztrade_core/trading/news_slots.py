"""Decisions on breaking news: which story may be decided on, and that one a bar is.

A news slot is an agent's slot beside those of its bars: `news:<story id>`. Only a story that became known
in the bar in progress may claim one, because the next regular decision sees all others; and one story a
bar. That is looked at twice: before anything is asked, and in the gateway's locked transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.decisions import SlotKey, is_news_slot, news_slot
from ztrade_core.domain.sentiment import ScoredStory
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import counted
from ztrade_core.errors import InputError
from ztrade_core.ports.sentiment import BreakingNews
from ztrade_core.ports.store import UnitOfWork
from ztrade_core.trading.desk import CycleRequest, TradingDesk
from ztrade_core.trading.running_bar import RunningBar, acts_at, running_bar

PROMPT = timedelta(minutes=1)
"""How long after a bar's completion its own run still has the next bar's open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsLook:
    """What a look for breaking news found: a story to decide on, or why there is none."""

    story: ScoredStory | None
    reason: str


def look_for_news(
    desk: TradingDesk, agent: AgentConfig, news: BreakingNews, at: datetime
) -> NewsLook:
    """Return the earliest breaking story of the bar in progress that an agent may decide on at a moment."""
    if agent.mode is Mode.MANUAL:
        return _none(f"{agent.agent_id} is decided by a person, whom no story wakes")
    running = running_bar(desk.calendar, agent, at)
    if running is None:
        return _none(f"{iso_z(at)} is before the first bar of {agent.symbol}")
    if acts_at(desk.calendar, agent, at) != at:
        return _none(f"no session of {agent.symbol} is open at {iso_z(at)}")
    found = news.breaking(agent.symbol, since=running.since, until=at)
    if not found:
        return _none(f"no breaking news of {agent.symbol} since {iso_z(running.since)}")
    slot = _claimed(desk, agent, running)
    if slot is not None:
        return _none(
            f"{counted(len(found), 'breaking story', 'breaking stories')} of {agent.symbol} since"
            f" {iso_z(running.since)}; slot {slot} of this bar is decided, and one a bar is"
        )
    return NewsLook(story=found[0], reason="")


def refuse_unfit_story(desk: TradingDesk, request: CycleRequest, key: SlotKey) -> None:
    """Refuse a story that a request may not be decided on; InputError says why.

    It has to be known, be about the agent's symbol, and have become known in the bar in progress. A slot
    that was answered before is continued whatever the time.
    """
    if request.story is None:
        return
    agent = desk.agent(request.agent_id)
    known_at = _known_at(desk, agent, request.story)
    if known_at > request.as_of:
        raise InputError(
            f"story {request.story} became known at {iso_z(known_at)}, after {iso_z(request.as_of)}:"
            " nothing is decided on what was not known"
        )
    if not request.dry_run and _is_answered(desk, key):
        return
    running = running_bar(desk.calendar, agent, request.as_of)
    if running is None or known_at <= running.since:
        since = "" if running is None else f", which began at {iso_z(running.since)}"
        raise InputError(
            f"story {request.story} became known at {iso_z(known_at)}, before the bar in progress"
            f"{since}: the decision of a bar has seen it; run {agent.agent_id} without a story"
        )
    slot = None if request.dry_run else _claimed(desk, agent, running)
    if slot is not None:
        raise _second(agent, running, slot, key.slot)


def refuse_second_story(desk: TradingDesk, uow: UnitOfWork, snapshot: MarketSnapshot) -> None:
    """Refuse a second story of a bar, inside the transaction that would claim its slot.

    Nothing of it is written: whoever comes second, of however many, leaves no row. InputError says which
    slot was first.
    """
    key = snapshot.key
    if not is_news_slot(key.slot):
        return
    agent = desk.agent(key.agent_id)
    running = running_bar(desk.calendar, agent, snapshot.as_of)
    if running is None:
        return
    slot = uow.ledger.news_slot_since(key, running.since)
    if slot is not None:
        raise _second(agent, running, slot, key.slot)


def slot_of(request: CycleRequest, last_open: datetime | None) -> str:
    """Return a request's slot: its story's, else the last complete bar's."""
    if request.story is not None:
        return news_slot(request.story)
    return f"none:{iso_z(request.as_of)}" if last_open is None else iso_z(last_open)


def bar_in_progress(desk: TradingDesk, request: CycleRequest, bars: BarSeries) -> datetime | None:
    """Return the bar that runs while a decision is asked for; None: no bar after the last one runs.

    A bar's own tick is not in it: `PROMPT` after the completion its decision is of the bar before. Who
    comes later (a daemon that was down, a person who starts the run) is, as news and a person are.
    """
    if len(bars) == 0:
        return None
    running = running_bar(desk.calendar, desk.agent(request.agent_id), request.as_of)
    if running is None or running.opened <= bars.last_open:
        return None
    is_tick = request.story is None and request.writer is None
    if is_tick and request.as_of - max(running.since, running.opened) <= PROMPT:
        return None
    return running.opened


def _none(reason: str) -> NewsLook:
    return NewsLook(story=None, reason=reason)


def _claimed(desk: TradingDesk, agent: AgentConfig, running: RunningBar) -> str | None:
    epoch = desk.broker.epoch()
    key = SlotKey(account=desk.account, account_epoch=epoch, agent_id=agent.agent_id, slot="")
    with desk.store.reading() as uow:
        return uow.ledger.news_slot_since(key, running.since)


def _is_answered(desk: TradingDesk, key: SlotKey) -> bool:
    with desk.store.reading() as uow:
        return uow.tapes.get(key) is not None


def _known_at(desk: TradingDesk, agent: AgentConfig, story: str) -> datetime:
    if desk.story_known_at is None:
        raise InputError(f"account {desk.account} knows no stories: leave the story out")
    known_at = desk.story_known_at(story, agent.symbol)
    if known_at is not None:
        return known_at
    others = sorted({each.symbol for each in desk.company.agents} - {agent.symbol})
    about = [symbol for symbol in others if desk.story_known_at(story, symbol) is not None]
    if about:
        raise InputError(
            f"story {story} is about {', '.join(about)}, and {agent.agent_id} trades {agent.symbol}"
        )
    raise InputError(
        f"there is no story {story!r} of {agent.symbol}; `ztrade news show {agent.symbol}` lists them"
    )


def _second(agent: AgentConfig, running: RunningBar, slot: str, asked: str) -> InputError:
    return InputError(
        f"{agent.agent_id} has decided on {slot} since {iso_z(running.since)}: one story a bar, so"
        f" {asked} is left to its next regular decision"
    )
