"""From a run's configuration to core's request."""

from datetime import datetime

from ztrade_core.domain.configuration import Mode
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.requests import ManualDecision, manual_proposal, parse_mode
from ztrade_pipelines.agents.config import CycleConfig


def request_of(config: CycleConfig, agent_id: str, *, as_of: datetime, holder: str) -> CycleRequest:
    """Return core's request. Raises InputError for a mode or a manual decision that is unsound."""
    mode = parse_mode(config.mode)
    manual = _manual(config)
    if mode is Mode.MANUAL and manual is None:
        raise InputError("mode manual: write manual_action (buy, sell or hold) and its confidence")
    if manual is not None and mode not in {None, Mode.MANUAL}:
        raise InputError(f"mode {config.mode} and manual_action: write one of the two")
    if manual is not None and config.story is not None:
        raise InputError("story and manual_action: write one of the two; a person decides on a bar")
    return CycleRequest(
        agent_id=agent_id,
        as_of=as_of,
        holder=holder,
        dry_run=config.dry_run,
        mode=None if manual is not None else mode,
        manual=None if manual is None else manual_proposal(manual),
        story=config.story,
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
