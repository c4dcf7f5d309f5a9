"""Whether an exported model says what the model says that it was made from."""

from collections.abc import Sequence

from ztrade_core.errors import ConfigError
from ztrade_core.sentiment.finbert.manifest import Agreement
from ztrade_core.sentiment.finbert.texts import Judged

LEAST_LABEL_AGREEMENT = 0.95
MOST_MEAN_DIFFERENCE = 0.05


def compare(source: Sequence[Judged | None], export: Sequence[Judged | None]) -> Agreement:
    """Compare what the two say of the same texts, in the same order."""
    pairs = [
        (one, other)
        for one, other in zip(source, export, strict=True)
        if one is not None and other is not None
    ]
    differences = [abs(one.scored.score - other.scored.score) for one, other in pairs]
    same = sum(one.label == other.label for one, other in pairs)
    return Agreement(
        texts=len(pairs),
        label_agreement=same / len(pairs) if pairs else 0.0,
        mean_difference=sum(differences) / len(pairs) if pairs else 1.0,
        largest_difference=max(differences, default=1.0),
    )


def require_agreement(found: Agreement, *, texts: int) -> None:
    """Raise ConfigError unless every text was scored and the scores agree well enough."""
    if (
        found.texts == texts
        and found.label_agreement >= LEAST_LABEL_AGREEMENT
        and found.mean_difference <= MOST_MEAN_DIFFERENCE
    ):
        return
    raise ConfigError(
        f"the int8 export is refused: of {texts} sentences it scores {found.texts}, with"
        f" {found.label_agreement:.0%} of the labels the same (at least"
        f" {LEAST_LABEL_AGREEMENT:.0%}) and scores {found.mean_difference:.3f} apart on average"
        f" (at most {MOST_MEAN_DIFFERENCE}); use the scorer finbert with this model"
    )
