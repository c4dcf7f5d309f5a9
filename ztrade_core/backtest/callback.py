"""A function that is asked on every bar, for research: `on_bar(bar, in_position)` says what to do.

    def on_bar(bar: int, in_position: bool) -> int:
        return BUY if fast[bar] > slow[bar] and not in_position else HOLD

    output = run_callback(given, on_bar, folder)

`bar` counts in the agent's series, warm-up included; the first asked is the leg's `first`. Sizes, rules,
stops, fills and equity are the kernel's: the function names an action (HOLD, BUY, SELL) and nothing else.
It is not asked on a bar whose close passed a coin's target: that position is sold anyway.

The pass runs ahead, compiled, as long as nothing is asked for; the function then answers the bars it
passed, and where it asks for something the book is set back to that bar. So a function must depend on
its arguments and the past alone: it sees every bar once, in order. An answer that asks for something
costs some 5 us (the way into the compiled pass and back), one that does not a plain call.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ztrade_core.backtest.kernel.engine import KernelOutput
from ztrade_core.backtest.kernel.proposing import Wish
from ztrade_core.backtest.kernel.resuming import NOWHERE, QUIET
from ztrade_core.backtest.kernel.session import NOTHING, Session
from ztrade_core.backtest.legs import PortfolioInput
from ztrade_core.domain.configuration import AgentConfig
from ztrade_core.errors import InputError
from ztrade_core.risk.arithmetic import stop_below, target_above
from ztrade_core.strategies.protocol import BUY, HOLD, SELL

OnBar = Callable[[int, bool], int]
FEWEST, MOST = 64, 8192  # bars to run ahead: twice as many each time nothing is asked for


def run_callback(
    given: PortfolioInput,
    on_bar: OnBar,
    folder: Path,
    *,
    confidence: float = 1.0,
    module: Any = None,
) -> KernelOutput:
    """Run a lone agent by a function; `folder` keeps the compiled pass.

    Every entry is asked for with this confidence and the agent's own bracket. Raises InputError for an
    answer that is none of HOLD, BUY, SELL, and NotCompiledError where only the event loop decides.
    """
    session = Session(given, folder, module)
    leg = given.legs[0]
    closes, watch = leg.series.closes, session.watch
    wish, answered, ahead = NOTHING, NOWHERE, FEWEST
    while (first := session.look(wish, answered, ahead)) != NOWHERE:
        in_position = session.was_in_position
        action, answered = HOLD, NOWHERE
        for bar in range(first, int(watch[QUIET])):
            action = on_bar(bar, in_position)
            if action != HOLD:
                answered = bar
                break
        if answered == NOWHERE:
            ahead = min(2 * ahead, MOST)
        else:
            ahead = FEWEST
            wish = _wish(action, float(closes[answered]), confidence, leg.agent)
    return session.output()


def _wish(action: int, close: float, confidence: float, agent: AgentConfig) -> Wish:
    if action == SELL:
        return (SELL, confidence, math.nan, math.nan, math.inf, -1.0)
    if action != BUY:
        raise InputError(f"on_bar answered {action!r}: it is none of HOLD, BUY and SELL")
    limits = agent.limits
    stop = stop_below(close, limits.stop_loss_fraction)
    target = target_above(close, limits.take_profit_fraction)
    return (BUY, confidence, stop, target, math.inf, -1.0)
