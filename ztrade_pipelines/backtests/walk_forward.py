"""Walk-forward as assets: `walk_forward/<agent_id>`, monthly partitions, a range of them as one run.

A month that is judged is materialized at once, with its own figures; the last one of a run carries the
months together as well. A month that cannot be judged is not materialized: the run goes on to the next
one and fails at its end, saying why for each.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from ztrade_core.domain.configuration import AgentConfig, Company, MarketDataConfig
from ztrade_core.errors import DataError, InputError, NoDataError
from ztrade_pipelines import keys
from ztrade_pipelines.resources import Ztrade, clear_failures

if TYPE_CHECKING:
    from ztrade_core.studies.walk_forward_data import Walk

WALK_JOB = "walk_forward"
MAX_SECONDS = 4 * 3600
MONTH_FORM = "%Y-%m"
MONTH_LETTERS = 7
TENTHS = 10
MOST_TOLD = 3
Events = Iterator[dg.AssetMaterialization]


def walk_forward_months(config: MarketDataConfig) -> dg.MonthlyPartitionsDefinition:
    """Return the complete New York months since `history_start`; keys are written `2022-05`."""
    return dg.MonthlyPartitionsDefinition(
        start_date=config.history_start[:MONTH_LETTERS],
        timezone="America/New_York",
        fmt=MONTH_FORM,
    )


def walk_forward_assets(company: Company) -> list[dg.AssetsDefinition]:
    """Return the walk-forward of every agent."""
    with warnings.catch_warnings():
        # `backfill_policy` is beta in 1.13, says every start; without it a range is a run a month.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [_asset(company, agent) for agent in company.agents]


def _asset(company: Company, agent: AgentConfig) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.walk_forward_key(agent.agent_id),
        partitions_def=walk_forward_months(company.market_data),
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=[
            dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())
            for key in (keys.bars_key(agent), keys.sentiment_key(agent.symbol))
        ],
        output_required=False,
        group_name=keys.WALKS,
        kinds={"python", agent.instrument.key.lower()},
        owners=[keys.owner_of(agent)],
        tags={keys.AGENT_TAG: agent.agent_id},
        metadata={"symbol": agent.symbol, "timeframe": agent.timeframe.value, "money": "USD"},
        description=f"One partition is one New York month of `{agent.agent_id}`: the parameters in"
        f" `config/studies/{agent.agent_id}.yaml` fitted on the months before it, the best judged on"
        " it alone, beside the agent's own parameters and buy-and-hold.",
        pool=keys.BACKTEST_POOL,
    )
    def walk_forward(
        context: dg.AssetExecutionContext, ztrade: dg.ResourceParam[Ztrade]
    ) -> Iterator[dg.AssetMaterialization]:
        with clear_failures():
            if _is_left_out(context, ztrade, agent.agent_id):
                return
            yield from _walked(context, ztrade, agent.agent_id)

    return walk_forward


def _is_left_out(context: dg.AssetExecutionContext, ztrade: Ztrade, agent_id: str) -> bool:
    """Whether the agent has no file in config/studies, but another one of the run has.

    Raises InputError for a run without months.
    """
    from ztrade_core.settings.studies import has_study_plan  # noqa: PLC0415 - with the others

    if not (context.has_partition_key or context.has_partition_key_range):
        raise InputError(
            "walk-forward judges months, and this run has none: choose partitions on the page, or run"
            " `ztrade study walk-forward AGENT`"
        )
    settings = ztrade.workshop().settings
    if has_study_plan(settings, agent_id):
        return False
    asked = context.run.asset_selection
    for other in settings.company.agents:
        is_asked = asked is None or keys.walk_forward_key(other.agent_id) in asked
        if is_asked and has_study_plan(settings, other.agent_id):
            context.log.info("%s is left out: it has no config/studies/%s.yaml", agent_id, agent_id)
            return True
    return False


def _walked(context: dg.AssetExecutionContext, ztrade: Ztrade, agent_id: str) -> Events:
    """Judge the run's months, each materialized as soon as the next one is done."""
    # Loads the engines and the pictures: only who walks forward pays for them.
    from ztrade_core.settings.studies import load_study_plan  # noqa: PLC0415
    from ztrade_core.studies.walk_forward import candidates_to_judge, walk_month  # noqa: PLC0415
    from ztrade_core.studies.walk_forward_data import walk_of  # noqa: PLC0415
    from ztrade_core.studies.walk_forward_months import month_of  # noqa: PLC0415
    from ztrade_pipelines.backtests.walk_forward_view import month_metadata  # noqa: PLC0415

    workshop = ztrade.workshop()
    plan = load_study_plan(workshop.settings, agent_id)
    walk = walk_of(ztrade.bench(), workshop.studies, plan)
    candidates_to_judge(walk)
    problems: list[DataError | InputError] = []
    waiting: tuple[str, dict[str, Any]] | None = None
    for text in context.partition_keys:
        try:
            month = walk_month(walk, month_of(text), _told(context, agent_id, text))
        except (InputError, NoDataError) as error:
            context.log.warning("%s", error)
            problems.append(error)
            continue
        if waiting is not None:
            yield _materialized(agent_id, *waiting)
        waiting = (text, month_metadata(month))
    if waiting is not None:
        text, metadata = waiting
        yield _materialized(agent_id, text, {**metadata, **_whole(walk)})
    _raise_if_any(problems, len(context.partition_keys))


def _materialized(agent_id: str, text: str, metadata: dict[str, Any]) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        asset_key=keys.walk_forward_key(agent_id), partition=text, metadata=metadata
    )


def _whole(walk: "Walk") -> dict[str, Any]:
    from ztrade_core.studies.walk_forward_whole import kept_months, whole_of  # noqa: PLC0415
    from ztrade_pipelines.backtests.walk_forward_view import whole_metadata  # noqa: PLC0415

    try:
        whole = whole_of(walk, list(kept_months(walk).values()))
    except NoDataError as error:  # another month's run or bars are gone: this one stands
        return {"whole/warnings": f"not put together: {error}"}
    return whole_metadata(whole, f"{walk.agent.agent_id} on {walk.agent.symbol}")


def _told(
    context: dg.AssetExecutionContext, agent_id: str, text: str
) -> Callable[[str, int, int], None]:
    """Write a line to the run's log at each tenth of the candidates."""
    before = {"tenth": 0}

    def told(what: str, done: int, total: int) -> None:
        tenth = TENTHS * done // max(total, 1)
        if tenth != before["tenth"]:
            before["tenth"] = tenth
            context.log.info("%s %s %s: %s of %s candidates", agent_id, text, what, done, total)

    return told


def _raise_if_any(problems: list[DataError | InputError], months: int) -> None:
    if len(problems) == 1:
        raise problems[0]
    if problems:
        said = "; ".join(str(problem) for problem in problems[:MOST_TOLD])
        if len(problems) > MOST_TOLD:
            said += f"; and {len(problems) - MOST_TOLD} more, in the run's log"
        raise NoDataError(f"{len(problems)} of {months} months are not judged: {said}")


def walk_forward_job() -> Any:
    """Return the job that walks every agent forward over a month or a range of months."""
    return dg.define_asset_job(
        WALK_JOB,
        selection=dg.AssetSelection.groups(keys.WALKS),
        description="Fit the parameters of every agent on the months before a month, and judge the"
        " best on it alone; a range of months is one run.",
        run_tags={keys.WORKLOAD_TAG: "backtest", keys.MAX_RUNTIME_TAG: str(MAX_SECONDS)},
        executor_def=dg.in_process_executor,
    )
