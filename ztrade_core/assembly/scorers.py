"""The scorer that `scorer` of config/sentiment.yaml asks for, and what stands in for it.

Another scorer stands in only where `fallback` names it, and then `notes` and the log say so; its rows
carry its own key. The libraries of a model are imported when its scorer is opened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ztrade_core.domain.sentiment_config import ScorerConfig
from ztrade_core.errors import ConfigError
from ztrade_core.logs import get_logger
from ztrade_core.ports.scorer import Scored, Scorer
from ztrade_core.sentiment.finbert.onnx_scorer import OnnxScorer, open_export
from ztrade_core.sentiment.finbert.places import COMMIT, find_model
from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer, open_finbert
from ztrade_core.sentiment.finbert.words import DEFAULT_MODEL

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenScorer:
    """A scorer; `notes` say in words that it stands in for the configured one, and why."""

    scorer: Scorer
    notes: tuple[str, ...] = ()


def choose_scorer(
    config: ScorerConfig, data_dir: Path, *, cache: Path | None = None
) -> ChosenScorer:
    """Open the configured scorer; ConfigError when it cannot be and no fallback is configured.

    `data_dir` is where exports lie, `cache` the hub's cache (None: its usual place).
    """
    try:
        return ChosenScorer(scorer=_open(config.name, config, data_dir, cache))
    except ConfigError as error:
        if config.fallback is None:
            raise
        stand_in = _open(config.fallback, config, data_dir, cache)
        note = f"scorer {config.name} cannot be used, {stand_in.key} stands in: {error}"
        log.warning("scorer_fell_back", wanted=config.name, key=stand_in.key, reason=str(error))
        return ChosenScorer(scorer=stand_in, notes=(note,))


def export_folder(data_dir: Path, model: str) -> Path:
    """Return where a model's ONNX export lies."""
    name = "".join(each if each.isalnum() or each in "-." else "--" for each in model.strip("~./"))
    return data_dir / "models" / "finbert-onnx" / (name or "here")


def _open(name: str, config: ScorerConfig, data_dir: Path, cache: Path | None) -> Scorer:
    openers: Mapping[str, Callable[[], Scorer]] = {
        "lexicon": _lexicon,
        "finbert": lambda: open_finbert(config.model, config.revision, cache=cache),
        "finbert-onnx": lambda: _exported(config, data_dir, cache),
    }
    if name not in openers:
        raise ConfigError(f"scorer {name!r}: unknown; write {' or '.join(openers)}")
    return openers[name]()


def _lexicon() -> Scorer:
    from ztrade_core.sentiment.lexicon.scorer import LexiconScorer  # noqa: PLC0415 - its word lists

    return LexiconScorer()


def _exported(config: ScorerConfig, data_dir: Path, cache: Path | None) -> Scorer:
    """An export stands on its own where the revision is a commit; else the model says which it is."""
    model, revision = config.model or DEFAULT_MODEL, config.revision
    if revision is None or not COMMIT.fullmatch(revision):
        revision = find_model(model, revision, cache=cache).revision
    return open_export(export_folder(data_dir, model), revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text's label (positive, negative, neutral) with its score."""

    label: str
    scored: Scored


def labelled(scorer: Scorer, texts: Sequence[str]) -> list[Labelled | None]:
    """Score texts for people to look at: a model's likeliest label, else the one of the score."""
    if isinstance(scorer, FinbertScorer | OnnxScorer):
        return [
            None if each is None else Labelled(label=each.label, scored=each.scored)
            for each in scorer.judged(texts)
        ]
    from ztrade_core.sentiment.lexicon.scorer import label_of  # noqa: PLC0415 - as above

    return [
        None if each is None else Labelled(label=label_of(each.score), scored=each)
        for each in scorer.score(texts)
    ]
