"""A parameter sweep: every candidate of a plan over one range, and the best as a full backtest.

What is chosen is chosen from all that was tried: the study and its trials are stored, so that the
deflated Sharpe ratio of the best run counts them. All is kept at the end, or nothing: the study with its
trials in one transaction, then the backtest; a sweep that is interrupted leaves no row.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median

from ztrade_core.backtest.ranges import parse_range
from ztrade_core.backtest.runs import BacktestResult, Bench, run_once, series_digest
from ztrade_core.domain.canonical import canonical_json, plain, sha256_hex
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.studies import Figures, Study, StudyKind, StudyPlan, Trial
from ztrade_core.domain.time import from_micros, iso_z
from ztrade_core.errors import InputError, NoDataError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.studies import StudyStore
from ztrade_core.studies.candidates import (
    Candidates,
    best_of,
    candidates_of,
    combinations,
    metric,
)
from ztrade_core.studies.evaluation import StudyData, agent_with, evaluate, load_study_data

PERCENT = 100
DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStep:
    """How far a sweep is: candidates done, in all, and about how long the rest takes."""

    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A finished sweep; `best` is the full backtest of the best trial, None when none has the metric."""

    study: Study
    trials: list[Trial]
    best: BacktestResult | None


Watch = Callable[[SweepStep], None]


def range_of(bench: Bench, agent_id: str, start: str | None, end: str | None) -> tuple[str, str]:
    """Return a range as text, what is left out from the agent's stored bars.

    Raises InputError for an unknown agent, NoDataError without bars.
    """
    agent = agent_of(bench, agent_id)
    for stored in bench.bars.status():
        if (stored.symbol, stored.timeframe) == (agent.symbol, agent.timeframe):
            last = stored.last_open + agent.timeframe.duration
            return start or iso_z(stored.first_open), end or iso_z(last)
    raise NoDataError(
        f"no bars of {agent.symbol} {agent.timeframe} in the store; `ztrade data import PATH...`"
        " brings some"
    )


def agent_of(bench: Bench, agent_id: str) -> AgentConfig:
    """Return an agent; InputError when there is none of that id."""
    agent = bench.company.agent(agent_id)
    if agent is None:
        known = ", ".join(each.agent_id for each in bench.company.agents)
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    return agent


def run_sweep(
    bench: Bench,
    studies: StudyStore,
    plan: StudyPlan,
    asked: tuple[str, str],
    watch: Watch | None = None,
) -> Sweep:
    """Try a plan's candidates over a range of stored bars, and keep study, trials and best run.

    Raises InputError for an unknown agent, a bad range, and when every combination contradicts
    itself; NoDataError without bars.
    """
    agent = agent_of(bench, plan.agent_id)
    began = bench.clock.now()
    candidates = candidates_of(plan, agent)
    if not candidates.kept:
        raise InputError(
            f"all {candidates.dropped} combinations of {agent.agent_id} contradict themselves: widen"
            f" the ranges in config/studies/{agent.agent_id}.yaml"
        )
    data = load_study_data(bench, agent, *asked, candidates.kept)
    progress = None if watch is None else _each_percent(bench.clock, watch)
    trials = evaluate(bench, data, candidates.kept, progress)
    seconds = (bench.clock.now() - began).total_seconds()
    best = best_of(trials, plan.rank_by)
    study = _study(bench, plan, asked, data, (candidates, trials, best, seconds))
    result = None if best is None else _chosen(bench, agent_with(agent, best.parameters), study)
    study = study if result is None else replace(study, run_id=result.run.run_id)
    studies.save(study, trials)
    if result is not None:
        bench.backtests.save(result.run, result.trades, result.equity)
    return Sweep(study=study, trials=trials, best=result)


def _each_percent(clock: Clock, watch: Watch) -> Callable[[int, int], None]:
    """Tell `watch` at each percent, with the time that the rest takes at the pace so far."""
    began, told = clock.now(), 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        percent = PERCENT * done // total
        if percent > told:
            told = percent
            passed = (clock.now() - began).total_seconds()
            watch(SweepStep(done=done, total=total, seconds_left=passed / done * (total - done)))

    return progress


def _chosen(bench: Bench, agent: AgentConfig, study: Study) -> BacktestResult:
    """Run the best candidate as a backtest of its own; its configuration names study and ranges."""
    bars_only = replace(bench, breaking=None)
    result = run_once(bars_only, agent, (iso_z(study.start), iso_z(study.end)))
    beside = {"grid": study.config["ranges"], "study_id": study.study_id}
    if "breaking_news" in study.config:
        beside["breaking_news"] = study.config["breaking_news"]
    return replace(result, run=replace(result.run, config={**result.run.config, **beside}))


def _study(
    bench: Bench,
    plan: StudyPlan,
    asked: tuple[str, str],
    data: StudyData,
    found: tuple[Candidates, Sequence[Trial], Trial | None, float],
) -> Study:
    candidates, trials, best, seconds = found
    begins, ends = parse_range(*asked)
    ends = max(begins, min(ends, bench.clock.now()))
    config, created = _config(bench, plan, data), bench.clock.now()
    identity = canonical_json({"config": config, "asked": [begins, ends], "created": created})
    return Study(
        study_id="sw-" + sha256_hex(identity)[:DIGITS],
        kind=StudyKind.SWEEP,
        agent_id=plan.agent_id,
        part="",
        start=begins,
        end=ends,
        config=config,
        summary={
            "combinations": combinations(plan),
            "trials": len(trials),
            "dropped": candidates.dropped,
            "event_loop_trials": sum(1 for trial in trials if trial.why_not_compiled),
            "seconds": seconds,
            **summary_of(trials, plan.rank_by),
            "best_trial": None if best is None else best.number,
        },
        run_id="",
        created_at=created,
    )


def summary_of(trials: Sequence[Trial], rank_by: str) -> Figures:
    """Return what trials say together: how many have the metric, its best and median, how many gained."""
    values = [value for trial in trials if (value := metric(trial, rank_by)) is not None]
    best = best_of(trials, rank_by)
    returns = [metric(trial, "total_return") or 0.0 for trial in trials]
    return {
        "rank_by": rank_by,
        "ranked_trials": len(values),
        "best": None if best is None else metric(best, rank_by),
        "median": median(values) if values else None,
        "profitable_fraction": sum(1 for each in returns if each > 0.0) / len(trials)
        if trials
        else None,
    }


def _config(bench: Bench, plan: StudyPlan, data: StudyData) -> dict[str, object]:
    decided = data.series.window(data.first, len(data.series))
    agent, company = data.agent, bench.company
    content: dict[str, object] = plain(
        {
            "method": plan.method,
            "samples": plan.samples,
            "seed": plan.seed,
            "rank_by": plan.rank_by,
            "ranges": {name: list(values) for name, values in plan.ranges},
            "agent": {**asdict(agent), "personality": sha256_hex(agent.personality)},
            "risk": asdict(company.risk),
            "costs": asdict(company.broker.costs),
            "config_digest": company.digest,
            "data": {
                "symbol": agent.symbol,
                "timeframe": agent.timeframe,
                "source": data.source,
                "first_bar": from_micros(int(decided.timestamps[0])),
                "last_bar": decided.last_open,
                "bars": len(decided),
                "digest": series_digest(decided),
            },
            **data.mood.entry,
        }
    )
    return content
