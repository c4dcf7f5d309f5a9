"""FinBERT's scores through torch and through ONNX, and when an export is refused."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.finbert import make_model, rewrite
from ztrade_core.errors import ConfigError
from ztrade_core.ports.scorer import Scored
from ztrade_core.sentiment.finbert.agreement import compare, require_agreement
from ztrade_core.sentiment.finbert.checks import Labels
from ztrade_core.sentiment.finbert.loading import LoadedModel, load_model
from ztrade_core.sentiment.finbert.manifest import FILE, Agreement, Manifest
from ztrade_core.sentiment.finbert.onnx_export import export
from ztrade_core.sentiment.finbert.onnx_scorer import OnnxScorer, open_export
from ztrade_core.sentiment.finbert.sample import SAMPLE
from ztrade_core.sentiment.finbert.texts import MOST_CHARACTERS, Judged, judge
from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer

pytestmark = pytest.mark.disable_socket
NOTHING = ["", "   ", "🙂🚀", "1,234.5 %", "!?", "中文", "\u200b"]
MIXED = [
    *SAMPLE[:20],
    *NOTHING,
    "profit " * 400,
    "x" * 1_000_000,
    "half \ud83d of a pair",
    "Profit",
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    folder = make_model(tmp_path_factory.mktemp("finbert") / "model")
    return load_model(str(folder), None)


@pytest.fixture(scope="module")
def exported(loaded: LoadedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export(loaded, folder)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """An export that a test may spoil."""
    return Path(shutil.copytree(exported, tmp_path / "export"))


def values(found: list[Scored | None]) -> list[tuple[float, float] | None]:
    return [None if each is None else (each.score, each.confidence) for each in found]


def test_a_score_is_the_difference_of_two_probabilities() -> None:
    """Logits ln 7, ln 1, ln 2: probabilities 0.7, 0.1, 0.2; the same with any constant added."""
    logits = np.log(np.array([[7.0, 1.0, 2.0], [1.0, 7.0, 2.0], [1.0, 2.0, 7.0]]))
    labels = Labels(positive=0, negative=1, neutral=2)
    found = judge((logits + 500.0).astype(np.float32), labels)
    assert [each.label for each in found] == ["positive", "negative", "neutral"]
    scores = [each.scored.score for each in found]
    assert scores == pytest.approx([0.6, -0.6, -0.1], abs=1e-4)
    assert [each.scored.confidence for each in found] == pytest.approx([0.7] * 3, abs=1e-4)


def test_scores_do_not_depend_on_the_batch_and_keep_their_order(loaded: LoadedModel) -> None:
    alone = [FinbertScorer(loaded).score([text])[0] for text in MIXED]
    assert sum(each is None for each in alone) == len(NOTHING) + 1  # the million x: no known token
    for batch in (1, 2, 7, 32, 64):
        for order in (list(range(len(MIXED))), list(reversed(range(len(MIXED))))):
            found = FinbertScorer(loaded, batch=batch).score([MIXED[place] for place in order])
            for place, one in zip(order, found, strict=True):
                other = alone[place]
                assert (one is None) == (other is None), MIXED[place][:40]
                if one is not None and other is not None:
                    assert one.score == pytest.approx(other.score, abs=1e-4)
                    assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
                    assert -1 <= one.score <= 1
                    assert 1 / 3 <= one.confidence <= 1


def test_scores_differ_between_texts(loaded: LoadedModel) -> None:
    """The model of the tests says all three labels, so that agreement means something."""
    labels = {each.label for each in FinbertScorer(loaded).judged(SAMPLE) if each}
    assert labels == {"positive", "negative", "neutral"}


def test_nothing_to_score_is_no_score(loaded: LoadedModel, exported: Path) -> None:
    assert FinbertScorer(loaded).score(NOTHING) == [None] * len(NOTHING)
    assert open_export(exported, None).score(NOTHING) == [None] * len(NOTHING)
    assert FinbertScorer(loaded).score([]) == []


def test_only_the_beginning_of_a_long_text_is_read(loaded: LoadedModel) -> None:
    long = "profit rises " * 200
    scorer = FinbertScorer(loaded)
    assert scorer.score([long]) == scorer.score([long[:MOST_CHARACTERS] + "loss" * 100_000])


def test_an_export_agrees_with_its_model_and_scores_each_text_alone(
    loaded: LoadedModel, exported: Path
) -> None:
    scorer = open_export(exported, loaded.place.revision)
    assert scorer.key == f"finbert-onnx@{loaded.place.revision}"
    agreement = scorer.manifest.agreement
    assert agreement.texts == len(SAMPLE) >= 50
    assert agreement.label_agreement >= 0.95
    assert agreement.mean_difference <= 0.05
    together = scorer.score(MIXED)
    assert values(together) == values([scorer.score([text])[0] for text in MIXED])
    exact = FinbertScorer(loaded).score(MIXED)
    assert [each is None for each in together] == [each is None for each in exact]
    assert compare(FinbertScorer(loaded).judged(SAMPLE), scorer.judged(SAMPLE)) == agreement


def test_a_manifest_tells_what_an_export_was_made_of(loaded: LoadedModel, exported: Path) -> None:
    manifest = Manifest.read(exported)
    assert (manifest.model, manifest.revision) == (loaded.place.model, loaded.place.revision)
    assert set(manifest.source) == {
        path.name for path in loaded.place.folder.iterdir() if path.name != "README.md"
    }
    assert {path.name for path in exported.iterdir()} == {FILE, *manifest.files}


def judged(label: str, score: float) -> Judged:
    return Judged(label=label, scored=Scored(score=score, confidence=0.5))


@pytest.mark.parametrize(
    ("others", "is_refused"),
    [
        ([("positive", 0.5)] * 20, False),
        ([("positive", 0.5)] * 19 + [("neutral", 0.5)], False),  # 95 %
        ([("positive", 0.5)] * 18 + [("neutral", 0.5)] * 2, True),  # 90 %
        ([("positive", 0.453125)] * 20, False),
        ([("positive", 0.4375)] * 20, True),
    ],
)
def test_disagreement_refuses_an_export(
    others: list[tuple[str, float]], *, is_refused: bool
) -> None:
    source = [judged("positive", 0.5)] * 20
    found = compare(source, [judged(label, score) for label, score in others])
    if not is_refused:
        require_agreement(found, texts=20)
        return
    with pytest.raises(ConfigError, match="the int8 export is refused"):
        require_agreement(found, texts=20)


def test_texts_that_only_one_scores_refuse_an_export() -> None:
    found = compare([judged("positive", 0.5)] * 20, [judged("positive", 0.5)] * 19 + [None])
    with pytest.raises(ConfigError, match="of 20 sentences it scores 19"):
        require_agreement(found, texts=20)


class Liar:
    """A tokenizer that exports itself as another one than it is when it is asked."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self.backend_tokenizer = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __call__(self, *texts: Any, **options: Any) -> Any:
        return self._tokenizer(*texts, **options)

    def save(self, path: str) -> None:
        self._tokenizer.backend_tokenizer.save(path)
        content = json.loads(Path(path).read_text())
        vocabulary = content["model"]["vocab"]
        words = sorted(vocabulary)[::-1]
        marks = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
        words = [*marks, *(word for word in words if word not in marks)]
        content["model"]["vocab"] = {word: place for place, word in enumerate(words)}
        Path(path).write_text(json.dumps(content))


