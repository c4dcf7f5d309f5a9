"""A model from its folder into torch: weights, tokenizer and labels, or one clear error.

Only files of this machine are read, code that a model brings along is never run, and a model whose
classification head would be made up is refused.
"""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ztrade_core.sentiment.finbert.checks import Labels, check_files
from ztrade_core.sentiment.finbert.packages import require
from ztrade_core.sentiment.finbert.places import ModelPlace, find_model


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model ready to answer: torch's network in evaluation mode, its tokenizer, its labels."""

    place: ModelPlace
    network: Any
    tokenizer: Any
    labels: Labels

    @property
    def unknown(self) -> int | None:
        """The token that stands for what the tokenizer does not know."""
        found: int | None = self.tokenizer.unk_token_id
        return found


def load_model(model: str, revision: str | None, *, cache: Path | None = None) -> LoadedModel:
    """Load a model; ConfigError, within seconds and without a network, when it cannot be."""
    require("torch", "transformers")
    place = find_model(model, revision, cache=cache)
    labels = check_files(place)
    network = _network(place)
    return LoadedModel(
        place=place, network=network, tokenizer=_tokenizer(place, network), labels=labels
    )


def _network(place: ModelPlace) -> Any:
    import torch  # noqa: PLC0415 - seconds
    from safetensors import SafetensorError  # noqa: PLC0415 - with torch
    from transformers import AutoModelForSequenceClassification, logging  # noqa: PLC0415 - seconds

    quiet: Any = logging
    quiet.set_verbosity_error()  # what it warns of is refused below
    quiet.disable_progress_bar()
    broken = (OSError, ValueError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError)
    try:
        network, told = AutoModelForSequenceClassification.from_pretrained(
            place.folder,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            dtype=torch.float32,
            weights_only=True,
        )
    except (*broken, SafetensorError) as error:
        raise place.error(f"the weights cannot be loaded ({_short(error)})") from error
    absent = sorted(str(key) for key in (*told["missing_keys"], *told["mismatched_keys"]))
    if absent:
        more = ", ..." if len(absent) > 3 else ""  # noqa: PLR2004 - enough to know it by
        raise place.error(
            f"the checkpoint lacks {', '.join(absent[:3])}{more}: its head would be random"
        )
    return network.eval()


def _tokenizer(place: ModelPlace, network: Any) -> Any:
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            place.folder, local_files_only=True, trust_remote_code=False, use_fast=True
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise place.error(f"the tokenizer cannot be loaded ({_short(error)})") from error
    if not getattr(tokenizer, "is_fast", False) or tokenizer.pad_token_id is None:
        raise place.error("the tokenizer is not one that can pad and be exported")
    if len(tokenizer) > network.config.vocab_size:
        raise place.error(
            f"the tokenizer knows {len(tokenizer):,} tokens, the model {network.config.vocab_size:,}"
        )
    return tokenizer


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}"
