"""A rule trial as one document of plain values."""

from collections.abc import Sequence

from ztrade_core.studies.rule_trial import RuleTrial
from ztrade_core.studies.rule_trial_decisions import Consequence, Entry
from ztrade_core.studies.rule_trial_entries import Change
from ztrade_core.studies.rule_trial_limits import limit_text
from ztrade_core.studies.rule_trial_parts import Part
from ztrade_core.studies.rule_trial_path import Compared
from ztrade_core.studies.rule_trial_telling import notes_of, warnings_of

Document = dict[str, object]


def trial_document(trial: RuleTrial, more_warnings: Sequence[str]) -> Document:
    """Return a trial whole: every changed entry is in it."""
    return {
        "would_change": True,
        "limits": [
            {"key": each.key, "now": limit_text(each.was), "proposed": limit_text(each.proposed)}
            for each in trial.changes
        ],
        "warnings": [*more_warnings, *warnings_of(trial)],
        "notes": notes_of(trial),
        "trial": {
            "account": trial.account,
            "account_epoch": trial.record.epoch,
            "parts": [_part(part) for part in trial.parts.all],
            "training_cutoff": None if trial.cutoff is None else trial.cutoff.day,
            "models": [] if trial.cutoff is None else trial.cutoff.models,
            "recorded": _recorded(trial),
            "halts": trial.halts,
            "decisions": {
                "parts": [_consequence(one) for one in trial.decisions.consequences],
                "changed": [_entry(one) for one in trial.decisions.changed],
            },
            "path": {
                "parts": [_compared(one) for one in trial.path.parts],
                "holdout_from_flat": None
                if trial.path.from_flat is None
                else _compared(trial.path.from_flat),
                "left_out": dict(trial.path.intents.left_out),
                "missing_bars": dict(trial.path.intents.missing_bars),
                "not_asked": dict(trial.path.intents.unasked),
            },
        },
    }


def _part(part: Part) -> Document:
    return {"name": part.name, "start": part.start, "stop": part.stop, "days": part.days}


def _recorded(trial: RuleTrial) -> Document:
    record = trial.record
    return {
        "decisions": record.decisions,
        "entries": len(record.entries),
        "exits": record.exits,
        "holds": record.holds,
        "earlier_epochs": record.earlier,
        "open_before": trial.decisions.open_before,
        "of_another_configuration": trial.decisions.of_another_configuration,
        "left_out": [
            {
                "decision_id": each.row.decision.decision_id,
                "agent_id": each.row.decision.key.agent_id,
                "why": each.why,
                "note": each.note,
            }
            for each in trial.decisions.left_out
        ],
    }


def _consequence(one: Consequence) -> Document:
    return {
        "part": one.part.name,
        "entries": one.entries,
        "filled": one.filled,
        **{change.value: one.changes.get(change, 0) for change in Change},
        "denied_by": dict(one.denied_by),
        "allowed_by": dict(one.allowed_by),
        "saved_usd": one.saved_usd,
        "forgone_usd": one.forgone_usd,
        "larger_usd": one.larger_usd,
        "net_usd": one.net_usd,
        "open_usd": one.open_usd,
        "unmarked": one.unmarked,
    }


def _entry(one: Entry) -> Document:
    decision, judged, result = one.judged.row.decision, one.judged, one.result
    return {
        "decision_id": decision.decision_id,
        "agent_id": decision.key.agent_id,
        "symbol": decision.symbol,
        "slot": decision.key.slot,
        "as_of": decision.as_of,
        "change": judged.change,
        "rules": judged.rules,
        "outcome": decision.outcome,
        "proposed_outcome": judged.outcome,
        "quantity": decision.quantity,
        "proposed_quantity": judged.quantity,
        "reason": judged.reason,
        "result": result,
        "effect_usd": None if result is None else one.effect_usd,
    }


def _compared(one: Compared) -> Document:
    return {"part": one.part.name, "now": one.today, "proposed": one.proposed, "gain": one.gain}
