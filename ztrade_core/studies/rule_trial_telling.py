"""What must be said beside a rule trial's figures: warnings that weigh on them, and what they leave out."""

from collections import Counter
from collections.abc import Iterator

from ztrade_core.domain.time import iso_z, new_york_date
from ztrade_core.domain.words import are, counted
from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_entries import LeftOut
from ztrade_core.studies.rule_trial_limits import BREAKERS, FROZEN, LIVE_ONLY, NO_CHANGE
from ztrade_core.studies.rule_trial_parts import Part

FEW_TRADES = 10
CHOSEN_AFTER = (
    "the limits were chosen after seeing the fitting part: only what happens in the holdout speaks for them,"
    " and only the first time that it is looked at"
)
_WHY = {
    LeftOut.OTHER_CONFIGURATION: "decided under another configuration, and the limits of now say otherwise",
    LeftOut.NO_AGENT: "of an agent that the configuration of now has not",
    LeftOut.GONE: "without the evidence that they were judged on",
    LeftOut.NOT_GIVEN_BACK: "not given back by the very limits that they were decided under"
    " (`ztrade audit verify`)",
}


def warnings_of(trial: RuleTrial) -> list[str]:
    """Return what weighs on the figures, the gravest first; the reminder about the choice comes last."""
    return [
        *([] if trial.changes else [NO_CHANGE]),
        *_empty(trial),
        *_only_fitting(trial),
        *_too_few(trial),
        *_unsplit(trial),
        *_may_have_known(trial),
        *_left_out(trial),
        CHOSEN_AFTER,
    ]


def notes_of(trial: RuleTrial) -> list[str]:
    """Return what each view leaves out or cannot play."""
    return [*_about_record(trial), *_about_decisions(trial), *_about_path(trial)]


def _empty(trial: RuleTrial) -> Iterator[str]:
    if not trial.record.decisions:
        newest = trial.newest
        told = "has none" if newest is None else f"has its newest at {iso_z(newest)}"
        yield (
            f"no decision is recorded in the period; account {trial.account} {told}: name another period"
            " (--from, --to, --days)"
        )
    elif not trial.record.entries:
        yield "nobody wanted to buy in the period: the rules had nothing to deny"


def _only_fitting(trial: RuleTrial) -> Iterator[str]:
    """Say where the proposal helps in the fitting part and not after it."""
    parts, decisions, path = trial.parts, trial.decisions, trial.path
    fitted, held = decisions.of(parts.fitting), decisions.of(parts.holdout)
    if fitted is not None and held is not None and fitted.net_usd > 0.0 >= held.net_usd:
        yield (
            f"entry by entry the proposal helps only in the fitting part: {_usd(fitted.net_usd)} there,"
            f" {_usd(held.net_usd)} in the holdout"
        )
    first, then = path.of(parts.fitting), path.of(parts.holdout)
    if first is None or then is None or not first.gain > 0.0:
        return
    gains = [then.gain] if path.from_flat is None else [then.gain, path.from_flat.gain]
    if min(gains) <= 0.0:
        told = ", ".join(
            f"{gain:+.3%} {where}"
            for gain, where in zip(gains, ("in the holdout", "in it from flat"), strict=False)
        )
        yield (
            f"on the whole path the proposal helps only in the fitting part: return {first.gain:+.3%}"
            f" there, {told}"
        )


def _too_few(trial: RuleTrial) -> Iterator[str]:
    if not trial.record.entries:
        return
    part = trial.parts.whole if trial.parts.holdout is None else trial.parts.holdout
    filled, path = trial.decisions.of(part), trial.path.of(part)
    counts = {
        "entry by entry": 0 if filled is None else filled.filled,
        "on the path": 0 if path is None else max(path.today.trades, path.proposed.trades),
    }
    few = [
        f"{counted(count, 'trade')} {where}"
        for where, count in counts.items()
        if count < FEW_TRADES
    ]
    if few:
        yield f"too few to say: the {part.name} has {' and '.join(few)}, under {FEW_TRADES}"


