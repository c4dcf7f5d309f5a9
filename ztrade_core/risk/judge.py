"""All rules over one case: which rules stand, and a verdict from each, whatever happens.

An exception inside a rule is a failed verdict: this is one of the few places that catch them all.
"""

from collections.abc import Sequence

from ztrade_core.domain.configuration import Company
from ztrade_core.domain.decisions import Verdict
from ztrade_core.logs import get_logger
from ztrade_core.risk.case import RiskCase
from ztrade_core.risk.rule import Rule, ruling
from ztrade_core.risk.rules.rule_001_agent_exposure import AgentExposureRule
from ztrade_core.risk.rules.rule_002_daily_loss import DailyLossRule
from ztrade_core.risk.rules.rule_003_stop_loss import StopLossRule
from ztrade_core.risk.rules.rule_004_correlation import CorrelationRule
from ztrade_core.risk.rules.rule_005_symbol_exposure import SymbolExposureRule
from ztrade_core.risk.rules.rule_006_gross_exposure import GrossExposureRule
from ztrade_core.risk.rules.rule_007_chain import ChainRule
from ztrade_core.risk.rules.rule_008_manual_halt import ManualHaltRule
from ztrade_core.risk.rules.rule_012_fresh_data import FreshDataRule
from ztrade_core.risk.rules.rule_013_session_open import SessionOpenRule
from ztrade_core.risk.rules.rule_020_universe import UniverseRule
from ztrade_core.risk.rules.rule_021_agent_limits import AgentLimitsRule


def rules_for(company: Company) -> tuple[Rule, ...]:
    """Return every rule with its limit from the configuration, in the order of their ids."""
    limits = company.risk
    return (
        AgentExposureRule(limit_fraction=limits.max_agent_exposure_fraction),
        DailyLossRule(
            limit_fraction=limits.max_daily_loss_fraction,
            drawdown_fraction=limits.max_drawdown_fraction,
        ),
        StopLossRule(required=limits.require_stop_loss),
        CorrelationRule(
            limit=limits.max_correlated_positions, threshold=limits.correlation_threshold
        ),
        SymbolExposureRule(limit_fraction=limits.max_symbol_fraction),
        GrossExposureRule(limit_fraction=limits.max_gross_exposure_fraction),
        ChainRule(required=limits.verify_chain),
        ManualHaltRule(required=limits.respect_halts),
        FreshDataRule(
            required=limits.require_fresh_data,
            max_clock_skew_seconds=limits.max_clock_skew_seconds,
        ),
        SessionOpenRule(required=limits.require_open_session),
        UniverseRule(
            required=limits.long_only_universe, min_stock_price_usd=limits.min_stock_price_usd
        ),
        AgentLimitsRule(required=limits.enforce_agent_limits),
    )


def judge(case: RiskCase, rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """Return one verdict per rule, in their order; a rule that raises has failed."""
    return tuple(_verdict(case, rule) for rule in rules)


def denials(case: RiskCase, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts that deny: the failed ones of an entry, none of an exit or a hold."""
    if not case.is_entry:
        return ()
    return tuple(verdict for verdict in verdicts if not verdict.passed)


def _verdict(case: RiskCase, rule: Rule) -> Verdict:
    try:
        return rule.judge(case)
    except Exception as error:  # noqa: BLE001 - a rule that fails must deny, not end the cycle
        kind = type(error).__name__
        get_logger(__name__).exception(
            "rule_raised", rule_id=rule.rule_id, agent_id=case.agent.agent_id
        )
        return ruling(
            rule, f"{rule.rule_id} could not judge: it raised {kind}: {error}", passed=False
        )
