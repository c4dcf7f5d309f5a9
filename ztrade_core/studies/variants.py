"""One agent run several times over the same bars, each time with something else about it changed.

What the studies of costs and of sentiment share: a run's figures, equal to those that a stored run has,
and the study that is kept of them. Not here: what is varied, and what follows from it.
"""

from dataclasses import asdict, dataclass, replace

from ztrade_core.backtest.engines import run_agent
from ztrade_core.backtest.loop import LoopInput, LoopOutput
from ztrade_core.backtest.ranges import parse_range
from ztrade_core.backtest.runs import Bench, gaps_in, series_digest
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.canonical import canonical_json, plain, sha256_hex
from ztrade_core.domain.equity import curve_of
from ztrade_core.domain.sentiment import SentimentSeries
from ztrade_core.domain.studies import Figures, Parameters, Study, StudyKind, Trial
from ztrade_core.domain.time import from_micros
from ztrade_core.performance.baseline import buy_and_hold
from ztrade_core.performance.metrics import CostsPaid, measure
from ztrade_core.studies.evaluation import StudyData

PREFIXES = {StudyKind.COSTS: "co-", StudyKind.SENTIMENT: "se-"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One run of a study: its label, what is changed as numbers by name, and what it runs with."""

    label: str
    parameters: Parameters
    bench: Bench
    sentiment: SentimentSeries | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Varied:
    """A finished study: as stored, a label and a trial each variant, and what is to be said of it."""

    study: Study
    labels: tuple[str, ...]
    trials: list[Trial]
    notes: tuple[str, ...]


def run_variants(data: StudyData, variants: list[Variant]) -> list[Trial]:
    """Run every variant and return its figures, those that `backtest.runs` stores for such a run."""
    return [_run(data, number, each, len(variants)) for number, each in enumerate(variants)]


def _run(data: StudyData, number: int, variant: Variant, runs: int) -> Trial:
    bench, agent = variant.bench, data.agent
    done = run_agent(
        LoopInput(
            company=bench.company,
            agent=agent,
            maker=bench.maker_of(agent),
            calendar=bench.calendar,
            series=data.series,
            first=data.first,
            source=data.source,
            sentiment=variant.sentiment,
        ),
        bench.kernel_folder,
        worth_bars=bench.worth_bars // runs,
    )
    return Trial(
        number=number,
        parameters=variant.parameters,
        metrics=_figures(bench, data, done.output),
        why_not_compiled=done.why_not_compiled,
    )


def _figures(bench: Bench, data: StudyData, output: LoopOutput) -> Figures:
    agent, decided = data.agent, decided_bars(data)
    held = buy_and_hold(
        decided,
        curve_of(output.equity).timestamps,
        capital_usd=agent.allocated_usd,
        costs=bench.company.broker.costs,
    )
    figures = measure(
        output.equity,
        output.fills,
        capital_usd=agent.allocated_usd,
        asset_class=agent.instrument.asset_class,
        buy_and_hold=held,
        costs=CostsPaid(commission_usd=output.commission_usd, coin_fees_usd=output.coin_fees_usd),
    )
    return {
        **figures,
        "bars": len(decided),
        "missing_bars": gaps_in(bench, agent, decided)["missing_bars"],
        "halts": sum(output.halts.values()),
    }


def decided_bars(data: StudyData) -> BarSeries:
    """Return the bars that are decided on, without the warm-up."""
    return data.series.window(data.first, len(data.series))


def study_of(
    kind: StudyKind,
    bench: Bench,
    data: StudyData,
    asked: tuple[str, str],
    config: dict[str, object],
) -> Study:
    """Return the study without its summary; the same question on the same bars has the same id."""
    begins, ends = parse_range(*asked)
    whole = plain({**config, **_determining(bench, data)})
    return Study(
        study_id=PREFIXES[kind] + sha256_hex(canonical_json(whole))[:12],
        kind=kind,
        agent_id=data.agent.agent_id,
        part="",
        start=begins,
        end=max(begins, min(ends, bench.clock.now())),
        config=whole,
        summary={},
        run_id="",
        created_at=bench.clock.now(),
    )


def _determining(bench: Bench, data: StudyData) -> dict[str, object]:
    """Return what determines a run besides what is varied."""
    company, agent, decided = bench.company, asdict(data.agent), decided_bars(data)
    for name in ("description", "personality", "owner"):
        del agent[name]
    return {
        "agent": agent,
        "risk": asdict(company.risk),
        "costs": asdict(company.broker.costs),
        "capital_usd": company.capital_usd,
        "data": {
            "symbol": decided.symbol,
            "timeframe": decided.timeframe,
            "source": data.source,
            "first_bar": from_micros(int(decided.timestamps[0])),
            "last_bar": decided.last_open,
            "bars": len(decided),
            "digest": series_digest(data.series),
        },
    }


def concluded(study: Study, summary: Figures, labels: list[str], notes: list[str]) -> Study:
    """Return the study with what came out of it."""
    config = {**study.config, "variants": labels, "notes": notes}
    return replace(study, config=config, summary=summary)


def number_of(figures: Figures, name: str) -> float | None:
    """Return a figure as a float; None where it does not exist."""
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) else None
