"""Where a model lies: a folder of one's own, or the hub's cache on this machine. Nothing is downloaded.

A model's revision is the commit it was fetched at, or the digest of a folder's files.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.words import no_model

CONFIG = "config.json"
TOKENIZERS = ("tokenizer.json", "vocab.txt")
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
EXTRAS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
FILES = (CONFIG, *TOKENIZERS, *EXTRAS, *WEIGHTS)
LEAST_PREFIX = 8
COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlace:
    """A model on this machine; `searched` is where it was looked for, in words."""

    model: str
    revision: str
    folder: Path
    searched: str

    def error(self, what: str) -> ConfigError:
        """Return the error for something wrong with this model."""
        return no_model(what, model=self.model, revision=self.revision, searched=self.searched)


def find_model(model: str, revision: str | None, *, cache: Path | None = None) -> ModelPlace:
    """Return where a model lies, at once; ConfigError when it is not on this machine.

    Args:
        model: a folder (an absolute path, or one that begins with ./, ../ or ~), else a hub's name.
        revision: a commit, branch or tag of the hub, or the beginning of a folder's digest; None: what is there.
        cache: the hub's cache; None: where the hub's own library keeps it (HF_HOME, HF_HUB_CACHE).
    """
    if revision is not None and not _REVISION.fullmatch(revision):
        raise ConfigError(f"revision {revision[:80]!r}: not a commit, a branch or a tag")
    if model.startswith(("/", "./", "../", "~")):
        return _own_folder(model, revision)
    if not _HUB_NAME.fullmatch(model):
        raise ConfigError(f"model {model!r}: neither owner/name nor a folder's path")
    return _in_cache(model, revision, cache or hub_cache())


def hub_cache() -> Path:
    """Return where the hub's library keeps what it downloads."""
    from huggingface_hub import constants  # noqa: PLC0415 - a tenth of a second

    return Path(constants.HF_HUB_CACHE)


def file_digests(folder: Path, names: tuple[str, ...] = FILES) -> dict[str, str]:
    """Return the SHA-256 of each of the named files that a folder has."""
    return {name: _digest(folder / name) for name in names if (folder / name).is_file()}


def digest_of(digests: Mapping[str, str]) -> str:
    """Return one digest, 40 hex digits, of files' digests."""
    return hashlib.sha256(json.dumps(dict(sorted(digests.items()))).encode()).hexdigest()[:40]


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _own_folder(model: str, revision: str | None) -> ModelPlace:
    folder = Path(model).expanduser().absolute()
    searched = f"the folder {folder}"
    if not (folder / CONFIG).is_file():
        what = f"no {CONFIG}" if folder.is_dir() else "no such folder"
        raise no_model(what, model=model, revision=revision, searched=searched)
    digest = digest_of(file_digests(folder))
    if revision is not None and not (len(revision) >= LEAST_PREFIX and digest.startswith(revision)):
        raise ConfigError(
            f"model {model}: the folder's files have the digest {digest}, not the revision"
            f" {revision}; write revision: {digest}, or put the other model there"
        )
    return ModelPlace(model=model, revision=digest, folder=folder, searched=searched)


def _in_cache(model: str, revision: str | None, cache: Path) -> ModelPlace:
    home = cache / f"models--{model.replace('/', '--')}"
    wanted = revision or "main"
    reference = home / "refs" / wanted
    try:
        commit = reference.read_text("ascii").strip() if reference.is_file() else wanted
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{reference}: cannot be read: {error}") from error
    folder = home / "snapshots" / commit
    searched = f"the cache {cache}"
    if not folder.is_dir():
        raise no_model(
            "the model is not on this machine", model=model, revision=revision, searched=searched
        )
    return ModelPlace(model=model, revision=commit, folder=folder, searched=searched)
