"""`ztrade data retention` and `ztrade data compact`: old rows go, and their space comes back."""

import re
from collections.abc import Sequence

import click
from rich.console import RenderableType

from ztrade_core.assembly.retention import retention_tools
from ztrade_core.domain.configuration import RetentionConfig
from ztrade_core.domain.time import Timeframe
from ztrade_core.errors import InputError
from ztrade_core.market_data.retention import RetentionPlan, apply_retention, plan_retention
from ztrade_core.store.retention import compact as compact_store
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT, count
from ztrade_pipelines.cli.many_values import ManyValuesCommand, several
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import emit_json, json_option, nothing, rows, show, table

CURVES = "backtest_curves"
_DAYS = {"d": 1, "w": 7, "y": 365}
_MOST_DAYS = 36_500


@click.command(cls=ManyValuesCommand)
@several(
    "--keep", "What and how long: 1m=90d 5m=2y backtest_curves=1y; else config/market_data.yaml."
)
@click.option("--dry-run", is_flag=True, help="Say what would go; delete nothing.")
@json_option
def retention(*, keep: Sequence[str], dry_run: bool, as_json: bool) -> None:
    """Delete old bars and backtests' equity curves, after saying which.

    Bars that an open position, an agent's look-back or a rule needs stay, however old they are. The
    ledger, orders, fills and positions are never touched. Broken off, it is simply run again.
    """
    workshop = office().workshop
    policy = policy_of(keep) if keep else workshop.settings.company.market_data.retention
    tools = retention_tools(workshop)
    plan = plan_retention(tools, policy)
    if not as_json:
        show(*_told(plan, policy, dry_run=dry_run))
    deleted: dict[str, int] = {}
    if not dry_run:
        for what, gone in apply_retention(tools, plan):
            deleted[what] = deleted.get(what, 0) + gone
    if as_json:
        emit_json(_document(plan, deleted, dry_run=dry_run))
    elif deleted:
        counts = ", ".join(f"{what} {count(number)}" for what, number in deleted.items())
        show(f"deleted: {counts}; `ztrade data compact` gives their space back")


@click.command(cls=ZtradeCommand)
@click.option(
    "--full", is_flag=True, help="PostgreSQL: give the space to the disk; locks the bars."
)
@json_option
def compact(*, full: bool, as_json: bool) -> None:
    """Give the space of deleted rows back (VACUUM), and count the bars of every series anew.

    SQLite's file becomes small again. PostgreSQL uses the space itself, unless --full is said.
    """
    workshop = office().workshop
    before, after = compact_store(workshop.engine, full=full)
    if as_json:
        emit_json({"bytes_before": before, "bytes_after": after})
        return
    place = workshop.settings.database_place
    show(f"{place}: {_size(before)} before, {_size(after)} after")


def policy_of(keep: Sequence[str]) -> RetentionConfig:
    """Read `1m=90d`, `5m=2y`, `backtest_curves=52w`, `1h=off`; InputError for anything else."""
    days: dict[str, int | None] = {}
    for text in keep:
        name, _, duration = text.partition("=")
        if name not in (*Timeframe, CURVES):
            known = ", ".join((*Timeframe, CURVES))
            raise InputError(f"--keep {text!r}: there is no {name!r}; there are: {known}")
        if name in days:
            raise InputError(f"--keep names {name} twice; keep one")
        days[name] = _days(text, duration)
    return RetentionConfig(
        bars=tuple((one, kept) for one in Timeframe if (kept := days.get(one)) is not None),
        backtest_curves=days.get(CURVES),
    )


def _days(text: str, duration: str) -> int | None:
    if duration == "off":
        return None
    found = re.fullmatch(r"([0-9]{1,5})([dwy])", duration)
    days = int(found[1]) * _DAYS[found[2]] if found else 0
    if not 1 <= days <= _MOST_DAYS:
        raise InputError(
            f"--keep {text!r}: write a time as 90d, 12w, 2y (at most 100y) or off, e.g. 1m=90d"
        )
    return days


def _told(
    plan: RetentionPlan, policy: RetentionConfig, *, dry_run: bool
) -> Sequence[RenderableType]:
    if not policy.bars and policy.backtest_curves is None:
        return [nothing("everything is kept: name what to keep for how long, e.g. --keep 1m=90d")]
    parts: list[RenderableType] = []
    if plan.bars:
        title = "Bars that would go" if dry_run else "Bars that go"
        made = table(title, "=series", ">of", ">bars", "=opened before", "kept older ones for")
        cells = [
            (
                f"{one.symbol} {one.timeframe.value}",
                count(one.of_rows),
                count(one.rows),
                f"{one.before:%Y-%m-%d}",
                one.kept_for or ABSENT,
            )
            for one in plan.bars
        ]
        parts.append(rows(made, cells))
    if plan.curves_before is not None:
        parts.append(
            f"equity curves of {count(plan.curves.runs)} backtests run before"
            f" {plan.curves_before:%Y-%m-%d}: {count(plan.curves.points)} points"
        )
    if plan.is_empty:
        parts.append(nothing("nothing is that old"))
    return parts


def _document(plan: RetentionPlan, deleted: dict[str, int], *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "bars": list(plan.bars),
        "curves": {
            "runs": plan.curves.runs,
            "points": plan.curves.points,
            "before": plan.curves_before,
        },
        "deleted": deleted,
    }


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"
