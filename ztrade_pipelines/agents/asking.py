"""From a run's configuration to core's request."""

from datetime import datetime

from ztrade_core.assembly.by_hand import hand_writer
from ztrade_core.assembly.workshop import Workshop
from ztrade_core.decision_makers.by_hand import Written, text_of
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.domain.time import iso_z, parse_instant
from ztrade_core.errors import InputError
from ztrade_core.trading.desk import CycleRequest
from ztrade_core.trading.requests import parse_mode
from ztrade_pipelines.agents.config import CycleConfig

FIELDS = ("confidence", "rationale", "stop_price", "target_price", "quantity")


def request_of(
    config: CycleConfig, agent: AgentConfig, workshop: Workshop, *, as_of: datetime, holder: str
) -> CycleRequest:
    """Return core's request. Raises InputError for a mode or an answer by hand that is unsound.

    In mode manual without an answer it waits for a person.
    """
    mode, written = parse_mode(config.mode), _written(config)
    if written is not None and mode not in {None, Mode.MANUAL}:
        raise InputError(f"mode {config.mode} and an answer by hand: write one of the two")
    by_hand = written is not None or (mode or agent.mode) is Mode.MANUAL
    if by_hand and config.story is not None:
        raise InputError("story and mode manual: write one of the two; a person decides on a bar")
    workshop.require_mode(Mode.MANUAL if by_hand else mode or agent.mode, agent)
    return CycleRequest(
        agent_id=agent.agent_id,
        as_of=as_of,
        holder=holder,
        dry_run=config.dry_run,
        mode=Mode.MANUAL if by_hand else mode,
        writer=hand_writer(workshop, written) if by_hand else None,
        story=config.story,
    )


def _written(config: CycleConfig) -> Written | None:
    """Return the answer in a run's configuration; None without one."""
    text = _answer(config)
    if text is None:
        for name in ("manual_slot", "manual_shown", "manual_seconds"):
            if getattr(config, name) is not None:
                raise InputError(f"{name} belongs to an answer: write manual_answer beside it")
        return None
    return Written(
        text=text,
        slot=_slot(config.manual_slot),
        shown=config.manual_shown,
        seconds=config.manual_seconds or 0.0,
    )


def _answer(config: CycleConfig) -> str | None:
    given = [f"manual_{name}" for name in FIELDS if getattr(config, f"manual_{name}") is not None]
    if config.manual_action is not None:
        if config.manual_answer is not None:
            raise InputError("manual_answer and manual_action: write one of the two")
        return text_of(
            config.manual_action,
            confidence=config.manual_confidence,
            rationale=config.manual_rationale,
            stop_price=config.manual_stop_price,
            target_price=config.manual_target_price,
            quantity=config.manual_quantity,
        )
    if given:
        raise InputError(f"{', '.join(given)}: write manual_action beside it")
    return config.manual_answer


def _slot(text: str | None) -> str | None:
    """Return a slot as we write it, however its moment was written."""
    if text is None or not text.strip():
        return None
    try:
        return iso_z(parse_instant(text.strip()))
    except ValueError:
        return text.strip()
