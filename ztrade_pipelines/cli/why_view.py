"""A trail as a tree of lines. Whatever a stranger or a mind wrote is one visible, bounded line."""

from collections.abc import Iterator

from rich.text import Text
from rich.tree import Tree

from ztrade_core.domain.orders import Fill, Order
from ztrade_core.domain.plain_text import visible_line
from ztrade_core.domain.snapshots import MarketSnapshot, OpenOrder
from ztrade_core.domain.time import from_micros
from ztrade_core.domain.words import counted
from ztrade_core.trading.trail import SeenStory, Trail
from ztrade_pipelines.cli.decisions import order_text
from ztrade_pipelines.cli.formats import moment, price, quantity
from ztrade_pipelines.cli.why_minds import add_mind

MOST = 200


def trail_tree(trail: Trail) -> Tree:
    """Return the whole trail, the newest consequence first."""
    decision = trail.row.decision
    root = Tree(_line(f"{decision.decision_id} · {decision.key.agent_id} · {decision.key.slot}"))
    for name, lines in (
        (counted(len(trail.fills), "fill"), map(_fill, trail.fills)),
        (counted(len(trail.orders), "order"), (_order(one, trail) for one in trail.orders)),
    ):
        _branch(root, name, lines)
    _verdicts(root, trail)
    _branch(root, "decision", _decision(trail))
    for mind in (trail.mind, *trail.members):
        add_mind(root, mind, decision_id=decision.decision_id)
    if trail.snapshot is None:
        root.add(_line(trail.problem, style="red bold"))
        return root
    _branch(root, f"bars: {trail.snapshot.bars.symbol}", _bars(trail))
    _branch(root, "own book", _own_book(trail.snapshot))
    _branch(root, "sentiment", _sentiment(trail))
    return root


def _branch(root: Tree, name: str, lines: Iterator[str]) -> None:
    branch = root.add(_line(name, style="bold"))
    for line in lines:
        branch.add(_line(line))


def _line(text: str, style: str = "") -> Text:
    return Text(visible_line(text, 3 * MOST), style=style)


def _fill(fill: Fill) -> str:
    side = f"{fill.role.value} {fill.side.value} {quantity(fill.quantity)} at {price(fill.price)}"
    return f"{moment(fill.filled_at)}  {side}, of order {fill.client_order_id}"


def _order(order: Order, trail: Trail) -> str:
    request = order.request
    asked = trail.asked is not None and trail.asked.request.client_order_id
    mark = "  <- asked about" if asked == request.client_order_id else ""
    at = f", at the broker {order.broker_order_id}" if order.broker_order_id else ""
    reason = f": {visible_line(order.reason, MOST)}" if order.reason else ""
    return (
        f"{request.role.value} {request.side.value} {quantity(request.quantity)} {request.symbol}"
        f" {request.type.value}, {order.status.value}{reason}, {request.client_order_id}{at}{mark}"
    )


def _verdicts(root: Tree, trail: Trail) -> None:
    verdicts = trail.row.verdicts
    failed = [verdict for verdict in verdicts if not verdict.passed]
    passed = len(verdicts) - len(failed)
    branch = root.add(_line(f"rules: {passed} passed, {len(failed)} did not", style="bold"))
    for verdict in failed:
        branch.add(_line(f"{verdict.rule_id} {verdict.name}: {verdict.message}", style="red"))


def _decision(trail: Trail) -> Iterator[str]:
    row, decision = trail.row, trail.row.decision
    yield f"{decision.proposal.action.value} {decision.symbol}: {decision.outcome.value.upper()}"
    if decision.quantity > 0.0:
        yield f"order of {order_text(decision)}"
    yield f"reason: {visible_line(decision.reason, MOST)}"
    yield f"as of {moment(decision.as_of)}, {decision.key.account} account, epoch {decision.key.account_epoch}"
    yield f"ledger row {row.sequence}, digest {row.digest[:16]}, configuration {decision.config_digest[:12]}"


def _bars(trail: Trail) -> Iterator[str]:
    snapshot, bar = trail.snapshot, trail.bar
    if snapshot is None or not len(snapshot.bars):
        yield "none"
        return
    bars = snapshot.bars
    first = moment(from_micros(int(bars.timestamps[0])))
    yield (
        f"{counted(len(bars), 'bar')} of {bars.timeframe.value}, {first} to {moment(bars.last_open)}, last"
        f" close {price(float(bars.closes[-1]))}, seen from {snapshot.bar_source}"
    )
    for issue in snapshot.issues:
        yield f"issue: {visible_line(issue, MOST)}"
    if bar is None:
        yield "the store has the decision bar no more"
        return
    now = "its values are those seen" if bar.is_seen else f"its close is {price(bar.close)} now"
    yield f"vendor's row: {bar.source}, ingested {moment(bar.ingested_at)}; {now}"


def _own_book(snapshot: MarketSnapshot) -> Iterator[str]:
    """Yield what the mind saw of its own agent's book."""
    held = snapshot.position
    if held is None:
        yield "it held nothing"
    else:
        legs = f"stop {price(held.stop_price)}, target {price(held.target_price)}"
        yield f"it held {quantity(held.quantity)} at {price(held.average_price)}, {legs}"
    for order in snapshot.open_orders:
        yield _open_order(order)


def _open_order(order: OpenOrder) -> str:
    prices = (
        ("limit", order.limit_price),
        ("stop", order.stop_price),
        ("target", order.target_price),
    )
    at = "".join(f", {name} {price(value)}" for name, value in prices if value is not None)
    return (
        f"open: {order.role.value} {order.side.value} {quantity(order.quantity)} {order.type.value}{at},"
        f" {quantity(order.filled_quantity)} filled, since {moment(order.created_at)}"
    )


def _sentiment(trail: Trail) -> Iterator[str]:
    reading = None if trail.snapshot is None else trail.snapshot.sentiment
    if reading is None:
        yield "none was known"
        return
    yield f"score {reading.score:+.3f}, confidence {reading.confidence:.2f}, by {reading.scorer}"
    for seen in trail.stories:
        yield _story(seen)


def _story(seen: SeenStory) -> str:
    headline, story = seen.headline, seen.story
    text = visible_line(headline.headline, MOST)
    told = f"{moment(headline.published_at)}  {headline.source}  {headline.score:+.2f}  “{text}”"
    if story is None:
        return f"{told}; the store has its row no more"
    url = f", {visible_line(story.url, MOST)}" if story.url else ""
    return f"{told}; ingested {moment(story.ingested_at)}, known {moment(story.known_at)}{url}"
