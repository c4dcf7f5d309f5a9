"""`ztrade sentiment fetch-model` and `export-onnx`: the model of the scorers finbert and finbert-onnx."""

from typing import NamedTuple

import click

from ztrade_core.assembly.scorers import export_folder
from ztrade_core.sentiment.finbert.words import DEFAULT_MODEL, DEFAULT_REVISION
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.formats import count, percent
from ztrade_pipelines.cli.office import note, office
from ztrade_pipelines.cli.output import emit_json, json_option, show

_MODEL = "owner/name on the hub. [default: config/sentiment.yaml's]"
_REVISION = "Its commit, branch or tag. [default: config/sentiment.yaml's]"
_FOLDER = "owner/name, or a folder's path. [default: config/sentiment.yaml's]"


class _Wanted(NamedTuple):
    """A model; no revision: whichever is here."""

    model: str
    revision: str | None


@click.command(cls=ZtradeCommand)
@click.option("--model", help=_MODEL)
@click.option("--revision", help=_REVISION)
@json_option
def fetch_model(*, model: str | None, revision: str | None, as_json: bool) -> None:
    """Download the model into the hub's cache on this machine, and check it.

    The only command that asks the hub. It says within seconds when the hub does not answer.
    """
    from ztrade_core.sentiment.finbert.fetching import fetch_model as fetch  # noqa: PLC0415 - heavy

    wanted = _wanted(model, revision)
    named = wanted.revision or (DEFAULT_REVISION if wanted.model == DEFAULT_MODEL else "main")
    note(f"fetching {wanted.model}, revision {named}")
    found = fetch(wanted.model, named)
    place = found.place
    if as_json:
        emit_json(
            {
                "model": place.model,
                "revision": place.revision,
                "folder": place.folder,
                "files": found.files,
                "bytes": found.bytes,
            }
        )
        return
    show(
        f"{place.model} is on this machine: {count(found.bytes // 1_000_000)} MB in {place.folder}",
        _configured("finbert", place.model, place.revision),
    )


@click.command(cls=ZtradeCommand)
@click.option("--model", help=_FOLDER)
@click.option("--revision", help=_REVISION)
@json_option
def export_onnx(*, model: str | None, revision: str | None, as_json: bool) -> None:
    """Export the model that is on this machine to int8 for the scorer finbert-onnx.

    Refused unless it agrees with the model on sixty sentences: 95 % of the labels the same, scores
    0.05 apart on average at most.
    """
    from ztrade_core.sentiment.finbert.loading import load_model  # noqa: PLC0415 - heavy
    from ztrade_core.sentiment.finbert.onnx_export import export  # noqa: PLC0415 - heavy

    wanted = _wanted(model, revision)
    loaded = load_model(wanted.model, wanted.revision)
    note(f"exporting {wanted.model}, revision {loaded.place.revision}: about half a minute")
    folder = export_folder(office().settings.data_dir, wanted.model)
    made = export(loaded, folder)
    if as_json:
        emit_json({"folder": folder, **{name: getattr(made, name) for name in _SHOWN}})
        return
    agreement = made.agreement
    show(
        f"{made.model}, revision {made.revision}, is exported to {folder}",
        f"Of {agreement.texts} sentences {percent(agreement.label_agreement)} have the same label;"
        f" scores differ by {agreement.mean_difference:.4f} on average,"
        f" {agreement.largest_difference:.4f} at most",
        _configured("finbert-onnx", made.model, made.revision),
    )


def _configured(scorer: str, model: str, revision: str) -> str:
    return (
        f"To use it, write in config/sentiment.yaml under scorer: name: {scorer}, model: {model},"
        f" revision: {revision}"
    )


_SHOWN = ("model", "revision", "agreement", "versions")


def _wanted(model: str | None, revision: str | None) -> _Wanted:
    """The configured model; its revision only where no other model is named."""
    config = office().settings.company.sentiment.scorer
    if model is None or model == config.model:
        return _Wanted(config.model or DEFAULT_MODEL, revision or config.revision)
    return _Wanted(model, revision)
