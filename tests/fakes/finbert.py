"""Models of FinBERT's form, small enough to be made in a test: two layers, 32 wide, knowing a few words.

They go through the real loading code. Knowing, because a random network's labels hang by a hair, and an
export could then not agree with it. Nothing is imported from torch before a model is made.
"""

import json
import shutil
import string
from pathlib import Path
from typing import Any

LABELS = {0: "positive", 1: "negative", 2: "neutral"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "tests/finbert"
GOOD = "profit rises beats raised record improves strong surge jump won praise higher"
BAD = "loss losses falls fell cuts warns weak tumble fails collapses lawsuit fraud lower"
WIDTH = 32
OTHER = "the a of in on and by to shares stock company sales revenue quarter year bank new"


def make_model(folder: Path, *, seed: int = 3) -> Path:
    """Write a model whose weights are large enough for words to move its answer."""
    import torch  # noqa: PLC0415 - seconds, and not every test of a run needs it
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415 - as above

    torch.set_num_threads(1)  # more are slower on a network this small
    folder.mkdir(parents=True)
    letters = [*string.ascii_lowercase, *string.digits, "%", ".", ","]
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = [
        *marks,
        *GOOD.split(),
        *BAD.split(),
        *OTHER.split(),
        *letters,
        *(f"##{each}" for each in letters),
    ]
    vocabulary = list(dict.fromkeys(vocabulary))
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )
    torch.manual_seed(seed)
    network = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=WIDTH,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            num_labels=3,
            initializer_range=0.05,
            id2label=LABELS,
            label2id={label: place for place, label in LABELS.items()},
        )
    )
    _teach(network, vocabulary)
    network.save_pretrained(folder)
    return folder


def _teach(network: Any, vocabulary: list[str]) -> None:
    """Let the first two numbers of a text say how much in it is GOOD and how much is BAD.

    Words carry them, the first layer adds up what the words carry, the head reads them out.
    """
    import torch  # noqa: PLC0415 - seconds

    embeddings, first = network.bert.embeddings, network.bert.encoder.layer[0].attention
    with torch.no_grad():
        for table in (embeddings.word_embeddings, embeddings.position_embeddings):
            table.weight[:, :2] = 0.0
        embeddings.token_type_embeddings.weight[:, :2] = 0.0
        for column, words in enumerate((GOOD, BAD)):
            for word in words.split():
                embeddings.word_embeddings.weight[vocabulary.index(word), column] = 3.0
        first.self.value.weight.copy_(torch.eye(WIDTH))
        first.output.dense.weight.zero_()
        network.bert.pooler.dense.weight[:2] = 0.0
        network.classifier.weight.mul_(0.2)
        for column in (0, 1):
            first.output.dense.weight[column, column] = 20.0
            network.bert.pooler.dense.weight[column, column] = 0.5
            network.classifier.weight[column, column] += 4.0
        network.classifier.bias[2] = 2.0


def into_cache(model: Path, cache: Path, *, commit: str = COMMIT, branch: str = "main") -> Path:
    """Copy a model to where the hub's library would have put it; return its folder."""
    home = cache / f"models--{NAME.replace('/', '--')}"
    (home / "refs").mkdir(parents=True, exist_ok=True)
    (home / "refs" / branch).write_text(commit)
    snapshot = home / "snapshots" / commit
    shutil.copytree(model, snapshot)
    return snapshot


def rewrite(path: Path, **changed: Any) -> None:
    """Change keys of a JSON file; None drops one."""
    content = json.loads(path.read_text()) | changed
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