def _unsplit(trial: RuleTrial) -> Iterator[str]:
    if trial.parts.holdout is None and trial.record.decisions:
        days = counted(trial.parts.whole.days, "day")
        yield f"nothing is held out of {days}: no figure here tells what the limits do on days not looked at"


def _may_have_known(trial: RuleTrial) -> Iterator[str]:
    if trial.cutoff is None or trial.parts.known is None:
        return
    until = new_york_date(trial.parts.known.stop)
    part = "the whole period" if trial.parts.clean is None else f"what lies before {until}"
    yield f"{trial.cutoff.text}: of {part} the models may have known how it went"


def _left_out(trial: RuleTrial) -> Iterator[str]:
    for why, count in Counter(each.why for each in trial.decisions.left_out).items():
        found = next(each for each in trial.decisions.left_out if each.why is why)
        entries = counted(count, "entry", "entries")
        yield (
            f"{entries} {are(count)} left out of the decisions, {_WHY[why]}: the first is"
            f" {found.row.decision.decision_id} ({found.note})"
        )
    for agent_id, reason in trial.path.intents.left_out.items():
        yield f"{agent_id} is left out of the path: {reason}"
    for agent_id, count in trial.path.intents.unasked.items():
        orders = counted(count, "recorded buy or sell", "recorded buys and sells")
        yield f"{agent_id}: {orders} {are(count)} not on the path: the store has no bar that asks"


def _about_record(trial: RuleTrial) -> Iterator[str]:
    if trial.record.earlier:
        earlier = counted(trial.record.earlier, "decision")
        yield f"{earlier} of earlier epochs of the account {are(trial.record.earlier)} left out"
    before = trial.decisions.open_before
    if before:
        positions = counted(before, "position")
        yield (
            f"{positions} {'was' if before == 1 else 'were'} open when the period began: entered before it,"
            " so no part of the decisions; the path begins flat"
        )
    other = trial.decisions.of_another_configuration
    if other:
        entries = counted(other, "entry", "entries")
        yield (
            f"{entries} {'was' if other == 1 else 'were'} decided under another configuration; the limits of"
            " now give the same rows, so they are judged with the rest"
        )


def _about_decisions(trial: RuleTrial) -> Iterator[str]:
    if not trial.record.entries:
        return
    changed = {each.key for each in trial.changes}
    yield (
        "decisions: each by itself, exact; saved are losses that would not have been made, forgone gains, both of"
        " closed positions, net of costs, in the part where the entry was decided; what a newly allowed entry"
        " would have earned only the path can say"
    )
    if trial.halts or changed & BREAKERS:
        yield (
            "decisions: a halt that stood stays, and a breaker of the proposal halts one decision, not those"
            " after it; only the path plays breakers (on_halt)"
        )
    if frozen := sorted(changed & FROZEN):
        yield (
            f"decisions: correlations are as they were measured then, so {' and '.join(frozen)} change"
            " nothing there; the path measures anew"
        )


def _about_path(trial: RuleTrial) -> Iterator[str]:
    if not trial.record.answers:
        return
    yield (
        "path: a simulation from flat, of answers as they are recorded: a mind that had seen the other book"
        " might have answered otherwise, and neither column is what the account really did"
    )
    if live := sorted({each.key for each in trial.changes} & LIVE_ONLY):
        yield f"path: nothing in a simulation fails {' or '.join(live)}; only the decisions show that"
    if any(halt.who != "breaker" for halt in trial.halts):
        yield "path: halts that a person set in the period are not played"
    for agent_id, count in trial.path.intents.missing_bars.items():
        yield f"path: {agent_id} lacks {counted(count, 'bar')} that the calendar expects"
    for symbol, days in trial.path.intents.splits.items():
        told = ", ".join(map(str, days))
        yield f"path: {symbol} split on {told}: stops and sizes that were named before are in older units"


def part_text(part: Part) -> str:
    """Return a part as its first and last New York day."""
    first, last = new_york_date(part.start), new_york_date(part.last)
    return f"{first}" if first == last else f"{first} to {last}"


def _usd(value: float) -> str:
    return f"{'-' if value < 0.0 else '+'}${abs(value):,.2f}"
