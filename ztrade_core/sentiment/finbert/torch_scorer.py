"""FinBERT through torch: sorted by length, in batches, the order restored.

A text's score does not depend on its batch beyond float32's last digits (within 1e-4).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.finbert.loading import LoadedModel, load_model
from ztrade_core.sentiment.finbert.places import ModelPlace
from ztrade_core.sentiment.finbert.texts import (
    MAX_TOKENS,
    Judged,
    judge,
    readable,
    says_something,
    scores_of,
)
from ztrade_core.sentiment.finbert.words import DEFAULT_MODEL

NAME = "finbert"
BATCH = 32


class FinbertScorer(Scorer):
    """Scores texts with a loaded model; `batch` texts at a time."""

    def __init__(self, model: LoadedModel, *, batch: int = BATCH) -> None:
        self._model = model
        self._batch = batch

    @property
    @override
    def key(self) -> str:
        return f"{NAME}@{self._model.place.revision}"

    @property
    def place(self) -> ModelPlace:
        """Where the model lies."""
        return self._model.place

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        return scores_of(self.judged(texts))

    def judged(self, texts: Sequence[str]) -> list[Judged | None]:
        """Return a judgement of each text, in order; None: nothing in it can be judged."""
        found: list[Judged | None] = [None] * len(texts)
        known = [(place, text) for place, each in enumerate(texts) if (text := readable(each))]
        if not known:
            return found
        ids = self._tokens([text for _, text in known])
        wanted = [
            (tokens, place)
            for tokens, (place, _) in zip(ids, known, strict=True)
            if says_something(tokens, self._model.unknown)
        ]
        wanted.sort(key=lambda each: len(each[0]))
        for start in range(0, len(wanted), self._batch):
            part = wanted[start : start + self._batch]
            answers = self._answers([tokens for tokens, _ in part])
            for (_, place), answer in zip(part, answers, strict=True):
                found[place] = answer
        return found

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        tokenizer = self._model.tokenizer
        told = tokenizer(texts, truncation=True, max_length=MAX_TOKENS, padding=False)
        ids: list[list[int]] = told["input_ids"]
        return ids

    def _answers(self, tokens: list[list[int]]) -> list[Judged]:
        import torch  # noqa: PLC0415 - seconds

        with torch.inference_mode():
            logits = self._model.network(**self._padded(tokens)).logits
        if not bool(torch.isfinite(logits).all()):
            raise self._model.place.error("the model answers with numbers that are not finite")
        return judge(logits.numpy(), self._model.labels)

    def _padded(self, tokens: list[list[int]]) -> dict[str, Any]:
        import torch  # noqa: PLC0415 - seconds

        longest = max(len(each) for each in tokens)
        ids = torch.full((len(tokens), longest), self._model.tokenizer.pad_token_id)
        mask = torch.zeros((len(tokens), longest), dtype=torch.long)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = torch.tensor(each)
            mask[row, : len(each)] = 1
        return {"input_ids": ids, "attention_mask": mask}


def open_finbert(
    model: str | None, revision: str | None, *, cache: Path | None = None
) -> FinbertScorer:
    """Load the scorer; ConfigError at once when the model is not there or not what it should be."""
    return FinbertScorer(load_model(model or DEFAULT_MODEL, revision, cache=cache))
