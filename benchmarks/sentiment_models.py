"""How fast FinBERT's ways are on two threads, against how transformers' pipeline is used as it comes.

A network of BERT-base's size with random weights (its scores mean nothing, its arithmetic is the real
one's), headlines of about 25 tokens. All ways take the same headlines in turns, so that a busy moment hits
them alike; ratios are medians over rounds. `sentiment.py` runs this; alone it prints nothing.
"""

import csv
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.packages import require
from ztrade_core.sentiment.finbert.torch_scorer import BATCH

NEWS = Path(__file__).resolve().parents[2] / "shared" / "data" / "news" / "headlines_dow10_2025.csv"
THREADS = 2
HEADLINES = 192
ROUNDS = 3
WORD_PIECES = (
    1_000  # of a tokenizer trained on the headlines; real ones are about 25 tokens long then
)
BATCHES = (1, 8, 32, 64)
MOST_CHANGE, MOST_WASTE = 1e-4, 0.12
COMPANIES = ("Apple", "Tesla", "JPMorgan Chase", "Nokia", "Goldman Sachs", "Walmart", "Boeing")
SENTENCES = (
    "{} shares rise 3 % after earnings beat estimates",
    "{} cuts its forecast for the year because of weak consumer spending and higher costs of energy",
    "Why {} may be worth a look",
    "Operating profit of {} fell to 13.1 million from 14.7 million in the corresponding period of 2024",
    "Analyst raises the target for {}, keeps the rating",
    "{} faces a lawsuit over a breach of customers' data that was found in spring, regulators are told",
)
NAIVE, PIPELINE, SORTED, INT8 = (
    "pipeline, one at a time",
    "pipeline, batch 32",
    "ours: sorted, batch 32",
    "ours: ONNX int8, one at a time",
)
GOALS = ((SORTED, NAIVE, 2.0), (SORTED, PIPELINE, 1.3), (INT8, NAIVE, 4.0))
Way = Callable[[list[str]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one way took for all headlines once, in seconds."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    try:
        require("torch", "transformers", "onnx", "onnxruntime", "onnxscript", "tokenizers")
    except ConfigError as error:
        print(f"NOT MEASURED: {error}")
        return
    import torch  # noqa: PLC0415 - seconds

    from ztrade_core.sentiment.finbert.loading import load_model  # noqa: PLC0415 - with its user

    torch.set_num_threads(THREADS)
    every = headlines()
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_model(str(write_model(Path(folder) / "model", every)), None)
        tokens = [len(loaded.tokenizer(text)["input_ids"]) for text in every]
        print(f"{len(every)} headlines of {statistics.mean(tokens):.1f} tokens on average")
        print_waste(tokens)
        print_speed(ways(loaded, Path(folder) / "export"), every[:HEADLINES])
        print_change(loaded, every[:HEADLINES])


def headlines() -> list[str]:
    """Return the real headlines beside the project, else generated ones."""
    if not NEWS.is_file():
        print(f"the real headlines are not here ({NEWS.name}): generated ones are used")
        return [each.format(name) for name in COMPANIES * 10 for each in SENTENCES]
    with NEWS.open(newline="", encoding="utf-8") as file:
        return [row["headline"] for row in csv.DictReader(file)]


def write_model(folder: Path, texts: Sequence[str]) -> Path:
    """Write a model of BERT-base's size; its answer is far from undecided, so that an export agrees."""
    import torch  # noqa: PLC0415 - seconds
    from tokenizers import BertWordPieceTokenizer  # noqa: PLC0415 - with its user
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415 - seconds

    folder.mkdir()
    pieces = BertWordPieceTokenizer()
    pieces.train_from_iterator(texts, vocab_size=WORD_PIECES, show_progress=False)
    pieces.save_model(str(folder))
    torch.manual_seed(1)
    labels = {0: "positive", 1: "negative", 2: "neutral"}
    network = BertForSequenceClassification(BertConfig(num_labels=3, id2label=labels))
    with torch.no_grad():
        network.classifier.bias[2] = 3.0
    network.save_pretrained(folder)
    return folder


def ways(loaded: Any, folder: Path) -> dict[str, Way]:
    """Return the ways to score texts; the same network, tokenizer and length limit in all."""
    from transformers import pipeline  # noqa: PLC0415 - seconds

    from ztrade_core.sentiment.finbert.onnx_export import export  # noqa: PLC0415 - with its user
    from ztrade_core.sentiment.finbert.onnx_scorer import open_export  # noqa: PLC0415 - as above
    from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer  # noqa: PLC0415 - as above

    begun = time.perf_counter()
    made = export(loaded, folder)
    print(f"export to int8: {time.perf_counter() - begun:.0f} s, {made.agreement}")
    pipe: Any = pipeline(
        "text-classification",
        model=loaded.network,
        tokenizer=loaded.tokenizer,
        device="cpu",
        top_k=None,
    )
    cut: dict[str, Any] = {"truncation": True, "max_length": 128}
    ours, fast = FinbertScorer(loaded), open_export(folder, None, threads=THREADS)
    return {
        NAIVE: lambda texts: [pipe(text, **cut) for text in texts],
        PIPELINE: lambda texts: pipe(texts, batch_size=BATCH, **cut),
        SORTED: ours.score,
        INT8: fast.score,
    }


def print_speed(these: dict[str, Way], texts: list[str]) -> None:
    """Let the ways take turns; print headlines a second and the ratios that are aimed at."""
    for way in these.values():
        way(texts[:BATCH])
    found: dict[str, list[Turn]] = {name: [] for name in these}
    for _ in range(ROUNDS):
        for name, way in these.items():
            found[name].append(timed(way, texts))
    print(f"{THREADS} threads, medians of {ROUNDS} rounds of {HEADLINES} headlines:")
    for name, turns in found.items():
        wall = HEADLINES / statistics.median(turn.wall for turn in turns)
        cpu = HEADLINES / statistics.median(turn.cpu for turn in turns)
        print(f"  {name:32} {wall:6.1f} a second, {cpu:6.1f} a CPU second")
    for name, other, goal in GOALS:
        pairs = list(zip(found[name], found[other], strict=True))
        wall = statistics.median(two.wall / one.wall for one, two in pairs)
        cpu = statistics.median(two.cpu / one.cpu for one, two in pairs)
        print(f"  {name} / {other}: {wall:.2f} x by wall, {cpu:.2f} x by CPU (goal: {goal} x)")


def timed(way: Way, texts: list[str]) -> Turn:
    """Return what one turn took."""
    wall, cpu = time.perf_counter(), time.process_time()
    way(texts)
    return Turn(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


def print_change(loaded: Any, texts: list[str]) -> None:
    """Print how far a score moves with the batch it is in, with a head that makes it move most."""
    import torch  # noqa: PLC0415 - seconds

    from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer  # noqa: PLC0415 - as above

    with torch.no_grad():
        loaded.network.classifier.bias.zero_()
        loaded.network.classifier.weight.mul_(8.0)
    by_batch = [
        [each.score for each in FinbertScorer(loaded, batch=batch).score(texts) if each]
        for batch in BATCHES
    ]
    spread = max(max(scores) - min(scores) for scores in zip(*by_batch, strict=True))
    print(
        f"largest change of a score over batches of {', '.join(map(str, BATCHES))}: {spread:.1e}"
        f" (goal: at most {MOST_CHANGE:.0e}); scores from {min(by_batch[0]):+.2f}"
        f" to {max(by_batch[0]):+.2f}"
    )


def print_waste(tokens: Sequence[int]) -> None:
    """Print which part of what the network computes is padding: sorted, and as texts come."""
    for name, order in (("sorted by length", sorted(tokens)), ("as they come", list(tokens))):
        parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        computed = sum(max(part) * len(part) for part in parts)
        goal = f" (goal: at most {MOST_WASTE:.0%})" if order == sorted(tokens) else ""
        print(f"padding in batches of {BATCH}, {name}: {1 - sum(tokens) / computed:.1%}{goal}")
