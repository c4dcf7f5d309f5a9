"""A file of risk limits: config/risk_limits.yaml, or one that is proposed in its place."""

from pathlib import Path

from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.errors import ConfigError
from ztrade_core.settings.explain import validate
from ztrade_core.settings.models import RiskLimitsFile
from ztrade_core.settings.project import shown_path
from ztrade_core.settings.yaml_text import parse_mapping, read_text


def load_limits(path: Path, root: Path) -> RiskLimits:
    """Return the limits that a file writes, every key of them; ConfigError names file and key."""
    shown = shown_path(path, root)
    found = validate(RiskLimitsFile, parse_mapping(read_text(path, shown), shown), shown)
    _check_overlap(found, shown)
    return found.to_domain()


def _check_overlap(risk: RiskLimitsFile, shown: str) -> None:
    if risk.correlation_min_overlap > risk.correlation_returns:
        raise ConfigError(
            f"{shown}: correlation_min_overlap: {risk.correlation_min_overlap} is over "
            f"correlation_returns {risk.correlation_returns}; write at most that"
        )