def test_an_export_that_says_other_things_than_its_model_is_not_put_in_place(
    loaded: LoadedModel, folder: Path
) -> None:
    """The older export stands, and nothing of the refused one is left."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    liar = LoadedModel(
        place=loaded.place,
        network=loaded.network,
        tokenizer=Liar(loaded.tokenizer),
        labels=loaded.labels,
    )
    with pytest.raises(ConfigError, match="the int8 export is refused"):
        export(liar, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_export_of_another_revision_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"not at abcdef12; .*export-onnx"):
        open_export(folder, "abcdef12")


def test_an_absent_export_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no export in") as caught:
        open_export(tmp_path, None)
    for part in ("export-onnx", "fetch-model", "scorer.name: lexicon", str(tmp_path)):
        assert part in str(caught.value)


CHANGES: list[dict[str, Any]] = [
    {"form": 1},
    {"labels": {"positive": 1, "negative": 0, "neutral": 2}},
    {"labels": None},
    {"files": None},
    {"revision": "f" * 40},
    {"digest": None},
    {"x": 1},
]


@pytest.mark.parametrize("which", ["network", "tokenizer"])
def test_a_changed_or_missing_file_of_an_export_is_refused(folder: Path, which: str) -> None:
    path = folder / getattr(Manifest.read(folder), which)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ConfigError, match="not the file that was exported"):
        open_export(folder, None)
    path.unlink()
    with pytest.raises(ConfigError, match="not there"):
        open_export(folder, None)


@pytest.mark.parametrize("change", CHANGES)
def test_a_broken_manifest_is_refused(folder: Path, change: dict[str, Any]) -> None:
    rewrite(folder / FILE, **change)
    with pytest.raises(ConfigError, match="export-onnx"):
        open_export(folder, None)
    (folder / FILE).write_text("{")
    with pytest.raises(ConfigError, match="broken"):
        open_export(folder, None)


def test_an_export_of_another_model_takes_the_old_ones_place(folder: Path, tmp_path: Path) -> None:
    """And what a killed export left behind is gone."""
    old = Manifest.read(folder)
    (folder / ".making-x").mkdir()
    (folder / ".making-x" / "exact.onnx").write_bytes(b"half")
    other = load_model(str(make_model(tmp_path / "other", seed=4)), None)
    made = export(other, folder)
    assert made.revision == other.place.revision != old.revision
    assert {path.name for path in folder.iterdir()} == {FILE, *made.files}
    assert isinstance(open_export(folder, other.place.revision), OnnxScorer)
    with pytest.raises(ConfigError, match="not at"):
        open_export(folder, old.revision)


def test_a_killed_export_leaves_the_old_one(folder: Path) -> None:
    """What a kill before the manifest's move leaves: new files beside the old manifest."""
    before = open_export(folder, None).score(["profit rises"])
    (folder / "0123456789abcdef-network.onnx").write_bytes(b"half")
    (folder / ".making-x").mkdir()
    assert open_export(folder, None).score(["profit rises"]) == before


def test_nothing_was_compared_is_no_agreement() -> None:
    found = compare([None], [None])
    assert found == Agreement(
        texts=0, label_agreement=0.0, mean_difference=1.0, largest_difference=1.0
    )
    assert math.isfinite(found.mean_difference)
