"""What every error of the model has in common: which model, where it was looked for, what to do."""

from ztrade_core.errors import ConfigError

DEFAULT_MODEL = "ProsusAI/finbert"
DEFAULT_REVISION = "4556d13015211d73dccd3fdd39d39232506f3e43"
FETCH = "`ztrade sentiment fetch-model` downloads it"
LEXICON = "scorer.name: lexicon in config/sentiment.yaml needs no model"


def no_model(what: str, *, model: str, revision: str | None, searched: str) -> ConfigError:
    """Return the error for a model that cannot be used, in one line."""
    return ConfigError(
        f"{what}: model {model}, revision {revision or 'any'}, looked for in {searched};"
        f" {FETCH}, {LEXICON}"
    )
