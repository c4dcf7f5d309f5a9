"""FinBERT through ONNX Runtime, int8: a third of a second to load, without torch and transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from typing_extensions import override

from ztrade_core.errors import ConfigError
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.finbert.manifest import REBUILD, Manifest
from ztrade_core.sentiment.finbert.onnx_session import OnnxSession
from ztrade_core.sentiment.finbert.packages import require
from ztrade_core.sentiment.finbert.places import file_digests
from ztrade_core.sentiment.finbert.texts import (
    MAX_TOKENS,
    Judged,
    judge,
    readable,
    says_something,
    scores_of,
)

NAME = "finbert-onnx"


class OnnxScorer(Scorer):
    """Scores texts one at a time with the export that lies in a folder, as its manifest says."""

    def __init__(self, folder: Path, manifest: Manifest, *, threads: int | None = None) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 - a tenth of a second

        self._manifest = manifest
        self._session = OnnxSession(folder / manifest.network, threads=threads)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / manifest.tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    @property
    @override
    def key(self) -> str:
        return f"{NAME}@{self._manifest.revision}"

    @property
    def manifest(self) -> Manifest:
        """Where the export comes from, and how well it agrees with it."""
        return self._manifest

    @override
    def score(self, texts: Sequence[str]) -> list[Scored | None]:
        return scores_of(self.judged(texts))

    def judged(self, texts: Sequence[str]) -> list[Judged | None]:
        """Return a judgement of each text, in order; None: nothing in it can be judged."""
        return [self._judge(text) for text in texts]

    def _judge(self, text: str) -> Judged | None:
        known = readable(text)
        if known is None:
            return None
        tokens = self._tokenizer.encode(known).ids
        if not says_something(tokens, self._manifest.unknown):
            return None
        logits = self._session.logits(tokens)
        if not np.isfinite(logits).all():
            raise ConfigError(
                f"{self.key}: the export answers with numbers that are not finite; {REBUILD}"
            )
        return judge(logits, self._manifest.labels)[0]


def open_export(folder: Path, revision: str | None, *, threads: int | None = None) -> OnnxScorer:
    """Load the export of a folder; ConfigError when it is absent, changed, or of another revision."""
    require("onnxruntime", "tokenizers")
    manifest = Manifest.read(folder)
    if revision is not None and not manifest.revision.startswith(revision):
        raise ConfigError(
            f"finbert-onnx: the export in {folder} is of {manifest.model} at revision"
            f" {manifest.revision}, not at {revision}; {REBUILD}"
        )
    for name, digest in file_digests(folder, tuple(manifest.files)).items():
        if manifest.files[name] != digest:
            raise ConfigError(f"{folder / name}: not the file that was exported; {REBUILD}")
    for name in {manifest.network, manifest.tokenizer, *manifest.files}:
        if name not in manifest.files or Path(name).name != name or not (folder / name).is_file():
            raise ConfigError(f"{folder / name}: not there; {REBUILD}")
    return OnnxScorer(folder, manifest, threads=threads)
