"""`fetch_model`: the one way to the hub, and how it ends when the hub is not what it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.finbert import COMMIT, NAME, make_model, rewrite
from tests.fakes.hub import FakeHub
from ztrade_core.errors import ConfigError, TransientDataError, VendorRefusedError
from ztrade_core.sentiment.finbert.checks import check_files
from ztrade_core.sentiment.finbert.fetching import Hub, fetch_model
from ztrade_core.sentiment.finbert.places import find_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("finbert") / "model")


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "cache"


def hub_of(fake: FakeHub, cache: Path, silence_seconds: float = 5.0) -> Hub:
    return Hub(endpoint=fake.url, cache=cache, silence_seconds=silence_seconds)


def test_a_model_is_fetched_once_and_found_by_commit_and_by_branch(
    model: Path, cache: Path
) -> None:
    (model / "README.md").write_text("not needed")
    with FakeHub(model) as fake:
        found = fetch_model(NAME, "main", hub_of(fake, cache))
        sent = len(fake.asked)
        again = fetch_model(NAME, "main", hub_of(fake, cache))
        files = [path for path in fake.asked[sent:] if "/resolve/" in path and "safetens" in path]

    assert found.place.revision == COMMIT
    assert set(found.files) == {
        *("config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"),
    }
    assert not any("README" in path for path in fake.asked)
    assert found.bytes == sum((model / name).stat().st_size for name in found.files)
    assert again.place == found.place
    assert not files
    for revision in (COMMIT, "main", None):
        assert find_model(NAME, revision, cache=cache).folder == found.place.folder


def test_a_hub_that_takes_the_call_and_never_answers_is_given_up_at_once(
    model: Path, cache: Path
) -> None:
    with FakeHub(model, how="silence") as fake, pytest.raises(TransientDataError) as caught:
        fetch_model(NAME, COMMIT, hub_of(fake, cache, 0.3))
    text = str(caught.value)
    for part in (NAME, COMMIT, fake.url, "does not answer", str(cache), "scorer.name: lexicon"):
        assert part in text
    assert len(fake.asked) == 1  # nothing was asked again


def test_a_download_that_stalls_is_given_up_and_leaves_no_model(model: Path, cache: Path) -> None:
    with FakeHub(model, how="stall") as fake:
        with pytest.raises(TransientDataError, match="does not answer"):
            fetch_model(NAME, COMMIT, hub_of(fake, cache, 0.3))
        fake.how = "serve"
        assert fetch_model(NAME, COMMIT, hub_of(fake, cache)).place.revision == COMMIT


def test_nobody_there_is_said_at_once(model: Path, cache: Path) -> None:
    with FakeHub(model) as fake:
        pass
    with pytest.raises(TransientDataError, match="does not answer"):
        fetch_model(NAME, COMMIT, hub_of(fake, cache))


def test_an_unknown_model_is_refused(model: Path, cache: Path) -> None:
    refused = pytest.raises(VendorRefusedError, match="no such model or revision")
    with FakeHub(model, how="absent") as fake, refused:
        fetch_model(NAME, COMMIT, hub_of(fake, cache))


def test_weights_that_are_not_those_the_hub_tells_of_are_refused(model: Path, cache: Path) -> None:
    refused = pytest.raises(ConfigError, match="not the file that the hub tells of")
    with FakeHub(model, how="forge") as fake, refused:
        fetch_model(NAME, COMMIT, hub_of(fake, cache))
    place = find_model(NAME, COMMIT, cache=cache)
    with pytest.raises(ConfigError, match="no weights"):
        check_files(place)


def test_a_model_without_weights_is_refused_before_anything_is_downloaded(
    model: Path, cache: Path
) -> None:
    with FakeHub(model) as fake:
        del fake.files["model.safetensors"]
        with pytest.raises(ConfigError, match="lacks"):
            fetch_model(NAME, COMMIT, hub_of(fake, cache))
        assert not any("/resolve/" in path for path in fake.asked)


def test_a_model_that_cannot_be_used_is_refused_when_it_arrives(
    model: Path, cache: Path, tmp_path: Path
) -> None:
    with FakeHub(model) as fake:
        path = tmp_path / "config.json"
        path.write_bytes(fake.files["config.json"])
        rewrite(path, id2label={"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"})
        fake.files["config.json"] = path.read_bytes()
        with pytest.raises(ConfigError, match="LABEL_0, LABEL_1, LABEL_2"):
            fetch_model(NAME, COMMIT, hub_of(fake, cache))


def test_a_folder_is_not_fetched(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="read where it is"):
        fetch_model(str(tmp_path), COMMIT)
