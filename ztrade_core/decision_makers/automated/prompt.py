"""What a model is told: the rendered prompt of one agent at one moment. A pure function.

The system's part depends on the agent and the limits only, so that it can be cached; everything of the
moment, and every stranger's text, is in the other part. What does not belong here: asking, and reading files.
"""

from dataclasses import dataclass

from ztrade_core.decision_makers.automated.prompt_files import PromptFiles
from ztrade_core.decision_makers.automated.told_market import (
    LOOKBACK_BARS,
    bars_table,
    technicals_table,
)
from ztrade_core.decision_makers.automated.told_orders import pending_told
from ztrade_core.decision_makers.automated.told_standing import (
    company_limits_told,
    issues_told,
    own_limits_told,
    position_told,
    session_told,
)
from ztrade_core.decision_makers.automated.told_stories import (
    RecentDecision,
    decisions_told,
    fence_of,
    sentiment_told,
    stories_told,
)
from ztrade_core.domain.configuration import AgentConfig, RiskLimits
from ztrade_core.domain.snapshots import MarketSnapshot
from ztrade_core.domain.time import NEW_YORK

MOST_MOMENT_BYTES = 24 * 1024
"""The moment's part is always smaller: every text in it is bounded."""
STORIES = "STORIES"
DECISIONS = "DECISIONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Both parts, and the digest of the files they were rendered from."""

    system: str
    moment: str
    digest: str

    @property
    def bytes(self) -> int:
        """How long both are in UTF-8."""
        return len(self.system.encode()) + len(self.moment.encode())


SYSTEM_FIELDS = (
    "agent_id",
    "symbol",
    "timeframe",
    "personality",
    "own_limits",
    "company_limits",
    "stop_fraction",
    "target_fraction",
)
MOMENT_FIELDS = (
    "symbol",
    "timeframe",
    "moment_utc",
    "moment_new_york",
    "session",
    "issues",
    "bar_source",
    "bar_count",
    "bars",
    "technicals",
    "sentiment",
    "stories",
    "position",
    "pending",
    "decisions",
)


def require_fields(files: PromptFiles) -> None:
    """Raise ConfigError, before anybody asks, for files that do not tell exactly our fields."""
    files.system.filled(dict.fromkeys(SYSTEM_FIELDS, ""))
    files.moment.filled(dict.fromkeys(MOMENT_FIELDS, ""))


def render(
    files: PromptFiles,
    snapshot: MarketSnapshot,
    *,
    agent: AgentConfig,
    risk: RiskLimits,
    recent: tuple[RecentDecision, ...] = (),
) -> Prompt:
    """Return the prompt of a moment. Raises ConfigError for fields that files and code do not share."""
    return Prompt(
        system=render_system(files, agent, risk),
        moment=_moment(files, snapshot, recent),
        digest=files.digest,
    )


def render_system(files: PromptFiles, agent: AgentConfig, risk: RiskLimits) -> str:
    """Return the part that stays the same from moment to moment."""
    limits = agent.limits
    return files.system.filled(
        {
            "agent_id": agent.agent_id,
            "symbol": agent.symbol,
            "timeframe": agent.timeframe.value,
            "personality": agent.personality.strip() or agent.description,
            "own_limits": own_limits_told(limits),
            "company_limits": company_limits_told(risk),
            "stop_fraction": f"{100.0 * limits.stop_loss_fraction:g} %",
            "target_fraction": f"{100.0 * limits.take_profit_fraction:g} %",
        }
    )


def _moment(
    files: PromptFiles, snapshot: MarketSnapshot, recent: tuple[RecentDecision, ...]
) -> str:
    seen = snapshot.content_hash()
    as_of = snapshot.as_of
    return files.moment.filled(
        {
            "symbol": snapshot.symbol,
            "timeframe": snapshot.bars.timeframe.value,
            "moment_utc": f"{as_of:%A, %d %B %Y, %H:%M:%S} UTC",
            "moment_new_york": f"{as_of.astimezone(NEW_YORK):%H:%M:%S} in New York",
            "session": session_told(snapshot),
            "issues": issues_told(snapshot),
            "bar_source": snapshot.bar_source,
            "bar_count": str(min(len(snapshot.bars), LOOKBACK_BARS)),
            "bars": bars_table(snapshot.bars),
            "technicals": technicals_table(snapshot.bars),
            "sentiment": sentiment_told(snapshot.sentiment),
            "stories": stories_told(snapshot.sentiment, fence_of(seen, STORIES), as_of),
            "position": position_told(snapshot),
            "pending": pending_told(snapshot),
            "decisions": decisions_told(recent, fence_of(seen, DECISIONS)),
        }
    )
