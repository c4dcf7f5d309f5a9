"""What a person must know to read a scoreboard rightly, one sentence each."""

from collections.abc import Sequence

from ztrade_core.domain.decisions import Decision
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import are, counted
from ztrade_core.studies.scoreboard_answers import OWN, Mind, Told, Window
from ztrade_core.studies.scoreboard_figures import MindScore, Part

MIXED = "what its model may have known with what is clean"


def nothing_within(window: Window, newest: Decision | None) -> str:
    """Return why there is nothing to compare; `newest` is the agent's newest decision."""
    agent_id, account = window.agent.agent_id, window.account
    if newest is None:
        return f"{agent_id} has no decision on account {account}"
    return (
        f"{agent_id} has no decision on account {account}, epoch {newest.key.account_epoch}, from"
        f" {iso_z(window.begins)} to {iso_z(window.ends)}; its newest is of {iso_z(newest.as_of)}"
    )


def notes_of(window: Window, told: Told, minds: Sequence[MindScore]) -> tuple[str, ...]:
    """Return the notes on a window and its minds."""
    notes = []
    if told.older_epochs:
        left = counted(told.older_epochs, "decision")
        notes.append(
            f"{left} of former epochs of {window.account} {are(told.older_epochs)} left out"
        )
    if told.house:
        notes.append(
            f"{counted(told.house, 'decision')} of the house itself {are(told.house)} no mind's"
        )
    if len(told.minds) == 1:
        notes.append(
            f"{window.agent.agent_id} has no ensemble and no shadows: nothing to compare it with"
        )
    beside = [part for mind in minds if mind.role != OWN for part in mind.parts]
    if any(part.moments.count and part.own_hits is None for part in beside):
        notes.append(f"the agent's own figures are left out where they would mix {MIXED}")
    for mind, score in zip(told.minds, minds, strict=True):
        notes += [f"{mind.label}: {text}" for text in _of_mind(mind, score)]
    return tuple(notes)


def _of_mind(mind: Mind, score: MindScore) -> list[str]:
    notes = []
    if not mind.is_configured:
        notes.append("the agent's file does not name it any more")
    if not any(mind.samples.values()):
        notes.append("it answered nothing in this window")
        return notes
    if len(score.makers) > 1:
        counts = ", ".join(f"{maker} ({count})" for maker, count in score.makers.items())
        notes.append(f"several gave its answers: {counts}")
    notes += _of_models(mind)
    on_news = sum(part.moments.on_news for part in score.parts)
    if on_news:
        notes.append(f"{counted(on_news, 'answer')} on news {are(on_news)} not in its return")
    lost = sum(part.hits.no_bar for part in score.parts)
    if lost:
        notes.append(
            f"{counted(lost, 'answer')} {are(lost)} not judged: the decision bar is not stored"
        )
    if any(part.followed is None for part in score.parts if part.moments.count):
        notes.append("no return where none of its answers has a stored bar")
    return notes


def _of_models(mind: Mind) -> list[str]:
    cutoff = mind.cutoff
    if cutoff is None:
        return []
    if cutoff.day is None:
        return [f"{cutoff.text}: nothing is clean"]
    notes = [f"{cutoff.text}: clean from {cutoff.clean_from:%Y-%m-%d %H:%MZ} on"]
    names = {
        name
        for answers in mind.samples.values()
        for each in answers.values()
        for name in each.models
    }
    foreign = sorted(names - set(cutoff.models))
    if foreign:
        notes.append(
            f"answers of {' and '.join(foreign)} count as {Part.KNOWN}: it is another model now"
        )
    return notes
