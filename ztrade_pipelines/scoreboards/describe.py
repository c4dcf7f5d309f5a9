"""How a scoreboard looks on the page: one row a mind or each of its parts, a picture, numbers over time."""

from dataclasses import asdict

from ztrade_core.studies.scoreboard_figures import MindScore, Part, PartScore, Scoreboard
from ztrade_pipelines import ui
from ztrade_pipelines.scoreboards.picture import scoreboard_picture

HEADS = ("mind", "part", "models", "samples")
COLUMNS = (
    "moments",
    "answered",
    "held_share",
    "invalid",
    "unasked",
    "unanswered",
    "asleep",
    "hit_rate",
    "hit_low",
    "hit_high",
    "judged",
    "apart",
    "few",
    "open",
    "own_hit_rate",
    "return",
    "samples_low",
    "samples_high",
    "own_return",
    "buy_and_hold",
    "max_drawdown",
    "trades",
    "bars",
    "bars_unanswered",
    "usd",
    "usd_each",
    "tokens_each",
    "seconds_each",
    "came_share",
    "agreement",
    "kappa",
    "agreed_moments",
    "repeatability",
    "confidence_spread",
)


def scoreboard_metadata(board: Scoreboard) -> ui.Metadata:
    """Describe an agent's scoreboard; the hit rate and return of each mind are plotted over runs."""
    lines = [
        (
            mind.label,
            part.part.value,
            " and ".join(mind.models) or None,
            mind.samples,
            *row_of(part),
        )
        for mind in board.minds
        for part in mind.parts
    ]
    return {
        "account": board.account,
        "account_epoch": ui.number(board.account_epoch),
        "begins": ui.moment(board.begins),
        "ends": ui.moment(board.ends),
        "horizon_bars": board.horizon_bars,
        "bars": board.bars,
        "missing_bars": board.missing_bars,
        "common_moments": board.common,
        "dagster/row_count": len(lines),
        "minds": ui.table((*HEADS, *COLUMNS), lines),
        "agreement": ui.table(
            ("one", "other", "part", "moments", "agreement", "kappa"), _pairs(board)
        ),
        "notes": ui.lines(board.notes),
        **_plotted(board),
        **(
            {"picture": ui.picture(scoreboard_picture(board), "hit rates and returns")}
            if lines
            else {}
        ),
    }


def row_of(part: PartScore) -> tuple[ui.Cell, ...]:
    """Return a part's figures in the order of `COLUMNS`."""
    moments, hits, again = part.moments, part.hits, part.repeatability
    followed = {} if part.followed is None else asdict(part.followed)
    cost = {} if part.cost is None else asdict(part.cost)
    agreed = {} if part.agreement is None else asdict(part.agreement)
    names = ("total_return", "low", "high", "own_return", "hold_return")
    return (
        moments.count,
        moments.answered,
        moments.held_share,
        moments.invalid,
        moments.unasked,
        moments.unanswered,
        moments.asleep,
        hits.rate,
        hits.low,
        hits.high,
        hits.judged,
        hits.apart,
        hits.few,
        hits.open,
        None if part.own_hits is None else part.own_hits.rate,
        *(followed.get(name) for name in (*names, "max_drawdown", "trades", "bars", "unanswered")),
        *(cost.get(name) for name in ("usd", "usd_each", "tokens_each", "seconds_each")),
        cost.get("came_share"),
        *(agreed.get(name) for name in ("share", "kappa", "moments")),
        again.share,
        again.spread,
    )


def _pairs(board: Scoreboard) -> list[tuple[ui.Cell, ...]]:
    return [
        (pair.one, pair.other, name, found.moments, found.share, found.kappa)
        for pair in board.pairs
        for name, found in pair.parts.items()
    ]


def _plotted(board: Scoreboard) -> ui.Metadata:
    found: ui.Metadata = {}
    for mind in board.minds:
        for part in mind.parts:
            name = _name(mind, part.part)
            found[f"{name}/hit_rate"] = ui.number(part.hits.rate)
            earned = None if part.followed is None else part.followed.total_return
            found[f"{name}/return"] = ui.number(earned)
    return found


def _name(mind: MindScore, part: Part) -> str:
    """Return a mind's part as a name of metadata: `shadow_haiku/clean`."""
    label = mind.role if mind.role == mind.label else mind.label.replace(" ", "_")
    return label if part is Part.ALL else f"{label}/{part.value.replace(' ', '_')}"
