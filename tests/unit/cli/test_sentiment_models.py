"""`ztrade sentiment score`, `fetch-model` and `export-onnx`, as typed."""

import shutil
from pathlib import Path

import pytest

from tests.fakes.finbert import COMMIT, NAME, make_model
from tests.fakes.hub import FakeHub
from tests.fakes.terminal import PROJECT, Terminal


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("finbert") / "model")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path)
    made.environment["HF_HOME"] = str(tmp_path / "hub")
    return made


def configured(terminal: Terminal, folder: Path, **scorer: str) -> None:
    """Give the terminal a configuration of its own, with another scorer."""
    copy = folder / "config"
    shutil.copytree(PROJECT / "config", copy)
    path = copy / "sentiment.yaml"
    text = path.read_text()
    for key, value in scorer.items():
        [line] = [each for each in text.splitlines() if each.startswith(f"  {key}: ")]
        text = text.replace(line, f"  {key}: {value}")
    path.write_text(text)
    terminal.environment["ZTRADE_CONFIG_DIR"] = str(copy)


def test_texts_are_scored_by_the_lexicon_as_shipped(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("Shares tumble on weak demand\n\n🙂\n")
    told = terminal.type("sentiment", "score", "Profit rises 12 %", "--file", str(path), "--json")
    document = told.document()
    assert document["scorer"].startswith("lexicon@")
    assert [each["label"] for each in document["texts"]] == ["positive", "negative", None]
    assert [each["score"] is None for each in document["texts"]] == [False, False, True]
    shown = terminal.type("sentiment", "score", "Profit rises\x1b[31m [bold]12 %")
    assert shown.code == 0
    assert "\x1b" not in shown.out
    assert "[bold]12 %" in shown.out
    assert document["scorer"] in shown.out


def test_nothing_to_score_and_an_absent_file_are_refused(terminal: Terminal) -> None:
    for words in ((), ("--file", "/absent")):
        told = terminal.type("sentiment", "score", *words)
        assert (told.code, told.out) == (2, "")


@pytest.mark.parametrize("name", ["finbert", "finbert-onnx"])
def test_an_absent_model_is_one_line_and_no_score(terminal: Terminal, name: str) -> None:
    told = terminal.type("sentiment", "score", "--scorer", name, "Profit rises")
    assert (told.code, told.out) == (2, "")
    assert len(told.err.strip().splitlines()) == 1
    for part in ("ProsusAI", "ztrade sentiment fetch-model", "scorer.name: lexicon"):
        assert part in told.err


def test_a_fallback_is_said_where_the_scores_are(terminal: Terminal, tmp_path: Path) -> None:
    configured(terminal, tmp_path, name="finbert", fallback="lexicon")
    told = terminal.type("sentiment", "score", "Profit rises", "--json")
    document = told.document()
    assert document["scorer"].startswith("lexicon@")
    assert "scorer finbert cannot be used" in document["notes"][0]
    assert "scorer finbert cannot be used" in told.err


def test_a_model_is_fetched_exported_and_used(
    terminal: Terminal, tmp_path: Path, model: Path
) -> None:
    """Each in a process of its own: the hub's address is read when its library is loaded."""
    configured(terminal, tmp_path, name="finbert-onnx", model=NAME, revision=COMMIT)
    with FakeHub(model) as fake:
        fetched = terminal.spawn("sentiment", "fetch-model", "--json", HF_ENDPOINT=fake.url)
        asked = len(fake.asked)
        exported = terminal.spawn("sentiment", "export-onnx", "--json", HF_ENDPOINT=fake.url)
        scored = terminal.spawn("sentiment", "score", "Loss", "--json", HF_ENDPOINT=fake.url)
        assert len(fake.asked) == asked  # only fetch-model asks the hub

    assert fetched.document()["revision"] == COMMIT
    assert exported.document()["agreement"]["label_agreement"] >= 0.95
    assert Path(exported.document()["folder"]).is_relative_to(terminal.data)
    document = scored.document()
    assert document["scorer"] == f"finbert-onnx@{COMMIT}"
    assert [each["label"] for each in document["texts"]] == ["negative"]


def test_a_hub_that_hangs_and_one_that_is_forbidden_end_in_one_line(
    terminal: Terminal, model: Path
) -> None:
    with FakeHub(model) as fake:
        pass
    told = terminal.spawn("sentiment", "fetch-model", HF_ENDPOINT=fake.url)
    assert (told.code, told.out) == (1, "")
    assert "does not answer" in told.err
    assert "Traceback" not in told.err
    told = terminal.spawn("sentiment", "fetch-model", HF_HUB_OFFLINE="1")
    assert (told.code, told.out) == (2, "")
    assert "HF_HUB_OFFLINE" in told.err
