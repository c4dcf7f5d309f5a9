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
from ztrade_core.sentiment.finbert.places import CONFIG, ModelPlace, find_model
from ztrade_core.sentiment.finbert.texts import MAX_TOKENS

_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)
"""What the libraries raise for files that are JSON, but not what they should be."""

_LAYER = ".layer."
_NAMED = 3
_UNHEARD = (
    "\u2603 qxjz"  # no tokenizer knows it: one without a token for that fails here, not later
)


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
    from huggingface_hub.errors import StrictDataclassError  # noqa: PLC0415 - with torch
    from safetensors import SafetensorError  # noqa: PLC0415 - with torch
    from transformers import AutoModelForSequenceClassification, logging  # noqa: PLC0415 - seconds

    quiet: Any = logging
    quiet.set_verbosity_error()  # what it warns of is refused below
    quiet.disable_progress_bar()
    try:
        network, told = AutoModelForSequenceClassification.from_pretrained(
            place.folder,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            dtype=torch.float32,
            weights_only=True,
        )
    except (*_BROKEN, SafetensorError, StrictDataclassError) as error:
        raise place.error(f"the weights cannot be loaded ({_short(error)})") from error
    absent = sorted(str(key) for key in (*told["missing_keys"], *told["mismatched_keys"]))
    if absent:
        raise place.error(f"the checkpoint lacks {_some(absent)}: its head would be random")
    unused = sorted(str(key) for key in told["unexpected_keys"] if _LAYER in str(key))
    if unused:
        raise place.error(f"{CONFIG} has fewer layers than the checkpoint: {_some(unused)}")
    return network.eval()


def _tokenizer(place: ModelPlace, network: Any) -> Any:
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            place.folder, local_files_only=True, trust_remote_code=False, use_fast=True
        )
        tokenizer(_UNHEARD)
    except Exception as error:
        if not isinstance(error, _BROKEN) and type(error) is not Exception:
            raise  # the tokenizers library raises no class of its own
        raise place.error(f"the tokenizer cannot be loaded ({_short(error)})") from error
    if not getattr(tokenizer, "is_fast", False) or tokenizer.pad_token_id is None:
        raise place.error("the tokenizer is not one that can pad and be exported")
    if len(tokenizer) > network.config.vocab_size:
        raise place.error(
            f"the tokenizer knows {len(tokenizer):,} tokens, the model {network.config.vocab_size:,}"
        )
    reads = getattr(network.config, "max_position_embeddings", MAX_TOKENS)
    if reads < MAX_TOKENS:
        raise place.error(f"the model reads {reads} tokens of a text, and {MAX_TOKENS} are needed")
    return tokenizer


def _some(keys: list[str]) -> str:
    """Return the first keys, enough to know them by."""
    return ", ".join(keys[:_NAMED]) + (", ..." if len(keys) > _NAMED else "")


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}"
