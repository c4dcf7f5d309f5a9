"""All rules over one case: which rules stand, and a verdict from each, whatever happens.

An exception inside a rule is a failed verdict: this is one of the few places that catch them all.
"""

from collections.abc import Sequence

from ztrade_core.domain.configuration import Company, RiskLimits
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
from ztrade_core.risk.rules.rule_009_duplicate import DuplicateRule
from ztrade_core.risk.rules.rule_010_throttle import ThrottleRule
from ztrade_core.risk.rules.rule_011_price_collar import PriceCollarRule
from ztrade_core.risk.rules.rule_012_fresh_data import FreshDataRule
from ztrade_core.risk.rules.rule_013_session_open import SessionOpenRule
from ztrade_core.risk.rules.rule_014_fat_finger import FatFingerRule
from ztrade_core.risk.rules.rule_015_book_reconciled import BookReconciledRule
from ztrade_core.risk.rules.rule_016_model_budget import ModelBudgetRule
from ztrade_core.risk.rules.rule_017_runaway import RunawayRule
from ztrade_core.risk.rules.rule_018_paper_fence import PaperFenceRule
from ztrade_core.risk.rules.rule_019_same_configuration import SameConfigurationRule
from ztrade_core.risk.rules.rule_020_universe import UniverseRule
from ztrade_core.risk.rules.rule_021_agent_limits import AgentLimitsRule


def rules_for(company: Company) -> tuple[Rule, ...]:
    """Return every rule with its limit from the configuration, in the order of their ids."""
    limits = company.risk
    return (*_book_rules(limits), *_order_rules(limits), *_agent_rules(company))


def _book_rules(limits: RiskLimits) -> tuple[Rule, ...]:
    """Return 001 to 008: what the book may come to, and who stopped it."""
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
    )


def _order_rules(limits: RiskLimits) -> tuple[Rule, ...]:
    """Return 009 to 015: the order, its inputs, and the book it was judged on."""
    return (
        DuplicateRule(window_seconds=limits.duplicate_window_seconds),
        ThrottleRule(
            per_minute=limits.max_entries_per_minute,
            agent_per_hour=limits.max_agent_entries_per_hour,
        ),
        PriceCollarRule(
            max_gap_bps=limits.max_price_gap_bps,
            min_stop_fraction=limits.min_stop_distance_fraction,
            max_stop_fraction=limits.max_stop_distance_fraction,
        ),
        FreshDataRule(
            required=limits.require_fresh_data,
            max_clock_skew_seconds=limits.max_clock_skew_seconds,
        ),
        SessionOpenRule(required=limits.require_open_session),
        FatFingerRule(
            max_usd=limits.max_order_usd,
            position_multiple=limits.max_order_position_multiple,
            volume_multiple=limits.max_order_volume_multiple,
        ),
        BookReconciledRule(max_age_seconds=limits.max_reconciliation_age_seconds),
    )


def _agent_rules(company: Company) -> tuple[Rule, ...]:
    """Return 016 to 021: the agent and its model, the broker and the configuration."""
    limits = company.risk
    return (
        ModelBudgetRule(limit_usd=company.models.daily_budget_usd),
        RunawayRule(limit=limits.max_failures_in_a_row),
        PaperFenceRule(),
        SameConfigurationRule(required=limits.require_same_configuration),
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
