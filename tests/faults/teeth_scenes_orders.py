"""Scenes of orders on their way: lost answers, deaths, two runs at once, the last of the capital."""

import json

from tests.fakes.alpaca_cover import COIN_MINIMUM
from tests.fakes.alpaca_desk import API_KEY, SECRET_KEY
from tests.fakes.alpaca_routes import Seen
from tests.fakes.alpaca_server import Fault
from tests.fakes.desk import at
from tests.faults.judge import Findings
from tests.faults.teeth_world import Stage, die
from tests.unit.trading.builders import BTC, BUY, IWM, SELL, TSLA, at_bar
from ztrade_core.domain.orders import Role
from ztrade_core.trading import stages

ORDERS = "/v2/orders"
ROOM_FOR_ONE = 0.06
"""Of $100,000: one position of about $4,600, and little beside it."""


def a_day(stage: Stage) -> Findings:
    """Bought, covered, sold; each look tells of the fills again."""
    bench = stage.bench(script={at_bar(1): SELL}).bought()
    bench.set(at(1)).run()
    bench.looks(2)
    bench.expect(bench.is_flat(), "the exit has not sold")
    return bench.judged()


def covered_at_once(stage: Stage) -> Findings:
    """The cycle that bought leaves a stop that stays, before anybody looks again."""
    bench = stage.bench()
    bench.quote("TSLA", "100")
    bench.run()
    bare = dict(bench.ledger.naked_since)
    bench.expect(not bare, f"the run left without a stop: {bare}", "unprotected")
    return bench.judged(settled=False)


def lost_answer(stage: Stage) -> Findings:
    """The entry is taken, its answer is a gateway's timeout; the slot is run again."""
    bench = stage.bench()
    bench.quote("TSLA", "100")
    bench.server.fault(Fault(method="POST", path=ORDERS))
    bench.run()
    bench.later(2).run(holder="again")
    bench.looks(2)
    bench.expect(len(bench.sent("buy")) == 1, "more than one entry was sent", "duplicated")
    return bench.judged()


def never_arrived(stage: Stage) -> Findings:
    """The connection is cut before the entry arrives, and its bar passes."""
    bench = stage.bench()
    bench.server.fault(Fault(method="POST", path=ORDERS, how="reset", acts=False))
    bench.run()
    bench.set(at(1)).looks(2)
    bench.set(at(2)).run()
    bench.looks(1)
    return bench.judged()


def unseen_for_long(stage: Stage) -> Findings:
    """The entry is taken and cannot be seen for long; meanwhile another agent wants the capital."""
    bench = stage.bench(TSLA, IWM, max_gross_exposure_fraction=ROOM_FOR_ONE)
    bench.ledger.late = 60
    bench.run(TSLA)
    bench.later(1).run(TSLA, holder="again")
    bench.later(1).run(IWM)
    return bench.judged(settled=False)


def stop_answer_lost(stage: Stage) -> Findings:
    """The stop is taken, its answer is lost: it is looked up, and nothing is sold for it."""
    bench = stage.bench(BTC)
    bench.quote("BTC/USD", "100")

    witness = bench.server.on_request

    def lose(seen: Seen) -> None:
        witness(seen)
        if seen.method == "POST" and seen.body["side"] == "sell" and not bench.sent("sell"):
            bench.ledger.late = 1

    bench.server.on_request = lose
    bench.run(BTC)
    bench.looks(2)
    bench.expect(not bench.is_flat("BTC/USD"), "the position was sold, though its stop was taken")
    return bench.judged()


def race_for_the_last_capital(stage: Stage) -> Findings:
    """Another agent is admitted while the first is about to be."""
    bench = stage.bench(TSLA, IWM, max_gross_exposure_fraction=ROOM_FOR_ONE)
    bench.run(TSLA, points={"admitting": lambda: bench.run(IWM, holder="other")})
    return bench.judged()


def two_entries_rest(stage: Stage) -> Findings:
    """What rests unfilled has spent its capital."""
    bench = stage.bench(TSLA, IWM, max_gross_exposure_fraction=ROOM_FOR_ONE)
    for each in (TSLA, IWM):
        bench.run(each)
    return bench.judged()


def killed_before_the_intent(stage: Stage) -> Findings:
    """The run dies before its admission is written: nothing was sent."""
    bench = stage.bench()
    bench.run(points={"admitting": die})
    return bench.judged(settled=False)


def killed_after_the_answer(stage: Stage) -> Findings:
    """The run dies when the mind has answered: the answer stands."""
    bench = stage.bench()
    bench.run(points={"taped": die})
    bench.later(1).run(holder="again")
    asked = len(bench.mind.asked)
    bench.expect(asked == 1, f"the mind was asked {asked} times for one bar", "duplicated")
    return bench.judged()


def zombie(stage: Stage) -> Findings:
    """A run hangs with its answer, another takes over, then the first writes what it knew, and dies."""
    bench = stage.bench()
    bench.quote("TSLA", "100")
    bench.run(points={"submitted": lambda: bench.run(holder="other"), "acknowledged": die})
    return bench.judged()


