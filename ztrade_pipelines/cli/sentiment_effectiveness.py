"""`ztrade sentiment effectiveness`: what followed the sentiment that our own decisions saw."""

import click

from ztrade_core.errors import InputError
from ztrade_core.sentiment.effectiveness import (
    LEAST,
    Record,
    decided_with_sentiment,
    outcomes_of,
    records_of,
)
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import count, percent
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

ACCOUNTS = ("paper", "rehearsal")


@click.command(cls=ZtradeCommand)
@click.option(
    "--horizon-bars",
    type=click.IntRange(1, 10_000),
    default=12,
    show_default=True,
    help="The return is from the decision's close to the close so many bars later.",
)
@click.option("--agent", "agent_id", help="Of this agent only.")
@click.option("--account", type=click.Choice(ACCOUNTS), default="paper", show_default=True)
@json_option
def effectiveness(*, horizon_bars: int, agent_id: str | None, account: str, as_json: bool) -> None:
    """Show how often each source was right, by level and agreement, from our own decisions."""
    workshop = office().workshop
    company = workshop.settings.company
    if agent_id is not None and company.agent(agent_id) is None:
        known = ", ".join(agent.agent_id for agent in company.agents) or "none"
        raise InputError(f"no agent {agent_id!r} in config/agents; there are: {known}")
    decided = decided_with_sentiment(workshop.store, account, agent_id)
    view = workshop.market(live=False).view(workshop.clock.now())
    outcomes = outcomes_of(decided, view, horizon_bars)
    records = records_of(outcomes)
    if as_json:
        emit_json(
            {
                "account": account,
                "horizon_bars": horizon_bars,
                "decisions": len(decided),
                "outcomes": len(outcomes),
                "records": records,
            }
        )
        return
    if not decided:
        show(nothing(f"no decision of account {account} saw any sentiment yet"))
        return
    made = table(
        f"Sentiment and the return {count(horizon_bars)} bars later",
        "scorer",
        "=source",
        "=said",
        ">n",
        ">right",
        ">mean return",
    )
    show(
        rows(made, [_cells(one) for one in records]),
        f"{count(len(decided))} decisions saw sentiment, {count(len(outcomes))} are looked at: one in"
        f" {count(horizon_bars)} bars, with its outcome known; nothing is said of fewer than {LEAST}",
    )


def _cells(one: Record) -> tuple[str, ...]:
    return (
        one.scorer,
        one.source,
        one.level,
        count(one.count),
        _with_error(one.accuracy, one.accuracy_error),
        _with_error(one.mean_return, one.return_error, signed=True),
    )


def _with_error(value: float | None, error: float | None, *, signed: bool = False) -> str:
    if value is None or error is None:
        return "-"
    return f"{percent(value, signed=signed)} ± {percent(error)}"
