"""The prompt of one moment, as `docs/guides/prompt-example.md` shows it; the moment is invented.

After a change to the prompt's files, to what is told, or to the schema:

    .venv/bin/python -m tests.golden.prompt_example

and read the guide as the model would before it is committed.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from tests.fakes.claude import PROMPTS
from tests.fakes.moments import AS_OF, tsla_agent, tsla_bars, tsla_moment
from tests.unit.risk.builders import RISK
from ztrade_core.decision_makers.answer_schema import json_schema
from ztrade_core.decision_makers.automated.prompt import render
from ztrade_core.decision_makers.automated.prompt_files import load_prompts
from ztrade_core.decision_makers.automated.told_market import LOOKBACK_BARS
from ztrade_core.decision_makers.automated.told_stories import RecentDecision
from ztrade_core.domain.orders import OrderType, Role, Side
from ztrade_core.domain.snapshots import HeldPosition, OpenOrder

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "prompt-example.md"
RECENT = (
    RecentDecision(
        decided_at=AS_OF - timedelta(minutes=35),
        action="hold",
        confidence=0.6,
        outcome="held",
        rationale="RSI near 30 after a slide, but no sign of a turn; the Shanghai story weighs.",
    ),
    RecentDecision(
        decided_at=AS_OF - timedelta(minutes=20),
        action="buy",
        confidence=0.68,
        outcome="resized",
        rationale="Held above 97.60 twice on rising volume; deliveries may beat the estimate.",
    ),
)
POSITION = HeldPosition(
    position_id="zt1-an-entry",
    quantity=20.0,
    average_price=97.93,
    stop_price=95.0,
    target_price=103.81,
)
STOP = OpenOrder(
    role=Role.STOP,
    side=Side.SELL,
    type=OrderType.STOP,
    quantity=20.0,
    filled_quantity=0.0,
    limit_price=None,
    stop_price=95.0,
    target_price=103.81,
    created_at=AS_OF - timedelta(minutes=15),
)
ANSWER = {
    "action": "hold",
    "confidence": 0.7,
    "rationale": (
        "The close is 0.4 deviations above its 20-bar mean but below the 50- and 200-bar means; volume"
        " is thin and the two news stories contradict each other. A close above 99.13 on volume would"
        " change this."
    ),
    "stop_price": None,
    "target_price": None,
    "quantity": None,
    "fraction": None,
}
_INTRODUCTION = """\
# What a model is shown: one prompt, whole

An agent in mode `automated` asks a model once a bar. Below is everything it is sent for one moment of
`agent_tsla`: nothing is left out, and nothing else reaches it. Bars, stories and position are invented;
the words are those of `config/prompts/automated` and of the agent's personality file. Change them there. The
digest of the prompt's files is kept with every answer, and the whole question too.

- **Two parts.** The first is the same from moment to moment, so the vendor can cache it. Everything of the
  moment is in the second, strangers' texts among it.
- **Figures are computed by us**, by the functions that strategies use. The model is not asked to compute.
- **Headlines are data.** They stand as JSON between two marks that are derived from the moment itself: who
  writes a headline cannot know them. Angle brackets are escaped and invisible characters are dropped.
- **The answer has one form**, below. Anything else - prose, two answers, a price on the wrong side, a key
  that does not exist - is a hold, kept word by word beside its reason. Symbol and the order's price are ours.
- **Your key is in none of it.** It is added below the client, to the connection alone.

The prompt's digest: `{digest}`.
"""


def prompt_example() -> str:
    """Return the guide's text."""
    files = load_prompts(PROMPTS)
    moment = tsla_moment(position=POSITION, open_orders=(STOP,), bars=tsla_bars(LOOKBACK_BARS))
    prompt = render(files, moment, agent=tsla_agent(), risk=RISK, recent=RECENT)
    parts = (
        _INTRODUCTION.format(digest=prompt.digest),
        _shown("The part that stays the same", prompt.system, "markdown"),
        _shown("The part of the moment", prompt.moment, "markdown"),
        _shown("The form of the answer", json.dumps(json_schema(), indent=2), "json"),
        _shown("An answer", json.dumps(ANSWER, indent=2), "json"),
    )
    return "\n".join(parts)


def _shown(title: str, text: str, language: str) -> str:
    return f"## {title}\n\n````{language}\n{text.rstrip()}\n````\n"


if __name__ == "__main__":
    GUIDE.write_text(prompt_example(), encoding="utf-8")
    sys.stdout.write(f"written: {GUIDE}\n")
