"""The run configuration of a rule trial, and what it asks for."""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from ztrade_core.errors import InputError
from ztrade_pipelines.resources import PAPER, REHEARSAL

if TYPE_CHECKING:
    from ztrade_core.domain.configuration import RiskLimits
    from ztrade_core.studies.rule_trial import TrialRequest


class RuleTrialConfig(dg.Config):
    """Which limits on which decisions."""

    limits: str = Field(
        description="The file of proposed limits, whole, written as config/risk_limits.yaml: a path, from"
        " the project's folder where it is not absolute."
    )
    days: int = Field(default=30, description="The newest so many New York days.")
    first: str = Field(default="", description="Instead of days: the first day, like 2022-12-01.")
    last: str = Field(default="", description="With first: the last day, included.")
    account: str = Field(default=PAPER, description=f"{PAPER} or {REHEARSAL}.")
    holdout: float = Field(default=0.3, description="Share of the days, the newest, held out.")
    agents: list[str] = Field(
        default_factory=list, description="Only these agents' decisions. None named: all."
    )


def request_of(config: RuleTrialConfig, risk: "RiskLimits") -> "TrialRequest":
    """Return what a run's configuration asks for; InputError for an unknown account."""
    from ztrade_core.assembly.rule_trials import is_live  # noqa: PLC0415 - the engines
    from ztrade_core.assembly.workshop import ACCOUNTS  # noqa: PLC0415
    from ztrade_core.studies.rule_trial import TrialRequest  # noqa: PLC0415

    if config.account not in ACCOUNTS:
        raise InputError(f"no account {config.account!r}; there are: {', '.join(ACCOUNTS)}")
    return TrialRequest(
        risk=risk,
        account=config.account,
        live=is_live(config.account),
        days=config.days,
        first=config.first or None,
        last=config.last or None,
        holdout=config.holdout,
        agents=tuple(config.agents),
    )
