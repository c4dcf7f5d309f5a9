"""A model from the hub into the hub's cache on this machine: the only thing that ever downloads one.

The files are those that are read later and no others; what arrived is checked as it is when loaded,
and against the hub's digests.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ztrade_core.errors import ConfigError, TransientDataError, VendorRefusedError
from ztrade_core.sentiment.finbert.checks import check_files
from ztrade_core.sentiment.finbert.hub_client import SILENCE_SECONDS, bounded_hub
from ztrade_core.sentiment.finbert.packages import require
from ztrade_core.sentiment.finbert.places import (
    CONFIG,
    EXTRAS,
    TOKENIZERS,
    WEIGHTS,
    ModelPlace,
    file_digests,
    find_model,
    hub_cache,
)
from ztrade_core.sentiment.finbert.words import LEXICON


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Where models come from and go to; None: as the hub's library is set up (HF_ENDPOINT, HF_HOME)."""

    endpoint: str | None = None
    cache: Path | None = None
    silence_seconds: float = SILENCE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A model that is on this machine now; `bytes` of its files."""

    place: ModelPlace
    files: tuple[str, ...]
    bytes: int


def fetch_model(model: str, revision: str, hub: Hub | None = None) -> Fetched:
    """Download a model and check it.

    Raises TransientDataError when the hub does not answer, within seconds; VendorRefusedError when it
    has no such model or revision; ConfigError when the model is not one that can be used.
    """
    require("huggingface_hub")
    hub = hub or Hub()
    if model.startswith(("/", "./", "../", "~")):
        raise ConfigError(f"model {model}: a folder is not fetched, it is read where it is")
    with bounded_hub(hub.silence_seconds):
        wanted = _download(model, revision, hub)
    place = find_model(model, revision, cache=hub.cache)
    check_files(place)
    _check_digests(place, wanted)
    sizes = [(place.folder / name).stat().st_size for name in wanted]
    return Fetched(place=place, files=tuple(wanted), bytes=sum(sizes))


def _download(model: str, revision: str, hub: Hub) -> dict[str, str | None]:
    """Download what is read later; return the hub's SHA-256 of each file, None where it has none."""
    import httpx2  # noqa: PLC0415 - with the hub's library
    from huggingface_hub import HfApi, errors, snapshot_download  # noqa: PLC0415 - half a second

    where = f"model {model}, revision {revision}, from {hub.endpoint or HfApi().endpoint}"
    try:
        told = HfApi(endpoint=hub.endpoint).model_info(
            model, revision=revision, files_metadata=True, timeout=hub.silence_seconds
        )
        wanted = _wanted(told.siblings or (), where)
        snapshot_download(
            model,
            revision=revision,
            cache_dir=hub.cache,
            endpoint=hub.endpoint,
            allow_patterns=list(wanted),
            max_workers=2,
        )
    except TransientDataError as error:
        raise TransientDataError(f"{where}: {error}; {_ask_later(hub)}") from error
    except errors.OfflineModeIsEnabled as error:
        raise ConfigError(
            f"{where}: HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids it; unset it, or {LEXICON}"
        ) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise VendorRefusedError(
            f"{where}: the hub has no such model or revision, or will not show it ({type(error).__name__})"
        ) from error
    except (errors.HfHubHTTPError, errors.HFValidationError, httpx2.HTTPError, OSError) as error:
        text = " ".join(str(error).split())[:200]
        raise TransientDataError(f"{where}: {text}; {_ask_later(hub)}") from error
    return wanted


def _ask_later(hub: Hub) -> str:
    cache = hub.cache or hub_cache()
    return f"nothing was changed but the cache {cache}: run it again with a network, or {LEXICON}"


def _wanted(siblings: Any, where: str) -> dict[str, str | None]:
    """Choose configuration, tokenizer and one file of weights of what a model has."""
    there: Mapping[str, Any] = {each.rfilename: each for each in siblings}
    weights = [name for name in WEIGHTS if name in there][:1]
    tokenizer = [name for name in TOKENIZERS if name in there]
    if CONFIG not in there or not weights or not tokenizer:
        raise ConfigError(
            f"{where}: not usable, it lacks {CONFIG}, {' or '.join(WEIGHTS)}"
            f" or {' or '.join(TOKENIZERS)}"
        )
    names = [CONFIG, *tokenizer, *(name for name in EXTRAS if name in there), *weights]
    digests = {name: getattr(there[name].lfs, "sha256", None) for name in names}
    return {
        name: digest
        if isinstance(digest, str) and len(digest) == hashlib.sha256().digest_size * 2
        else None
        for name, digest in digests.items()
    }


def _check_digests(place: ModelPlace, wanted: Mapping[str, str | None]) -> None:
    found = file_digests(place.folder, tuple(wanted))
    for name, digest in wanted.items():
        if digest is not None and found.get(name) != digest:
            path = place.folder / name
            path.resolve().unlink(missing_ok=True)  # what the hub's library links to
            path.unlink(missing_ok=True)
            raise place.error(f"{name}: not the file that the hub tells of, and removed")
