"""The check of a backtest: nothing that it decided depends on what came later.

It runs with every backtest, briefly, and from the page alone: over the range of the agent's newest
stored run. It blocks nothing: a run that looks ahead is shown as what it is.
"""

from typing import TYPE_CHECKING

import dagster as dg

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.time import iso_z
from ztrade_core.domain.words import counted
from ztrade_pipelines import keys, ui
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.studies.canary_findings import CanaryReport

NO_LOOK_AHEAD = "no_look_ahead"
DESCRIPTION = (
    "Everything known after some moments is changed, the agent runs again: what it saw, decided and did"
    " up to them is the same. A look ahead on other bars than these is not seen, nor one in data of a"
    " mind's own or in a cache of them. A run that repeated a recording or asked a model is not judged."
)


def backtest_checks(company: Company) -> list[dg.AssetChecksDefinition]:
    """Return one check an agent, on its backtests."""
    return [_no_look_ahead(agent.agent_id) for agent in company.agents]


def _no_look_ahead(agent_id: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=keys.backtest_key(agent_id),
        name=NO_LOOK_AHEAD,
        description=DESCRIPTION,
        blocking=False,
        pool=keys.BACKTEST_POOL,
    )
    def no_look_ahead(ztrade: dg.ResourceParam[Ztrade]) -> dg.AssetCheckResult:
        # The engines: only who runs them pays for them.
        from ztrade_core.studies.canary import BRIEF, check_stored  # noqa: PLC0415
        from ztrade_core.studies.canary_subject import why_not_judged  # noqa: PLC0415

        with clear_failures():
            bench = ztrade.bench()
            why = why_not_judged(bench, agent_id)
            if why:
                return not_judged(why)
            return canary_result(check_stored(bench, agent_id, effort=BRIEF))

    return no_look_ahead


def not_judged(why: str) -> dg.AssetCheckResult:
    """Show that nothing can be said: a warning, because Dagster knows no third outcome."""
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description=why)


def canary_result(report: "CanaryReport") -> dg.AssetCheckResult:
    """Show a report as the check's evaluation."""
    moments = [f"{iso_z(each.at)}: {each.name}" for each in report.named]
    if report.drawn:
        drawn = counted(report.drawn, "moment")
        moments.append(f"{drawn} drawn at random, in the compiled kernel alone")
    compared = {
        f"{name}/{what}": value
        for name, counts in (("kernel", report.kernel), ("event_loop", report.loop))
        for what, value in (
            ("moments", counts.moments),
            ("futures", counts.runs),
            ("bars", counts.bars),
            ("decisions", counts.decisions),
            ("executions", counts.fills),
        )
    }
    return dg.AssetCheckResult(
        passed=report.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=report.line(),
        metadata={
            "moments": ui.lines(moments),
            **compared,
            "first_difference": report.difference.line() if report.difference else ui.ABSENT,
            "start": ui.moment(report.begins),
            "end": ui.moment(report.ends),
            "window_bars": ui.number(report.window_bars),
            "why_not_compiled": report.why_not_compiled or ui.ABSENT,
            "seed": report.seed,
        },
    )
