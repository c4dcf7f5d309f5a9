"""What lies beside an exported model: from which revision and files it was made, and how well it agrees.

It carries its own digest: one that was changed, labels in another order too, is refused.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.checks import Labels
from ztrade_core.sentiment.finbert.words import FETCH, LEXICON

FORM = 2
FILE = "manifest.json"
REBUILD = "`ztrade sentiment export-onnx` makes it anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How the export's scores compare with torch's on `texts` sentences; differences are of scores."""

    texts: int
    label_agreement: float
    mean_difference: float
    largest_difference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """An export: its source (`source` are SHA-256 by file), its own `files`, its agreement.

    `unknown` is the token of unknown words, `versions` are of the packages that made it.
    """

    model: str
    revision: str
    source: dict[str, str]
    network: str
    tokenizer: str
    files: dict[str, str]
    labels: Labels
    unknown: int | None
    agreement: Agreement
    versions: dict[str, str]

    def text(self) -> str:
        """Return it as JSON."""
        told = {"form": FORM, **asdict(self)}
        return json.dumps({**told, "digest": _digest(told)}, indent=2) + "\n"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of an export's folder; ConfigError when there is none or it is broken."""
        path = folder / FILE
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if found.get("form") == FORM and found.pop("digest") != _digest(found):
                raise ConfigError(f"{path}: not as it was written; {REBUILD}")
            if found.pop("form") != FORM:
                raise ConfigError(f"{path}: of another form; {REBUILD}")
            labels, agreement = Labels(**found.pop("labels")), Agreement(**found.pop("agreement"))
            return cls(labels=labels, agreement=agreement, **found)
        except FileNotFoundError:
            raise ConfigError(
                f"finbert-onnx: no export in {folder}; `ztrade sentiment export-onnx` makes it of a"
                f" model that is on this machine, {FETCH}; {LEXICON}"
            ) from None
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise ConfigError(f"{path}: broken ({type(error).__name__}); {REBUILD}") from error


def _digest(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
