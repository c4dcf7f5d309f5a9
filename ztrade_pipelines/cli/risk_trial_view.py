"""How a rule trial looks: the limits that differ, warnings, both views part by part, and what they leave out."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ztrade_core.domain.time import new_york_date
from ztrade_core.domain.words import counted
from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_decisions import Consequence, Entry
from ztrade_core.studies.rule_trial_entries import Change
from ztrade_core.studies.rule_trial_limits import limit_text
from ztrade_core.studies.rule_trial_parts import Part
from ztrade_core.studies.rule_trial_path import Compared, PathFigures
from ztrade_core.studies.rule_trial_telling import notes_of, part_text, warnings_of
from ztrade_pipelines.cli.formats import ABSENT, count, moment, percent, quantity, toned, usd
from ztrade_pipelines.cli.output import fits, rows, table, without_spare

MOST_ENTRIES = 20
WORDS = {
    Change.NEWLY_DENIED: "denied",
    Change.NEWLY_ALLOWED: "allowed",
    Change.RESIZED: "resized",
    Change.UNCHANGED: "unchanged",
}
SHORT = {
    "whole period": "whole",
    "fitting part": "fitting",
    "models may have known": "known",
    "after the cutoff": "after cutoff",
}


def trial_parts(trial: RuleTrial, more_warnings: Sequence[str]) -> list[RenderableType]:
    """Return everything that is shown of a trial, from top to bottom."""
    return [
        _headline(trial),
        _limits_table(trial),
        *_lines("warning: ", [*more_warnings, *warnings_of(trial)], "yellow"),
        *(_views(trial) if trial.record.entries else ()),
        *_lines("note: ", notes_of(trial), "dim"),
        Text("nothing is stored, and the limits in force are as they were", style="dim"),
    ]


def _headline(trial: RuleTrial) -> str:
    record, whole = trial.record, trial.parts.whole
    decisions = counted(record.decisions, "decision")
    return (
        f"account {trial.account}, {part_text(whole)} ({counted(whole.days, 'day')}): {decisions},"
        f" {len(record.entries)} wanted to buy, {record.exits} to sell"
    )


def _limits_table(trial: RuleTrial) -> Table:
    made = table("Limits", "=limit", ">now", ">proposed")
    lines = [(each.key, limit_text(each.was), limit_text(each.proposed)) for each in trial.changes]
    return rows(made, lines)


def _lines(word: str, texts: Sequence[str], style: str) -> list[Text]:
    return [Text(f"{word}{text}", style=style) for text in texts]


def _views(trial: RuleTrial) -> Iterator[RenderableType]:
    yield from _decisions_tables(trial)
    if trial.decisions.changed:
        yield _entries_table(trial.decisions.changed)
    if trial.path.intents.legs:
        yield _path_table(trial)
        yield _rules_table(trial)


def shown_parts(trial: RuleTrial) -> list[Part]:
    """Return the parts that say something of their own: a cutoff that splits nothing is no split."""
    parts = trial.parts
    splits = parts.known is not None and parts.clean is not None
    own = (parts.whole, parts.fitting, parts.holdout)
    by_cutoff = (parts.known, parts.clean) if splits else ()
    return [part for part in (*own, *by_cutoff) if part is not None]


def _short(part: Part) -> str:
    return SHORT.get(part.name, part.name)


def _decisions_tables(trial: RuleTrial) -> Iterator[Table]:
    """Yield a row a figure, a column a part; what lies about the cutoff below where there is no room beside."""
    found = [trial.decisions.of(part) for part in shown_parts(trial)]
    sums = [each for each in found if each is not None]
    heads, lines = _decisions_cells(sums)
    if fits(heads, lines):
        yield rows(table("Decision by decision", *heads), lines)
        return
    about_cutoff = {
        part.name for part in (trial.parts.known, trial.parts.clean) if part is not None
    }
    for title, is_about in (("", False), (", at the cutoff", True)):
        own = [each for each in sums if (each.part.name in about_cutoff) is is_about]
        if own:
            heads, lines = _decisions_cells(own)
            yield rows(table(f"Decision by decision{title}", *heads), lines)


def _decisions_cells(sums: Sequence[Consequence]) -> tuple[list[str], list[list[str]]]:
    heads = ["=", *[f">{_short(each.part)}" for each in sums]]
    return heads, [[name, *map(shown, sums)] for name, shown in _figures(sums)]


def _figures(sums: Sequence[Consequence]) -> Iterator[tuple[str, Callable[[Consequence], str]]]:
    yield "first day", lambda one: f"{new_york_date(one.part.start)}"
    yield "days", lambda one: count(one.part.days)
    yield "entries judged", lambda one: count(one.entries)
    yield "of them filled", lambda one: count(one.filled)
    for change in (Change.NEWLY_DENIED, Change.NEWLY_ALLOWED, Change.RESIZED, Change.UNCHANGED):
        word = WORDS[change]
        name = f"newly {word}" if change in {Change.NEWLY_DENIED, Change.NEWLY_ALLOWED} else word
        yield name, lambda one, change=change: count(one.changes.get(change, 0))  # type: ignore[misc]
        yield from _by_rule(change, sums)
    yield "saved", lambda one: usd(one.saved_usd)
    yield "forgone", lambda one: usd(one.forgone_usd)
    if any(one.larger_usd for one in sums):
        yield "by larger entries", lambda one: usd(one.larger_usd, signed=True)
    yield "net", lambda one: toned(usd(one.net_usd, signed=True), one.net_usd)
    if any(one.open_usd or one.unmarked for one in sums):
        yield "open, at their mark", lambda one: usd(one.open_usd, signed=True)
    if any(one.unmarked for one in sums):
        yield "open, without a mark", lambda one: count(one.unmarked)


def _by_rule(
    change: Change, sums: Sequence[Consequence]
) -> Iterator[tuple[str, Callable[[Consequence], str]]]:
    """Yield a row a rule, under what it newly denies or denied before."""
    if change not in {Change.NEWLY_DENIED, Change.NEWLY_ALLOWED}:
        return
    is_denied = change is Change.NEWLY_DENIED
    for rule in dict.fromkeys(rule for one in sums for rule in _rules_of(one, is_denied=is_denied)):

        def shown(one: Consequence, rule: str = rule) -> str:
            return count(_rules_of(one, is_denied=is_denied).get(rule, 0))

        yield f"  {'by' if is_denied else 'before by'} {rule}", shown


def _rules_of(one: Consequence, *, is_denied: bool) -> dict[str, int]:
    return dict(one.denied_by if is_denied else one.allowed_by)


def _entries_table(changed: Sequence[Entry]) -> Table:
    """Return the entries of which the proposal makes something else, the newest last."""
    heads = ["=as of", "=agent", "=would be", "=by", ">quantity", ">really made", ">change"]
    lines = [_entry_row(one) for one in changed[-MOST_ENTRIES:]]
    kept, cells = without_spare(heads, lines, (">quantity", "=by"))
    left = len(changed) - len(lines)
    made = table(
        "Entries that would change",
        *kept,
        caption=f"the newest {len(lines)} of {len(changed)}; --json names all" if left else "",
    )
    return rows(made, cells)


def _entry_row(one: Entry) -> list[str]:
    decision, judged, result = one.judged.row.decision, one.judged, one.result
    never = "was denied" if judged.change is Change.NEWLY_ALLOWED else "not filled"
    made = never if result is None else usd(result.pnl_usd, signed=True)
    if result is not None and result.is_open:
        made += " open"
    effect = one.effect_usd
    return [
        moment(decision.as_of),
        decision.key.agent_id,
        WORDS[judged.change],
        " ".join(judged.rules) or ABSENT,
        f"{quantity(decision.quantity)} to {quantity(judged.quantity)}",
        made,
        ABSENT if result is None else toned(usd(effect, signed=True), effect),
    ]


def _path_table(trial: RuleTrial) -> Table:
    """Return three rows a part: the limits of now, the proposed ones, and the difference."""
    found = [trial.path.of(part) for part in shown_parts(trial)]
    compared = [one for one in (*found, trial.path.from_flat) if one is not None]
    heads = [
        "=part",
        "=limits",
        ">earned",
        ">return",
        ">drawdown",
        ">trades",
        ">entries",
        ">denied",
    ]
    heads += [">open", ">equity"]
    lines = [line for one in compared for line in _path_rows(one)]
    kept, cells = without_spare(heads, lines, (">open", ">equity", ">entries"))
    made = table("The whole path: all intents played anew in one account", *kept)
    return rows(made, cells)


def _path_rows(one: Compared) -> Iterator[list[str]]:
    now, then = one.today, one.proposed
    yield [_short(one.part), "now", *_path_cells(now)]
    yield ["", "proposed", *_path_cells(then)]
    yield [
        "",
        "difference",
        _toned_usd(then.earned_usd - now.earned_usd),
        toned(percent(one.gain, signed=True, digits=3), one.gain),
        percent(then.max_drawdown - now.max_drawdown, signed=True, digits=3),
        f"{then.trades - now.trades:+d}",
        f"{then.entries - now.entries:+d}",
        f"{then.denied - now.denied:+d}",
        usd(then.open_usd - now.open_usd, signed=True),
        usd(then.equity_usd - now.equity_usd, signed=True),
    ]


def _path_cells(one: PathFigures) -> list[str]:
    return [
        usd(one.earned_usd, signed=True),
        percent(one.total_return, signed=True, digits=3),
        percent(one.max_drawdown, digits=3),
        count(one.trades),
        count(one.entries),
        count(one.denied),
        usd(one.open_usd),
        usd(one.equity_usd),
    ]


def _toned_usd(value: float) -> str:
    return toned(usd(value, signed=True), value)


def _rules_table(trial: RuleTrial) -> Table:
    """Return what denied entries and halted agents on the path, under both sets of limits."""
    compared = [trial.path.of(trial.parts.whole), trial.path.of(trial.parts.holdout)]
    shown = [one for one in compared if one is not None]
    heads = [f">{_short(one.part)} {word}" for one in shown for word in ("now", "proposed")]
    made = table("What denied and halted on the path", "=", *heads)
    figures = [each for one in shown for each in (one.today, one.proposed)]
    names = sorted({rule for each in figures for rule in each.denied_by})
    lines = [
        (f"denied by {name}", *[count(e.denied_by.get(name, 0)) for e in figures]) for name in names
    ]
    kinds = sorted({kind for each in figures for kind in each.halts})
    lines += [
        (f"halt: {kind.replace('_', ' ')}", *[count(e.halts.get(kind, 0)) for e in figures])
        for kind in kinds
    ]
    return rows(made, lines or [("nothing", *["0" for _ in figures])])
