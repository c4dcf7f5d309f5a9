"""Scenes of what stands at the broker: stops, legs of a day, rests of entries, coins, silence."""

from datetime import datetime
from decimal import Decimal

from tests.fakes.alpaca_server import Fault
from tests.fakes.desk import at
from tests.faults.judge import Findings
from tests.faults.teeth_world import Stage
from tests.unit.trading.builders import BTC
from ztrade_core.domain.orders import Role

CLOSES = datetime.fromisoformat("2022-12-28T21:00:00+00:00")
NEXT_OPENS = datetime.fromisoformat("2022-12-29T14:30:00+00:00")
SHORT = 4
"""Looks, ten seconds apart, after which what was bare is too late."""


def partial_fill(stage: Stage) -> Findings:
    """A tenth fills; the rest is ended, and the stop is for what is held."""
    bench = stage.bench()
    bench.ledger.partial["TSLA"] = "0.1"
    bench.quote("TSLA", "100")
    bench.run()
    bench.looks(2, seconds=11)
    held = bench.ledger.held["TSLA"]
    bench.expect(held == Decimal(4), f"{held} of the 4 shares are left")
    refused = [each for each in bench.orders(Role.STOP) if each.status.value == "rejected"]
    bench.expect(not refused, "a stop for more than is held was sent")
    return bench.judged()


def cancel_unanswered(stage: Stage) -> Findings:
    """The cancels of the day's stop get no answer: nothing takes its place before it is gone."""
    bench = stage.bench()
    bench.quote("TSLA", "100")
    cut = Fault(method="DELETE", path="/v2/orders", how="reset", times=3, acts=False)
    bench.server.fault(cut)
    bench.run()
    bench.looks(SHORT)
    bench.expect(not bench.is_flat(), "the position was sold, though its stop stood")
    return bench.judged()


def stop_taken_away(stage: Stage) -> Findings:
    """Somebody cancels the pair at the broker."""
    bench = stage.bench().bought()
    bench.ledger.cancel(bench.ledger.working()[0].id)
    bench.looks(SHORT)
    return bench.judged()


def stops_refused(stage: Stage) -> Findings:
    """Somebody cancels the pair, and the broker takes no stop any more: the position is sold."""
    bench = stage.bench().bought()
    bench.ledger.cancel(bench.ledger.working()[0].id)
    bench.ledger.refuse = [("stop", 403, 40310000, "no stops today", 99)]
    bench.looks(SHORT)
    bench.expect(bench.is_flat(), "a position that no stop can cover was kept", "unprotected")
    return bench.judged()


def overnight(stage: Stage) -> Findings:
    """Nobody looks from the close to the next opening."""
    bench = stage.bench().bought()
    bench.set(CLOSES)
    bench.ledger.close_session()
    bench.set(NEXT_OPENS)
    bench.ledger.open_session()
    return bench.judged()


def coin_gap(stage: Stage) -> Findings:
    """The price falls through a coin's stop and its limit."""
    bench = stage.bench(BTC).bought(BTC)
    bench.quote("BTC/USD", "90")
    bench.looks(SHORT)
    return bench.judged()


def coin_day(stage: Stage) -> Findings:
    """Coins are bought, the broker keeps its fee of them, and the stop is for what is left."""
    bench = stage.bench(BTC).bought(BTC)
    bench.looks(2)
    return bench.judged()


def positions_unanswered(stage: Stage) -> Findings:
    """The question for positions fails for a while: it does not mean flat."""
    bench = stage.bench().bought()
    fault = Fault(method="GET", path="/v2/positions", status=500, times=99, acts=False)
    bench.server.fault(fault)
    before = len(bench.server.seen)
    bench.looks(SHORT)
    done = bench.writes_since(before)
    bench.expect(not done, f"on a question without an answer followed {done}")
    return bench.judged()


def lists_unanswered(stage: Stage) -> Findings:
    """The question for open orders fails for a while: it does not mean that there are none."""
    bench = stage.bench().bought()
    bench.deafen(deaf=True)
    before = len(bench.server.seen)
    bench.looks(SHORT)
    done = bench.writes_since(before)
    bench.expect(not done, f"on a question without an answer followed {done}")
    bench.deafen(deaf=False)
    return bench.judged()


def entry_rests(stage: Stage) -> Findings:
    """An entry that did not fill ends with its bar."""
    bench = stage.bench()
    bench.run()
    bench.set(at(1)).looks(1)
    bench.expect(not bench.open_buys(), "an entry works after its bar", "rule_breaks")
    return bench.judged()


def shares_taken_away(stage: Stage) -> Findings:
    """Shares leave the account behind our back (a split): the stop no longer sells more than is left."""
    bench = stage.bench().bought()
    bench.ledger.held["TSLA"] = Decimal(26)
    bench.looks(2)
    selling = bench.ledger.reserved("TSLA")
    bench.expect(selling == Decimal(26), f"open stops sell {selling} of the 26 shares left")
    return bench.found


SCENES = (
    partial_fill,
    cancel_unanswered,
    stop_taken_away,
    stops_refused,
    overnight,
    coin_gap,
    coin_day,
    positions_unanswered,
    lists_unanswered,
    entry_rests,
    shares_taken_away,
)
