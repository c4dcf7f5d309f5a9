"""What minds were asked and answered, as lines: a bounded summary, and on request every word.

Questions hold strangers' headlines, and answers are strangers' words: each line is made visible characters
and never read as markup. `--json` has the very bytes.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from rich.text import Text
from rich.tree import Tree

from ztrade_core.domain.answers import AnswerCost, KeptAnswer
from ztrade_core.domain.decisions import Proposal
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.strict_json import StrictJsonError, strict_json
from ztrade_core.domain.words import counted
from ztrade_core.trading.trail_minds import HeardMind
from ztrade_pipelines.cli.formats import count, moment, percent, price, quantity

MOST = 200
MOST_RAW_LINES = 4
NOTHING_ASKED = "nothing to show whole: no question left the house for this decision"


def add_mind(root: Tree, mind: HeardMind, *, decision_id: str) -> None:
    """Add who decided, what was said, and every question with its answer in short."""
    branch = root.add(_text(f"member {mind.name}" if mind.name else "answer", style="bold"))
    for line in _said(mind):
        branch.add(_text(line))
    for kept in mind.answers:
        _add_answer(branch, kept, decision_id)
    if mind.lost:
        died = f"{counted(mind.lost, 'question')} more without an answer: the run died of it"
        branch.add(_text(died, style="yellow"))


def whole_words(minds: Sequence[HeardMind]) -> Text:
    """Return every question and raw answer, whole."""
    parts = [part for mind in minds for kept in mind.answers for part in _whole(mind, kept)]
    return Text("\n\n").join(parts) if parts else Text(NOTHING_ASKED, style="dim")


def _said(mind: HeardMind) -> Iterator[str]:
    tape = mind.tape
    if mind.problem:
        yield mind.problem
    if tape is None:
        return
    proposal = tape.proposal
    confidence = percent(proposal.confidence, digits=0)
    yield f"{proposal.maker} said {proposal.action.value}, confidence {confidence}{_wishes(proposal)}"
    yield f"because: {visible_line(proposal.rationale, MOST)}"
    who = _who(proposal.maker)
    if who:
        yield who
    if proposal.factors:
        told = ", ".join(f"{name} {_factor(value)}" for name, value in proposal.factors)
        yield f"factors: {visible_line(told, 2 * MOST)}"
    yield f"mode {tape.mode}, taped {moment(tape.taped_at)} by run {tape.run_id}"


def _wishes(proposal: Proposal) -> str:
    wishes = (
        ("stop", proposal.stop_price, price),
        ("target", proposal.target_price, price),
        ("quantity", proposal.quantity, quantity),
    )
    return "".join(f", {name} {told(value)}" for name, value, told in wishes if value is not None)


def _who(maker: str) -> str:
    """Return in words who a maker's name stands for, where it is not a model's."""
    kind, _, rest = maker.partition(":")
    match kind:
        case "strategy":
            name, _, version = rest.partition("/")
            return f"decided by the strategy {name}, version {version}"
        case "manual":
            return f"written by {rest}" if rest else "written by a person, whose name was not given"
        case "protection":
            return "decided by the house: no mind was asked"
        case _:
            return ""


def _factor(value: float | str | None) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _add_answer(root: Tree, kept: KeptAnswer, decision_id: str) -> None:
    record = kept.record
    branch = root.add(_text(f"attempt {kept.attempt}: {record.model}, {record.outcome.value}"))
    branch.add(_text(f"asked {moment(record.asked_at)} by run {kept.run_id}"))
    branch.add(_text(_cost(record.cost)))
    if record.prompt_digest:
        branch.add(_text(f"prompt {record.prompt_digest[:12]}, settings {record.settings}"))
    if record.problem:
        branch.add(_text(f"problem: {record.problem}", style="red"))
    if record.question:
        hint = f"`ztrade why {decision_id} --prompt` shows it"
        branch.add(_text(f"question: {counted(len(record.question), 'character')}; {hint}"))
    if record.raw:
        raw = branch.add(_text(f"raw answer: {counted(len(record.raw), 'character')}"))
        for line in _few_lines(record.raw):
            raw.add(_text(line, style="dim"))


def _cost(cost: AnswerCost) -> str:
    if cost == AnswerCost(seconds=cost.seconds):
        return f"no tokens, nothing to pay; {cost.seconds:.1f} s"
    return (
        f"{count(cost.input_tokens)} tokens in, {count(cost.cache_read_tokens)} from the cache,"
        f" {count(cost.cache_write_tokens)} into it, {count(cost.output_tokens)} out;"
        f" {cost.usd:.6f} USD; {cost.seconds:.1f} s"
    )


def _few_lines(raw: str) -> Iterator[str]:
    lines = [line for line in islice(raw.splitlines(), 100) if line.strip()]
    yield from (visible_line(line, MOST) for line in lines[:MOST_RAW_LINES])
    if len(lines) > MOST_RAW_LINES:
        yield "…"


def _whole(mind: HeardMind, kept: KeptAnswer) -> Iterator[Text]:
    record = kept.record
    whose = f" of member {mind.name}" if mind.name else ""
    of = f"attempt {kept.attempt}{whose}: {record.model}, {moment(record.asked_at)}"
    for what, words in (("QUESTION", record.question), ("RAW ANSWER", record.raw)):
        heading = _text(f"{what}, {of}", style="bold")
        yield Text("\n").join([heading, *(Text(line) for line in _lines(words) or ["(none)"])])


def _lines(words: str) -> list[str]:
    """Return a text as visible lines: JSON laid out with its texts unfolded, any other as it stands."""
    try:
        laid = _laid_out(strict_json(words, len(words)), "")
    except StrictJsonError:
        laid = iter(words.splitlines())
    return [_visible(line) for line in laid]


def _laid_out(value: object, label: str) -> Iterator[str]:
    """Yield a JSON value as indented lines; nothing of it is left out."""
    if isinstance(value, dict) and value:
        items = [(f"{key}: ", each) for key, each in value.items()]
    elif isinstance(value, list) and value:
        items = [("- ", each) for each in value]
    elif isinstance(value, str) and len(value.splitlines()) > 1:
        yield f"{label}|"
        yield from (f"  {line}" for line in value.splitlines())
        return
    else:
        told = value if isinstance(value, str) else json.dumps(value)
        yield f"{label}{told}"
        return
    inner = chain.from_iterable(_laid_out(each, name) for name, each in items)
    if not label:
        yield from inner
        return
    yield label.rstrip()
    yield from (f"  {line}" for line in inner)


def _visible(line: str) -> str:
    words = line.lstrip(" ")
    return line[: len(line) - len(words)] + visible_line(words, max(1, 4 * len(words)))


def _text(text: str, style: str = "") -> Text:
    return Text(visible_line(text, 3 * MOST), style=style)
