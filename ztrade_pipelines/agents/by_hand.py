"""What a person is shown on the page before they decide: the request, and what to write to answer it."""

import re

import dagster as dg

from ztrade_core.assembly.by_hand import desktop_of
from ztrade_core.decision_makers.by_hand import example, request_text
from ztrade_core.domain.canonical import canonical_json
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.trading.observation import Observed
from ztrade_pipelines import ui
from ztrade_pipelines.resources import Ztrade

WAITING = (
    "nothing is claimed: the request waits for a person, see the step observe (moment %s); launch the job"
    " again with manual_answer and manual_slot"
)
MOST_LINE = 4_000
_TICKS = re.compile("`+")


def shown_request(
    context: dg.OpExecutionContext, agent: AgentConfig, ztrade: Ztrade, observed: Observed
) -> ui.Metadata:
    """Describe the request for a person, and log it; strangers' words in it are text, never markup."""
    prompt = desktop_of(ztrade.workshop()).render(observed.snapshot, agent)
    text = visible(request_text(observed.snapshot, agent, prompt))
    context.log.info("%s", text)
    return {
        "request": dg.MetadataValue.md(fenced(text)),
        "to_answer": dg.MetadataValue.md(fenced(run_config_text(observed))),
    }


def run_config_text(observed: Observed) -> str:
    """Return the run configuration that answers a request, with an answer that moves nothing."""
    return (
        f"# beside the keys of this run (as_of, dry_run)\nmode: manual\n"
        f"manual_slot: {observed.key.slot}\nmanual_shown: {observed.snapshot_hash}\n"
        f"manual_answer: |\n  {canonical_json(example())}"
    )


def visible(text: str) -> str:
    """Return a text's lines with nothing in them but what can be seen."""
    return "\n".join(visible_line(line, MOST_LINE) for line in text.splitlines())


def fenced(text: str) -> str:
    """Return text as a block of Markdown that nothing in it can end."""
    ticks = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}text\n{text}\n{fence}"