def double_tick(stage: Stage) -> Findings:
    """Two ticks of one bar decide once."""
    bench = stage.bench()
    bench.run()
    bench.later(3).run(holder="tick 2")
    made = bench.decisions()
    bench.expect(made == 1, f"one bar was decided {made} times", "duplicated")
    return bench.judged()


def dry_run(stage: Stage) -> Findings:
    """A rehearsed cycle judges, and sends nothing."""
    bench = stage.bench(script={at_bar(1): BUY})
    bench.mind.pop(at_bar(0))
    bench.run()
    bench.set(at(1)).reconcile()
    bench.kit.cycle(bench.now, dry_run=True)
    done = bench.writes_since(0)
    bench.expect(not done, f"a dry run has sent {done}")
    return bench.judged()


def late_run(stage: Stage) -> Findings:
    """What a dead run left is continued when its bar is long over: it is not sent any more."""
    bench = stage.bench()
    bench.run(points={"admitted": die})
    with bench.kit.store.reading() as uow:
        (row,) = uow.ledger.rows()
    desk = bench.kit.desk(at(0), now=bench.set(at(2)).now)
    stages.execute_stage(desk, row.decision.decision_id, holder="late", at=at(0))
    bench.expect(not bench.sent("buy"), "an entry was sent after its bar", "rule_breaks")
    return bench.judged()


def database_lost_before_the_order_shows(stage: Stage) -> Findings:
    """The database is lost right after an entry that cannot be seen yet; the slot is run again."""
    bench = stage.bench()
    bench.ledger.late = 60
    bench.run()
    bench.engine.dispose()
    bench.open(stage.database())
    bench.later(1).run(holder="again")
    bench.expect(len(bench.sent("buy")) == 1, "more than one entry was sent", "duplicated")
    return bench.judged(settled=False)


def database_lost_with_a_position(stage: Stage) -> Findings:
    """The database is lost when coins are bought and their stop is not sent yet."""
    bench = stage.bench(BTC)
    bench.quote("BTC/USD", "100")
    bench.run(BTC, points={"submitted": die})
    bench.engine.dispose()
    bench.open(stage.database())
    bench.looks(5)
    return bench.judged(company=None)


def exit_answer_lost(stage: Stage) -> Findings:
    """The target became the exit and its answer is lost: the stop beside it stays."""
    bench = stage.bench(script={at_bar(1): SELL}).bought()
    bench.ledger.partial["TSLA"] = "0.0"  # the exit rests
    bench.server.fault(Fault(method="PATCH", path=ORDERS))
    before = len(bench.server.seen)
    bench.set(at(1)).run()
    done = bench.writes_since(before)
    bench.expect(
        [each[:5] for each in done] == ["PATCH"], f"an unclear exit was followed by {done}"
    )
    bench.quote("TSLA", "100")
    bench.looks(2)
    bench.expect(bench.is_flat(), "the exit has not sold")
    return bench.judged()


def exit_of_a_dead_run(stage: Stage) -> Findings:
    """An exit was written down and its run died: the watch sends it."""
    bench = stage.bench(script={at_bar(1): SELL}).bought()
    bench.set(at(1)).run(points={"admitted": die})
    bench.looks(2)
    bench.expect(bench.is_flat(), "the exit was forgotten", "lost")
    return bench.judged()


def exit_falls_behind(stage: Stage) -> Findings:
    """The price runs away below an exit that rests."""
    bench = stage.bench(script={at_bar(1): SELL}).bought()
    bench.ledger.partial["TSLA"] = "0.0"
    bench.set(at(1)).run()
    bench.quote("TSLA", "99")
    bench.looks(2)
    bench.expect(bench.is_flat(), "the exit rests above the market")
    return bench.judged()


def coin_exit(stage: Stage) -> Findings:
    """Coins that their stop reserves are sold all the same."""
    bench = stage.bench(BTC, script={at_bar(1, BTC.agent_id): SELL}).bought(BTC)
    bench.set(at(1)).run(BTC)
    bench.looks(2)
    left = bench.ledger.held["BTC/USD"]
    bench.expect(left < COIN_MINIMUM, f"{left} coins were not sold")
    return bench.judged()


def keys_echoed(stage: Stage) -> Findings:
    """The broker refuses, and repeats the keys in what it says."""
    bench = stage.bench()
    said = {"code": 42210000, "message": f"invalid keys {API_KEY} / {SECRET_KEY}"}
    fault = Fault(
        method="POST", path=ORDERS, status=422, body=json.dumps(said).encode(), acts=False
    )
    bench.server.fault(fault)
    bench.run()
    (entry,) = bench.orders(Role.ENTRY)
    for key in (API_KEY, SECRET_KEY):
        bench.expect(key not in entry.reason, "a key is in our book", "secrets")
    return bench.judged()


SCENES = (
    a_day,
    covered_at_once,
    lost_answer,
    never_arrived,
    unseen_for_long,
    stop_answer_lost,
    race_for_the_last_capital,
    two_entries_rest,
    killed_before_the_intent,
    killed_after_the_answer,
    zombie,
    double_tick,
    dry_run,
    late_run,
    database_lost_before_the_order_shows,
    database_lost_with_a_position,
    exit_answer_lost,
    exit_of_a_dead_run,
    exit_falls_behind,
    coin_exit,
    keys_echoed,
)
