"""Which scorer a configuration gets, and that another stands in only where it says so."""

from pathlib import Path

import pytest

from tests.fakes.finbert import COMMIT, NAME, into_cache, make_model
from ztrade_core.assembly.scorers import choose_scorer, export_folder, labelled
from ztrade_core.domain.sentiment_config import ScorerConfig
from ztrade_core.errors import ConfigError
from ztrade_core.logs import configure_logging
from ztrade_core.sentiment.finbert.loading import load_model
from ztrade_core.sentiment.finbert.onnx_export import export

pytestmark = pytest.mark.disable_socket
TEXTS = ["Profit rises", "Loss on fraud", "🙂"]


def config(
    name: str, *, revision: str | None = COMMIT, fallback: str | None = None
) -> ScorerConfig:
    return ScorerConfig(name=name, model=NAME, revision=revision, fallback=fallback)


def test_the_lexicon_needs_nothing(tmp_path: Path) -> None:
    chosen = choose_scorer(config("lexicon"), tmp_path, cache=tmp_path)
    assert chosen.scorer.key.startswith("lexicon@")
    assert chosen.notes == ()
    labels = [each and each.label for each in labelled(chosen.scorer, TEXTS)]
    assert labels == ["positive", "negative", None]


@pytest.mark.parametrize("name", ["finbert", "finbert-onnx"])
def test_without_a_fallback_an_absent_model_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"scorer\.name: lexicon"):
        choose_scorer(config(name), tmp_path, cache=tmp_path)


@pytest.mark.parametrize("name", ["finbert", "finbert-onnx"])
def test_a_fallback_is_named_and_keeps_its_own_key(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging()  # another test may have silenced it
    chosen = choose_scorer(config(name, fallback="lexicon"), tmp_path, cache=tmp_path)
    assert chosen.scorer.key.startswith("lexicon@")
    [note] = chosen.notes
    assert note.startswith(f"scorer {name} cannot be used, {chosen.scorer.key} stands in: ")
    assert "scorer_fell_back" in capsys.readouterr().err


def test_an_unknown_scorer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="write lexicon or finbert or finbert-onnx"):
        choose_scorer(config("vader"), tmp_path, cache=tmp_path)


def test_a_model_serves_both_ways_and_a_pinned_export_without_it(tmp_path: Path) -> None:
    cache, data = tmp_path / "cache", tmp_path / "data"
    into_cache(make_model(tmp_path / "model"), cache)
    torch = choose_scorer(config("finbert"), data, cache=cache).scorer
    assert torch.key == f"finbert@{COMMIT}"
    labels = [each and each.label for each in labelled(torch, TEXTS)]
    assert labels == ["positive", "negative", None]

    export(load_model(NAME, COMMIT, cache=cache), export_folder(data, NAME))
    for revision in (COMMIT, "main"):
        fast = choose_scorer(config("finbert-onnx", revision=revision), data, cache=cache).scorer
        assert fast.key == f"finbert-onnx@{COMMIT}"
        assert [each and each.label for each in labelled(fast, TEXTS)] == labels
    alone = choose_scorer(config("finbert-onnx"), data, cache=tmp_path / "none").scorer
    assert alone.key == f"finbert-onnx@{COMMIT}"

    into_cache(make_model(tmp_path / "newer", seed=4), cache, commit="f" * 40)
    with pytest.raises(ConfigError, match=f"is of {NAME} at revision {COMMIT}, not at {'f' * 40}"):
        choose_scorer(config("finbert-onnx", revision="main"), data, cache=cache)


def test_exports_of_models_lie_apart(tmp_path: Path) -> None:
    models = ["a/b", "a-b", "/x/y", "./x/y", "~/m", "./", "a/b.c"]
    folders = {export_folder(tmp_path, model) for model in models}
    assert (
        len(folders) >= len(models) - 1
    )  # /x/y and ./x/y may be one; the manifest tells them apart
    assert all(folder.parent == tmp_path / "models" / "finbert-onnx" for folder in folders)
