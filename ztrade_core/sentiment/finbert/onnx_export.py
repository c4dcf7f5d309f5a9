"""A model exported to ONNX and rounded to int8, once, beside a manifest of what it was made from.

The manifest is put in its place last and alone makes an export: a killed one leaves none, or the old one.
An export that does not agree with its model is refused.
"""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from typing_extensions import override

from ztrade_core.sentiment.finbert.agreement import compare, require_agreement
from ztrade_core.sentiment.finbert.loading import LoadedModel
from ztrade_core.sentiment.finbert.manifest import FILE, Agreement, Manifest
from ztrade_core.sentiment.finbert.onnx_scorer import OnnxScorer
from ztrade_core.sentiment.finbert.onnx_session import INPUT, OUTPUT
from ztrade_core.sentiment.finbert.packages import require
from ztrade_core.sentiment.finbert.places import file_digests
from ztrade_core.sentiment.finbert.sample import SAMPLE
from ztrade_core.sentiment.finbert.texts import MAX_TOKENS
from ztrade_core.sentiment.finbert.torch_scorer import FinbertScorer

_NETWORK = "network.onnx"
_TOKENIZER = "tokenizer.json"
_NO_AGREEMENT = Agreement(texts=0, label_agreement=0, mean_difference=1, largest_difference=1)
_MAKERS = ("torch", "transformers", "onnx", "onnxruntime")
_SHORTEST = 2


def export(model: LoadedModel, folder: Path) -> Manifest:
    """Export a model into a folder and return the manifest; the folder's older export is replaced.

    Takes about half a minute and 2 GB of memory for a model of BERT's size. Raises ConfigError when
    the export does not agree with the model (`agreement`).
    """
    require("onnx", "onnxruntime", "onnxscript", "tokenizers")
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        _write_network(model, work)
        model.tokenizer.backend_tokenizer.save(str(work / _TOKENIZER))
        manifest = _manifest(model, work, _NO_AGREEMENT)
        found = compare(
            FinbertScorer(model).judged(SAMPLE), OnnxScorer(work, manifest).judged(SAMPLE)
        )
        require_agreement(found, texts=len(SAMPLE))
        return _put(work, folder, _manifest(model, work, found))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _manifest(model: LoadedModel, work: Path, agreement: Agreement) -> Manifest:
    return Manifest(
        model=model.place.model,
        revision=model.place.revision,
        source=file_digests(model.place.folder),
        network=_NETWORK,
        tokenizer=_TOKENIZER,
        files=file_digests(work, (_NETWORK, _TOKENIZER)),
        labels=model.labels,
        unknown=model.unknown,
        agreement=agreement,
        versions={name: version(name) for name in _MAKERS},
    )


def _put(work: Path, folder: Path, manifest: Manifest) -> Manifest:
    """Move the files under names that tell their content, then the manifest, then drop older ones."""
    names = {name: f"{digest[:16]}-{name}" for name, digest in manifest.files.items()}
    for name, final in names.items():
        (work / name).replace(folder / final)
    placed = replace(
        manifest,
        network=names[_NETWORK],
        tokenizer=names[_TOKENIZER],
        files={names[name]: digest for name, digest in manifest.files.items()},
    )
    (work / FILE).write_text(placed.text(), "utf-8")
    (work / FILE).replace(folder / FILE)
    _tidy(folder, {FILE, *placed.files, work.name})
    return placed


def _tidy(folder: Path, kept: set[str]) -> None:
    """Drop older exports, and what killed ones left."""
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _write_network(model: LoadedModel, work: Path) -> None:
    import onnx  # noqa: PLC0415 - half a second
    import torch  # noqa: PLC0415 - seconds
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - as above

    exact = work / "exact.onnx"
    any_length = torch.export.Dim("tokens", min=_SHORTEST, max=MAX_TOKENS)
    with _quiet(), torch.inference_mode():
        torch.onnx.export(
            _one_text(model.network),
            (torch.full((1, 16), model.unknown or 0),),
            exact,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={INPUT: {1: any_length}},
            dynamo=True,
            verbose=False,
            external_data=False,
        )
        graph = onnx.load(exact)
        del graph.graph.value_info[:]  # shapes from before the weights were transposed
        quantize_dynamic(graph, work / _NETWORK, weight_type=QuantType.QInt8, per_channel=True)
    exact.unlink()


def _one_text(network: Any) -> Any:
    """Return the network for one text without padding: tokens in, logits out."""
    import torch  # noqa: PLC0415 - seconds

    class OneText(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        @override
        def forward(self, input_ids: Any) -> Any:
            mask = torch.ones_like(input_ids)
            return self.network(input_ids=input_ids, attention_mask=mask).logits

    return OneText().eval()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what exporter and quantizer warn their own authors of."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
