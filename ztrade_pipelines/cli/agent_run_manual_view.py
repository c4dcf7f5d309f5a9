"""How a request looks to the person who decides, and what their answer would come to."""

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.text import Text

from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.decisions import Outcome, Proposal
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.trading.admission import Draft
from ztrade_core.trading.judging import Judged
from ztrade_core.trading.observation import Observed
from ztrade_pipelines.cli.decisions import OUTCOME_STYLE, fields
from ztrade_pipelines.cli.formats import percent, price, quantity, usd

MOST_LINE = 4_000
MOST_INDENT = 40


def request_lines(text: str) -> Text:
    """Return a request as visible characters, its lines as they are; nothing in it is markup."""
    return Text("\n".join(_line(each) for each in text.splitlines()))


def _line(line: str) -> str:
    inner = line.lstrip(" ")
    return " " * min(len(line) - len(inner), MOST_INDENT) + visible_line(inner, MOST_LINE)


def come_to(
    agent: AgentConfig, observed: Observed, meant: Proposal, judged: Judged
) -> list[RenderableType]:
    """Return what an answer would come to, judged on the book as it stands."""
    key, style = observed.key, OUTCOME_STYLE[judged.outcome]
    outcome = Text(f"{judged.outcome.value.upper()}, as judged now", style=f"bold {style}")
    lines: list[tuple[str, str | Text]] = [
        ("action", f"{meant.action.value.upper()} {agent.symbol}"),
        *_asked_for(judged.draft, agent.symbol),
        ("confidence", percent(meant.confidence, digits=0)),
        ("rationale", visible_line(meant.rationale, MOST_LINE)),
        ("outcome", outcome),
    ]
    if judged.outcome is not Outcome.HELD and judged.reason != meant.rationale:
        lines.append(("reason", visible_line(judged.reason, MOST_LINE)))
    failing = [each for each in judged.verdicts if not each.passed]
    lines += [(each.rule_id, Text(each.message, style="red")) for each in failing]
    title = Text(
        f"{agent.agent_id} · slot {key.slot} · {key.account} account, epoch {key.account_epoch}"
    )
    return [Panel(fields(lines), title=title, title_align="left", border_style=style)]


def _asked_for(draft: Draft, symbol: str) -> list[tuple[str, str | Text]]:
    asked = draft.candidate
    if asked is None:
        return [("order", f"none{': ' + draft.reason if draft.reason else ''}")]
    text = f"{quantity(asked.quantity)} {symbol}"
    if draft.limit_price is not None:
        text += f" at most {price(draft.limit_price)} = {usd(asked.quantity * draft.limit_price)}"
    lines: list[tuple[str, str | Text]] = [("order", f"{asked.side.value} {text}")]
    if asked.stop_price is not None:
        lines.append(("stop", price(asked.stop_price)))
    if asked.target_price is not None:
        lines.append(("target", price(asked.target_price)))
    return lines


def screen(*, on_error: bool) -> Console:
    """Return the console for the talk with a person; standard error where a document is printed."""
    return Console(highlight=False, emoji=False, markup=False, stderr=on_error)
