"""`ztrade risk trial`: what other limits would have made of recorded decisions. Writes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text
from typing_extensions import TypedDict, Unpack

from ztrade_core.errors import InputError
from ztrade_core.studies.rule_trial_limits import NO_CHANGE
from ztrade_pipelines.cli.backtest_run import Watch, progress_bar
from ztrade_pipelines.cli.commands import NOTHING_KEPT, ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import account_option, emit_json, json_option, show

if TYPE_CHECKING:
    from ztrade_core.assembly.rule_trials import ProposedFile
    from ztrade_core.studies.rule_trial import TrialRequest
    from ztrade_core.studies.rule_trial_path import Progress


class TrialOptions(TypedDict):
    """Which decisions, and how many of their days are held out."""

    days: int | None
    first: str | None
    last: str | None
    account: str
    holdout: float
    agents: tuple[str, ...]


@click.command("trial", cls=ZtradeCommand, interrupted=NOTHING_KEPT)
@click.option(
    "--limits",
    "limits",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Proposed limits: a whole file, written as config/risk_limits.yaml.",
)
@click.option("--days", type=int, help="The newest so many days. [default: 30]")
@click.option("--from", "first", metavar="DAY", help="First day (New York) or instant.")
@click.option("--to", "last", metavar="DAY", help="Last day, included, or instant.")
@account_option
@click.option(
    "--holdout",
    type=float,
    default=0.3,
    show_default=True,
    help="Share of the days, the newest, that is held out; 0: none.",
)
@click.option("--agent", "agents", multiple=True, help="Only this agent's; may be repeated.")
@json_option
def trial(*, limits: Path, as_json: bool, **options: Unpack[TrialOptions]) -> None:
    """Try the limits of FILE on recorded decisions: what would have been denied, and what it was worth.

    Two views: each decision by itself (exact), and the whole path played anew (a simulation). Nothing is
    stored, and no limit changes.
    """
    from ztrade_core.assembly.rule_trials import proposed_file  # noqa: PLC0415 - the engines

    proposed = proposed_file(office().settings, limits)
    asked = _request(proposed, options)
    if proposed.risk == office().settings.company.risk:
        _tell_same(as_json=as_json)
        return
    _try(asked, proposed, as_json=as_json)


def _request(proposed: "ProposedFile", options: TrialOptions) -> "TrialRequest":
    from ztrade_core.assembly.rule_trials import is_live  # noqa: PLC0415 - as above
    from ztrade_core.studies.rule_trial import DEFAULT_DAYS, TrialRequest  # noqa: PLC0415

    days, first, last = options["days"], options["first"], options["last"]
    if days is not None and (first is not None or last is not None):
        raise InputError("--days and --from, --to name the period twice: leave one out")
    return TrialRequest(
        risk=proposed.risk,
        account=options["account"],
        live=is_live(options["account"]),
        days=DEFAULT_DAYS if days is None else days,
        first=first,
        last=last,
        holdout=options["holdout"],
        agents=options["agents"],
    )


def _tell_same(*, as_json: bool) -> None:
    if as_json:
        emit_json({"would_change": False, "limits": [], "trial": None})
    else:
        show(Text(NO_CHANGE, style="green"))


def _try(asked: "TrialRequest", proposed: "ProposedFile", *, as_json: bool) -> None:
    from ztrade_core.assembly.rule_trials import trial_room  # noqa: PLC0415 - as above
    from ztrade_core.studies.rule_trial import run_rule_trial  # noqa: PLC0415
    from ztrade_pipelines.cli.risk_trial_document import trial_document  # noqa: PLC0415
    from ztrade_pipelines.cli.risk_trial_view import trial_parts  # noqa: PLC0415

    room = trial_room(office().workshop)
    with progress_bar("rule trial") as watch:
        done = run_rule_trial(room, asked, _progress(watch))
    if as_json:
        emit_json(trial_document(done, proposed.warnings))
    else:
        show(*trial_parts(done, proposed.warnings))


def _progress(watch: Watch | None) -> "Progress | None":
    if watch is None:
        return None

    def told(done: int, total: int) -> None:
        if done == total or done % 100 == 0:
            watch(f"{done} of {total} bars")

    return told
