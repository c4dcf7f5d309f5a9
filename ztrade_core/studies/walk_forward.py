"""Walk-forward, one month at a time: fitted on the months before it, judged on it alone.

Candidates are fitted on bars that are complete before the month begins, and on no other: the month's
own bars are not even read before the choice stands. The chosen one then trades the month, from flat,
on bars before it as warm-up; beside it stand the agent's own parameters, buy-and-hold, and every
other candidate. A month is kept as a study whose trials are those in sample, so that they count
among the agent's trials, with the stored backtest of the chosen one out of sample.

Source: Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed., chapter 11.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from ztrade_core.backtest.runs import BacktestResult, run_once
from ztrade_core.domain.canonical import canonical_json, plain, sha256_hex
from ztrade_core.domain.studies import Parameters, Study, StudyKind, Trial
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.studies.candidates import Candidates, best_of, candidates_of, needs
from ztrade_core.studies.evaluation import StudyData, agent_with, evaluate
from ztrade_core.studies.walk_forward_code import code_digest
from ztrade_core.studies.walk_forward_data import (
    AS_CONFIGURED,
    Told,
    Walk,
    data_notes,
    in_sample_begin,
    require_judgeable,
    sample_data,
    sample_document,
)
from ztrade_core.studies.walk_forward_judging import (
    Judged,
    month_figures,
    notes_of,
    trials_to_keep,
)
from ztrade_core.studies.walk_forward_months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedMonth:
    """A judged month: the study as stored, its trials, and the chosen one's backtest."""

    study: Study
    trials: list[Trial]
    result: BacktestResult


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """What the bars before a month came to."""

    data: StudyData
    trials: list[Trial]
    chosen: Trial


def walk_month(walk: Walk, month: Month, told: Told | None = None) -> WalkedMonth:
    """Fit, judge and keep one month. The same month on the same bars replaces what was kept.

    Raises InputError for a month that still runs and for a plan with nothing to choose, NoDataError
    for one without bars, without enough history, or in whose sample no candidate has the figure that
    ranks.
    """
    candidates = candidates_to_judge(walk)
    require_judgeable(walk, month)
    fitted = _fit(walk, month, candidates.kept, told)
    span = (month.begins, month.ends)
    data = sample_data(walk, month, span, candidates.kept)
    tried = [*candidates.kept, AS_CONFIGURED]
    *outside, configured = evaluate(walk.bench, data, tried, _telling(told, "out of sample"))
    judged = Judged(
        in_sample=tuple(fitted.trials),
        out_of_sample=tuple(outside),
        configured=configured,
        chosen=fitted.chosen.number,
    )
    study = _study(walk, month, (fitted.data, data), judged, candidates.dropped)
    result = _kept_run(walk, month, study, fitted.chosen.parameters)
    study = replace(study, run_id=result.run.run_id, created_at=result.run.created_at)
    trials = trials_to_keep(judged, walk.plan.rank_by)
    walk.studies.save(study, trials)
    return WalkedMonth(study=study, trials=trials, result=result)


def walk_digest(walk: Walk) -> str:
    """Return a digest of all that determines a month besides its bars: plan, agent, rules, costs, code."""
    company, agent = walk.bench.company, asdict(walk.agent)
    for name in ("description", "personality", "owner"):
        del agent[name]
    given = {
        "plan": asdict(walk.plan),
        "agent": agent,
        "risk": asdict(company.risk),
        "costs": asdict(company.broker.costs),
        "capital_usd": company.capital_usd,
        "code": code_digest(
            walk.agent.strategy.name, compiled=walk.bench.kernel_folder is not None
        ),
    }
    return sha256_hex(canonical_json(plain(given)))


def candidates_to_judge(walk: Walk) -> Candidates:
    """Return what a plan tries; InputError when there is nothing to choose among."""
    found = candidates_of(walk.plan, walk.agent)
    if len(found.kept) > 1:
        return found
    kept = "one candidate is" if found.kept else "no candidate is"
    raise InputError(
        f"nothing to choose: {kept} left of config/studies/{walk.plan.agent_id}.yaml"
        f" ({found.dropped} contradicted themselves); write at least two values for a parameter"
    )


def _fit(
    walk: Walk, month: Month, candidates: tuple[Parameters, ...], told: Told | None
) -> _Fitted:
    """Run the candidates in sample and choose; the sample ends where the month begins."""
    data = sample_data(walk, month, (in_sample_begin(walk, month), month.begins), candidates)
    trials = evaluate(walk.bench, data, candidates, _telling(told, "in sample"))
    chosen = best_of(trials, walk.plan.rank_by)
    if chosen is None:
        raise NoDataError(
            f"{month.text}: none of {len(trials)} candidates can be chosen in sample: each lacks"
            f" {needs(walk.plan.rank_by)}; widen the ranges in config/studies/{walk.plan.agent_id}.yaml"
        )
    return _Fitted(data=data, trials=trials, chosen=chosen)


def _telling(told: Told | None, what: str) -> Callable[[int, int], None] | None:
    return None if told is None else lambda done, total: told(what, done, total)


def _study(
    walk: Walk, month: Month, seen: tuple[StudyData, StudyData], judged: Judged, dropped: int
) -> Study:
    """Return the month as a study; its range is that of its trials, in sample."""
    figures = month_figures(judged, walk.plan, dropped)
    chosen = judged.in_sample[judged.chosen]
    begins = in_sample_begin(walk, month)
    config = {
        "rank_by": walk.plan.rank_by,
        "plan": asdict(walk.plan),
        "walk_digest": walk_digest(walk),
        "chosen": dict(chosen.parameters),
        "chosen_number": chosen.number,
        "in_sample": sample_document(seen[0]),
        "out_of_sample": sample_document(seen[1]),
        "notes": [
            *notes_of(figures, walk.plan),
            *data_notes(walk, seen[0], (begins, month.begins), "in sample"),
            *data_notes(walk, seen[1], (month.begins, month.ends), "out of sample"),
        ],
    }
    identity = [config[name] for name in ("walk_digest", "in_sample", "out_of_sample")]
    return Study(
        study_id="wf-" + sha256_hex(canonical_json(plain([month.text, *identity])))[:12],
        kind=StudyKind.WALK_FORWARD,
        agent_id=walk.agent.agent_id,
        part=month.text,
        start=begins,
        end=month.begins,
        config=plain(config),
        summary=figures,
        run_id="",
        created_at=walk.bench.clock.now(),
    )


def _kept_run(walk: Walk, month: Month, study: Study, chosen: Parameters) -> BacktestResult:
    """Store the chosen one's backtest of the month, under an id that a repetition has too."""
    asked = (iso_z(month.begins), iso_z(month.ends))
    result = run_once(replace(walk.bench, breaking=None), agent_with(walk.agent, chosen), asked)
    grid = {name: list(values) for name, values in walk.plan.ranges}
    config = {**result.run.config, "grid": grid, "study_id": study.study_id}
    run_id = "bt-" + sha256_hex(study.study_id)[:12]
    run = replace(result.run, run_id=run_id, config=config)
    walk.bench.backtests.save(run, result.trades, result.equity)
    return replace(result, run=run)
