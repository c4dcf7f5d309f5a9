"""What a person may ask of an agent's run, flat, and how it becomes core's request."""

from datetime import datetime

import dagster as dg
from pydantic import Field

from ztrade_core.domain.configuration import Mode
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.requests import ManualDecision, manual_proposal, parse_mode


class CycleConfig(dg.Config):
    """One cycle's run configuration. Everything may be left out: then the agent decides, now, live."""

    as_of: str | None = Field(
        default=None,
        description="A past moment with an offset, e.g. 2022-12-28T15:00:00Z: the run reads the"
        " store only and trades on the account `rehearsal`. Left out: now, on the account `paper`.",
    )
    dry_run: bool = Field(
        default=False,
        description="Decide and judge, but claim nothing and send nothing; it may be repeated.",
    )
    mode: str | None = Field(
        default=None,
        description="Who decides: strategy, automated, subagent, manual. Left out: the agent's own.",
    )
    manual_action: str | None = Field(
        default=None, description="A person's decision: buy, sell or hold. The rules stand."
    )
    manual_confidence: float | None = Field(default=None, description="From 0 to 1.")
    manual_rationale: str | None = Field(default=None, description="Why; it is recorded.")
    manual_stop_price: float | None = Field(
        default=None, description="Absolute price; left out: the agent's distance."
    )
    manual_target_price: float | None = Field(
        default=None, description="Absolute price; left out: the agent's distance."
    )
    manual_quantity: float | None = Field(
        default=None, description="Shares or coins, at most; left out: sized by the rules."
    )


def request_of(config: CycleConfig, agent_id: str, *, as_of: datetime, holder: str) -> CycleRequest:
    """Return core's request. Raises InputError for a mode or a manual decision that is unsound."""
    mode = parse_mode(config.mode)
    manual = _manual(config)
    if mode is Mode.MANUAL and manual is None:
        raise InputError("mode manual: write manual_action (buy, sell or hold) and its confidence")
    if manual is not None and mode not in {None, Mode.MANUAL}:
        raise InputError(f"mode {config.mode} and manual_action: write one of the two")
    return CycleRequest(
        agent_id=agent_id,
        as_of=as_of,
        holder=holder,
        dry_run=config.dry_run,
        mode=None if manual is not None else mode,
        manual=None if manual is None else manual_proposal(manual),
    )


def _manual(config: CycleConfig) -> ManualDecision | None:
    if config.manual_action is None:
        return None
    return ManualDecision(
        action=config.manual_action,
        confidence=config.manual_confidence,
        rationale=config.manual_rationale,
        stop_price=config.manual_stop_price,
        target_price=config.manual_target_price,
        quantity=config.manual_quantity,
    )
