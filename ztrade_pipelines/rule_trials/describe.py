"""How a rule trial looks on the page: limits, warnings, a table a view, both equity curves."""

from collections.abc import Sequence

from ztrade_core.domain.time import iso_z
from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_decisions import Consequence, Entry
from ztrade_core.studies.rule_trial_entries import Change
from ztrade_core.studies.rule_trial_limits import limit_text
from ztrade_core.studies.rule_trial_path import Compared, PathFigures
from ztrade_core.studies.rule_trial_telling import notes_of, part_text, warnings_of
from ztrade_pipelines import ui
from ztrade_pipelines.rule_trials.picture import paths_picture

MOST_ENTRIES = 200
LIMITS = ("limit", "now", "proposed")
DECISIONS = (
    "part",
    "days",
    "entries",
    "filled",
    *(change.value for change in Change),
    "denied_by",
    "saved_usd",
    "forgone_usd",
    "larger_usd",
    "net_usd",
    "open_usd",
)
ENTRIES = ("as_of", "agent", "change", "rules", "quantity", "proposed", "result_usd", "effect_usd")
PATH = (
    "part",
    "limits",
    "earned_usd",
    "total_return",
    "max_drawdown",
    "trades",
    "trades_usd",
    "entries",
    "denied",
    "denied_by",
    "halts",
    "open_usd",
    "equity_usd",
)


def trial_metadata(trial: RuleTrial, more_warnings: Sequence[str]) -> ui.Metadata:
    """Describe a finished trial."""
    decisions, path, record = trial.decisions, trial.path, trial.record
    changed = decisions.changed
    lines = [_limits(trial), [_consequence(one) for one in decisions.consequences]]
    compared = [*path.parts, *([] if path.from_flat is None else [path.from_flat])]
    return {
        "limits_that_would_change": ui.table(LIMITS, lines[0]),
        "warnings": ui.lines([*more_warnings, *warnings_of(trial)]),
        "account": trial.account,
        "period": part_text(trial.parts.whole),
        "decisions": record.decisions,
        "wanted_to_buy": len(record.entries),
        "decision_by_decision": ui.table(DECISIONS, lines[1]),
        "entries_that_would_change": ui.table(
            ENTRIES, [_entry(one) for one in changed[-MOST_ENTRIES:]]
        ),
        "entries_shown": f"the newest {min(len(changed), MOST_ENTRIES)} of {len(changed)}",
        "whole_path": ui.table(PATH, [row for one in compared for row in _path(one)]),
        "equity": ui.picture(
            paths_picture(path.today, path.proposed, trial.parts.holdout),
            "equity under the limits of now and the proposed ones",
        ),
        "notes": ui.lines(notes_of(trial)),
    }


def _limits(trial: RuleTrial) -> list[tuple[ui.Cell, ...]]:
    return [(each.key, limit_text(each.was), limit_text(each.proposed)) for each in trial.changes]


def _consequence(one: Consequence) -> tuple[ui.Cell, ...]:
    return (
        one.part.name,
        one.part.days,
        one.entries,
        one.filled,
        *(one.changes.get(change, 0) for change in Change),
        _counts(dict(one.denied_by)),
        one.saved_usd,
        one.forgone_usd,
        one.larger_usd,
        one.net_usd,
        one.open_usd,
    )


def _entry(one: Entry) -> tuple[ui.Cell, ...]:
    decision, judged, result = one.judged.row.decision, one.judged, one.result
    return (
        iso_z(decision.as_of),
        decision.key.agent_id,
        judged.change.value,
        " ".join(judged.rules) or None,
        decision.quantity,
        judged.quantity,
        None if result is None else result.pnl_usd,
        None if result is None else one.effect_usd,
    )


def _path(one: Compared) -> list[tuple[ui.Cell, ...]]:
    return [
        (one.part.name, "now", *_figures(one.today)),
        (one.part.name, "proposed", *_figures(one.proposed)),
    ]


def _figures(one: PathFigures) -> tuple[ui.Cell, ...]:
    return (
        one.earned_usd,
        one.total_return,
        one.max_drawdown,
        one.trades,
        one.trades_usd,
        one.entries,
        one.denied,
        _counts(dict(one.denied_by)),
        _counts(dict(one.halts)),
        one.open_usd,
        one.equity_usd,
    )


def _counts(found: dict[str, int]) -> str | None:
    return ", ".join(f"{name} {times}" for name, times in found.items()) or None
