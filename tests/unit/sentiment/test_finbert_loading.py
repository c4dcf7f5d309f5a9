"""A model that is not what it should be is refused at once, in one line, and nothing is asked on the network."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.finbert import COMMIT, NAME, into_cache, make_model, rewrite
from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.checks import Labels
from ztrade_core.sentiment.finbert.loading import load_model
from ztrade_core.sentiment.finbert.places import find_model
from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer, open_finbert

pytestmark = pytest.mark.disable_socket
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 437992753\n"
WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("finbert") / "model")


@pytest.fixture
def model(sound: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(sound, tmp_path / "model"))


def without_head(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415 - with its user

    kept = {
        key: value
        for key, value in load_file(folder / WEIGHTS).items()
        if not key.startswith("classifier.")
    }
    save_file(kept, folder / WEIGHTS, metadata={"format": "pt"})


def other_width(folder: Path) -> None:
    rewrite(folder / "config.json", hidden_size=64)


def as_bin(folder: Path) -> None:
    import torch  # noqa: PLC0415 - seconds
    from safetensors.torch import load_file  # noqa: PLC0415 - with its user

    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()


def cut(name: str, keep: float) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * keep)])

    return spoil


def cut_bin(folder: Path) -> None:
    as_bin(folder)
    cut("pytorch_model.bin", 0.6)(folder)


def old_bin_of_junk(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02" + b"junk" * 100)


def bin_of_an_object(folder: Path) -> None:
    import torch  # noqa: PLC0415 - seconds

    (folder / WEIGHTS).unlink()
    torch.save({"classifier.weight": Path("/")}, folder / "pytorch_model.bin")


def content(name: str, told: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(told)

    return spoil


def pointer(name: str) -> Callable[[Path], None]:
    return content(name, POINTER)


def labels(**id2label: str) -> Callable[[Path], None]:
    named = {key.removeprefix("at_"): label for key, label in id2label.items()}
    return lambda folder: rewrite(folder / "config.json", id2label=named)


def missing(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def more_words(folder: Path) -> None:
    with (folder / "vocab.txt").open("a") as file:
        file.write("\nanother\nmore")


def broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')


def config(**changed: object) -> Callable[[Path], None]:
    return lambda folder: rewrite(folder / "config.json", **changed)


def header(told: bytes) -> Callable[[Path], None]:
    return content(WEIGHTS, len(told).to_bytes(8, "little") + told)


def few_places(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415 - with its user

    name, weights = "bert.embeddings.position_embeddings.weight", load_file(folder / WEIGHTS)
    weights[name] = weights[name][:64].copy()
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    rewrite(folder / "config.json", max_position_embeddings=64)


ENDLESS = b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, Infinity]}}'
NO_WEIGHTS, NO_TOKENIZER = "the weights cannot be loaded", "the tokenizer cannot be loaded"
SPOILT = {
    "a_width_in_words": (config(hidden_size="wide"), NO_WEIGHTS),
    "no_heads_of_attention": (config(num_attention_heads=0), NO_WEIGHTS),
    "a_list_for_a_type": (config(model_type=["bert"]), NO_WEIGHTS),
    "quantized_elsewhere": (
        config(quantization_config={"quant_method": "bitsandbytes", "load_in_8bit": True}),
        NO_WEIGHTS,
    ),
    "no_such_numbers": (config(dtype="floaty"), "cannot be loaded .AttributeError"),
    "fewer_layers": (config(num_hidden_layers=1), "has fewer layers than the checkpoint: bert.enc"),
    "few_places": (few_places, "reads 64 tokens of a text, and 128 are needed"),
    "a_deep_config": (content("config.json", b"[" * 100_000), "not a whole JSON document"),
    "a_deep_header": (header(b"[" * 90_000), "its header is broken"),
    "an_endless_header": (header(ENDLESS), "its header is broken"),
    "a_list_for_the_tokenizer": (content("tokenizer_config.json", b"[]"), NO_TOKENIZER),
    "no_word_for_the_unknown": (content("vocab.txt", b"profit\nloss\n"), NO_TOKENIZER),
    "words_that_are_no_text": (content("vocab.txt", b"\xff\xfe\x00" * 10), NO_TOKENIZER),
    "no_head": (without_head, "the checkpoint lacks classifier.bias, classifier.weight"),
    "other_width": (other_width, "the weights cannot be loaded|the checkpoint lacks"),
    "weights_are_a_pointer": (pointer(WEIGHTS), f"{WEIGHTS}: a git-LFS pointer"),
    "config_is_a_pointer": (pointer("config.json"), "config.json: a git-LFS pointer"),
    "vocabulary_is_a_pointer": (pointer("vocab.txt"), "vocab.txt: a git-LFS pointer"),
    "weights_cut": (cut(WEIGHTS, 0.7), "its header tells of"),
    "weights_cut_in_the_header": (cut(WEIGHTS, 0.001), "its header is broken"),
    "weights_empty": (cut(WEIGHTS, 0), "its header is broken"),
    "bin_cut": (cut_bin, "pytorch_model.bin: cut short"),
    "bin_of_junk": (old_bin_of_junk, "the weights cannot be loaded"),
    "bin_of_an_object": (bin_of_an_object, "the weights cannot be loaded"),
    "no_weights": (missing(WEIGHTS), "no weights"),
    "no_tokenizer": (missing("vocab.txt"), "no tokenizer"),
    "broken_tokenizer": (broken_tokenizer, "the tokenizer cannot be loaded"),
    "more_words_than_the_model": (more_words, "the tokenizer knows"),
    "config_cut": (cut("config.json", 0.5), "config.json: not a whole JSON document"),
    "nameless_labels": (
        labels(at_0="LABEL_0", at_1="LABEL_1", at_2="LABEL_2"),
        "the labels are LABEL_0, LABEL_1, LABEL_2",
    ),
    "other_labels": (labels(at_0="toxic", at_1="neutral", at_2="positive"), "the labels are toxic"),
    "two_labels": (labels(at_0="positive", at_1="negative"), "the labels are positive, negative"),
    "no_labels": (lambda folder: rewrite(folder / "config.json", id2label=None), "labels are none"),
}


@pytest.mark.parametrize(("spoil", "what"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_model_is_refused_in_one_line(
    model: Path, spoil: Callable[[Path], None], what: str
) -> None:
    spoil(model)
    with pytest.raises(ConfigError, match=what) as caught:
        load_model(str(model), None)
    text = str(caught.value)
    assert "\n" not in text
    for part in (str(model), "ztrade sentiment fetch-model", "scorer.name: lexicon"):
        assert part in text


@pytest.mark.parametrize("revision", ["main", COMMIT])
def test_an_absent_model_is_said_with_everything_one_needs(tmp_path: Path, revision: str) -> None:
    with pytest.raises(ConfigError, match="not on this machine") as caught:
        open_finbert(NAME, revision, cache=tmp_path)
    text = str(caught.value)
    for part in (NAME, revision, str(tmp_path), "sentiment fetch-model", "scorer.name: lexicon"):
        assert part in text


def test_an_absent_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load_model(str(tmp_path / "absent"), None)
    with pytest.raises(ConfigError, match=r"no config\.json"):
        load_model(str(tmp_path), None)


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "", "https://x/y", "a b"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        find_model(name, "main", cache=tmp_path)


@pytest.mark.parametrize("revision", ["../x", "", "a/b", "-x"])
def test_what_is_no_revision_is_refused(tmp_path: Path, revision: str) -> None:
    with pytest.raises(ConfigError, match="not a commit"):
        find_model(NAME, revision, cache=tmp_path)


def test_a_model_of_the_cache_is_known_by_its_commit(sound: Path, tmp_path: Path) -> None:
    into_cache(sound, tmp_path)
    keys = {open_finbert(NAME, revision, cache=tmp_path).key for revision in ("main", COMMIT, None)}
    assert keys == {f"finbert@{COMMIT}"}


def test_a_folder_is_known_by_what_is_in_it(model: Path) -> None:
    before = find_model(str(model), None).revision
    assert find_model(str(model), before[:12]).revision == before
    (model / "README.md").write_text("not read")
    assert find_model(str(model), None).revision == before
    rewrite(model / "config.json", hidden_act="relu")
    after = find_model(str(model), None).revision
    assert after != before
    with pytest.raises(ConfigError, match=f"digest {after}, not the revision {before}"):
        find_model(str(model), before)


def test_the_order_of_labels_is_the_models_own(model: Path) -> None:
    """The same network whose answers are named the other way round says the opposite."""
    texts = ["profit rises", "loss on weak demand"]
    before = FinbertScorer(load_model(str(model), None))
    labels(at_0="NEGATIVE", at_1="Positive", at_2="neutral")(model)
    after = FinbertScorer(load_model(str(model), None))
    assert load_model(str(model), None).labels == Labels(positive=1, negative=0, neutral=2)
    for one, other in zip(before.score(texts), after.score(texts), strict=True):
        assert one is not None
        assert other is not None
        assert other.score == pytest.approx(-one.score, abs=1e-12)
        assert other.confidence == one.confidence


def test_older_files_of_weights_are_read_too(model: Path) -> None:
    expected = open_finbert(str(model), None).score(["profit rises"])
    as_bin(model)
    assert open_finbert(str(model), None).score(["profit rises"]) == expected


def test_code_that_a_model_brings_is_not_run(model: Path, tmp_path: Path) -> None:
    proof = tmp_path / "was_run"
    (model / "mine.py").write_text(f"open({str(proof)!r}, 'w')\nclass Mine: ...\n")
    classes = ("AutoModelForSequenceClassification", "AutoConfig", "AutoTokenizer")
    rewrite(model / "config.json", auto_map=dict.fromkeys(classes, "mine.Mine"))
    load_model(str(model), None)
    assert not proof.exists()


def test_a_model_that_answers_no_numbers_is_refused_when_it_is_asked(model: Path) -> None:
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415 - with its user

    weights = load_file(model / WEIGHTS)
    weights["classifier.bias"][1] = float("nan")
    save_file(weights, model / WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(ConfigError, match="not finite"):
        open_finbert(str(model), None).score(["profit rises"])
