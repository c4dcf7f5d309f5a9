"""`ztrade sentiment score`: what the configured scorer, or another, says of texts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from ztrade_core.assembly.scorers import Labelled, choose_scorer, labelled
from ztrade_core.errors import InputError
from ztrade_core.logs import configure_logging
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import ABSENT
from ztrade_pipelines.cli.office import note, office
from ztrade_pipelines.cli.output import emit_json, json_option, rows, show, table

_TONES = {"positive": "green", "negative": "red", "neutral": ""}


@click.command(cls=ZtradeCommand)
@click.argument("texts", nargs=-1)
@click.option("--file", "path", type=click.Path(path_type=Path), help="A text on each line.")
@click.option(
    "--scorer",
    "name",
    type=click.Choice(["lexicon", "finbert", "finbert-onnx"]),
    help="Another scorer than config/sentiment.yaml's.",
)
@json_option
def score(*, texts: Sequence[str], path: Path | None, name: str | None, as_json: bool) -> None:
    """Score texts: -1 bad to 1 good, how sure, and by which scorer. Nothing is stored."""
    asked = [*texts, *_lines(path)]
    if not asked:
        raise InputError("nothing to score: write texts, or --file with a text on each line")
    here = office()
    configure_logging(level="INFO" if here.debug else "ERROR")  # a fallback is said in a note
    settings = here.settings
    config = settings.company.sentiment.scorer
    if name is not None and name != config.name:
        config = replace(config, name=name, fallback=None)
    chosen = choose_scorer(config, settings.data_dir)
    for each in chosen.notes:
        note(each)
    found = labelled(chosen.scorer, asked)
    if as_json:
        texts_of = [_document(text, one) for text, one in zip(asked, found, strict=True)]
        emit_json({"scorer": chosen.scorer.key, "notes": chosen.notes, "texts": texts_of})
        return
    made = table("Scores", ">score", ">confidence", "=label", "~text", caption=chosen.scorer.key)
    show(rows(made, [_row(text, one) for text, one in zip(asked, found, strict=True)]))


def _lines(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})") from error
    return [line for line in text.splitlines() if line.strip()]


def _row(text: str, one: Labelled | None) -> tuple[str | Text, ...]:
    shown = Text(
        "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    )
    if one is None:
        return ABSENT, ABSENT, "nothing to score", shown
    label = Text(one.label, style=_TONES[one.label])
    return f"{one.scored.score:+.3f}", f"{one.scored.confidence:.3f}", label, shown


def _document(text: str, one: Labelled | None) -> dict[str, object]:
    return {
        "text": text,
        "score": None if one is None else one.scored.score,
        "confidence": None if one is None else one.scored.confidence,
        "label": None if one is None else one.label,
    }
