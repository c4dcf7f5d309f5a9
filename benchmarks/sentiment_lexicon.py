"""What the lexicon scorer is worth: agreement with labelled tweets, and headlines a second of CPU.

The labelled tweets lie beside the project and are not a part of it; without them that section says so
and prints no figure. They were not used to build the word list. `sentiment.py` runs this; alone it prints nothing.
"""

import csv
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ztrade_core.ports.scorer import Scorer
from ztrade_core.sentiment.lexicon.scorer import LexiconScorer, label_of

TWEETS = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "news" / "labelled_tweets_300.csv"
)
LABELS = ("positive", "negative", "neutral")
HEADLINES = 20_000
ROUNDS = 5
COMPANIES = ("Apple", "Tesla", "JPMorgan Chase", "Nokia", "Goldman Sachs", "Walmart", "Boeing")
SENTENCES = (
    "{} shares rise 3% after quarterly earnings beat analyst estimates on cloud demand",
    "{} cuts full-year profit forecast, citing weak consumer spending and higher costs",
    "{} to present at the annual technology conference in San Francisco next week",
    "Operating profit of {} fell to EUR 13.1 mn from EUR 14.7 mn in the corresponding period",
    "Analyst raises price target on {} to $240 from $215, keeps outperform rating",
    "$TICK - {} faces class-action lawsuit over data breach. More on: https://example.com/a1b2c3",
    "Is it time to buy {} stock before the earnings report? What investors should know",
    "{} announces the appointment of a new chief financial officer, effective in January",
)


def main() -> None:
    """Measure and print."""
    scorer = LexiconScorer()
    print_quality(scorer, "lexicon")
    print_speed(scorer)


def print_quality(scorer: Scorer, title: str) -> None:
    """Print a scorer's accuracy, macro-F1 and confusion on the labelled tweets."""
    if not TWEETS.is_file():
        print(f"{title}: NOT MEASURED ON LABELLED TWEETS: {TWEETS} does not exist")
        return
    with TWEETS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        "neutral" if scored is None else label_of(scored.score)
        for scored in scorer.score([row["text"] for row in rows])
    ]
    print_agreement(f"{title} ({scorer.key})", [row["label"] for row in rows], found)


def print_agreement(title: str, true: Sequence[str], found: Sequence[str]) -> None:
    """Print accuracy, macro-F1 and the confusion of two lists of labels."""
    pairs = Counter(zip(true, found, strict=True))
    right = sum(pairs[label, label] for label in LABELS)
    print(f"{title}: {len(true)} labelled texts")
    print(f"  accuracy             {right / len(true):8.3f}")
    print(f"  macro-F1             {macro_f1(true, found):8.3f}")
    print("  true \\ found  " + "".join(f"{label:>10}" for label in LABELS))
    for label in LABELS:
        print(f"  {label:<13} " + "".join(f"{pairs[label, other]:>10}" for other in LABELS))


def macro_f1(true: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean over the three labels of 2 tp / (2 tp + fp + fn); a label nowhere seen counts 0."""
    pairs = Counter(zip(true, found, strict=True))
    real, said = Counter(true), Counter(found)
    shares = [
        2 * pairs[label, label] / whole if (whole := real[label] + said[label]) else 0.0
        for label in LABELS
    ]
    return sum(shares) / len(LABELS)


def print_speed(scorer: Scorer) -> None:
    """Print headlines a second of CPU: the best of several rounds over different headlines."""
    texts = [
        SENTENCES[number % len(SENTENCES)].format(f"{COMPANIES[number % len(COMPANIES)]} {number}")
        for number in range(HEADLINES)
    ]
    seconds = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        scorer.score(texts)
        seconds.append(time.process_time() - begun)
    letters = sum(map(len, texts)) / len(texts)
    print(f"{scorer.key}: {len(texts) / min(seconds):,.0f} headlines/s of CPU, one core")
    print(
        f"  {len(texts)} headlines of {letters:.0f} characters on average, best of {ROUNDS} rounds"
    )
