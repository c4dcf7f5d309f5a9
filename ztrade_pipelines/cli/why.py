"""`ztrade why`: from a fill or an order back to the vendor's row, as a tree or one JSON document."""

import click

from ztrade_core.trading.trail import TrailRooms, trail_of
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.office import office
from ztrade_pipelines.cli.output import console, emit_json, json_option, show
from ztrade_pipelines.cli.why_document import trail_document
from ztrade_pipelines.cli.why_minds import whole_words
from ztrade_pipelines.cli.why_view import trail_tree


@click.command(cls=ZtradeCommand)
@click.argument("which", metavar="DECISION|ORDER")
@click.option(
    "--prompt",
    "is_whole",
    is_flag=True,
    help="Every question and raw answer of a model too, whole.",
)
@json_option
def why(which: str, *, is_whole: bool, as_json: bool) -> None:
    """Show why: fill, order, rules, decision, question and answer, headlines and bars, to the vendor's row.

    DECISION|ORDER is a decision's id, an order's own id (zt1-...) or the broker's id of it. The JSON
    document has every word always.
    """
    workshop = office().workshop
    rooms = TrailRooms(store=workshop.store, bars=workshop.bars, news=workshop.news)
    trail = trail_of(rooms, which)
    if as_json:
        emit_json(trail_document(trail))
        return
    show(trail_tree(trail))
    if is_whole:
        show("")
        console().print(whole_words((trail.mind, *trail.members)), soft_wrap=True)
