"""Why a lone agent's bars were held: the kernel's codes, told in the very words of the live cycle."""

from collections import Counter

import numpy as np

from ztrade_core.backtest.kernel import layout as at
from ztrade_core.backtest.kernel.engine import CodeArray, KernelOutput
from ztrade_core.backtest.reasons import VARIES
from ztrade_core.decision_makers.strategy import StrategyMaker, too_few_bars
from ztrade_core.domain.time import from_micros
from ztrade_core.ports.clock import Calendar
from ztrade_core.strategies import buy_and_hold, mean_reversion, sentiment_momentum, sma_crossover
from ztrade_core.trading.deciding import TARGET_PASSED, without_session
from ztrade_core.trading.judging import exit_at_work

_ALONE = 16  # added to the momentum's own codes, which are fewer, where there was no sentiment
_MOMENTUM = sentiment_momentum.REASONS | {
    code + _ALONE: text + sentiment_momentum.TECHNICAL_ALONE
    for code, text in sentiment_momentum.REASONS.items()
}
_TEXTS = {
    "buy_and_hold": buy_and_hold.REASONS,
    "mean_reversion": mean_reversion.REASONS,
    "sentiment_momentum": _MOMENTUM,
    "sma_crossover": sma_crossover.REASONS,
}


def hold_reasons(output: KernelOutput) -> Counter[str]:
    """Return how often a lone agent's bars were held for which reason, ids written N."""
    leg, codes = output.given.legs[0], _codes(output)
    texts = _TEXTS[leg.agent.strategy.name] | {at.TARGET_PASSED: TARGET_PASSED}
    asked = output.asked_rows[0]
    bars, is_held = (
        asked[:, at.ASKED_BAR] - leg.first,
        asked[:, at.ASKED_OUTCOME] == at.HELD_OUTCOME,
    )
    plain = np.ones(len(codes), dtype=np.bool_)
    plain[bars] = False
    held: Counter[str] = Counter()
    for code, times in enumerate(np.bincount(codes[plain]).tolist()):
        if times and code in texts:
            held[texts[code]] += times
    for code in codes[bars[is_held]].tolist():
        held[f"sell: {exit_at_work(VARIES)}; {texts[code]}"] += 1
    needed = StrategyMaker().lookback_bars(leg.agent)
    for event in np.flatnonzero(plain & (codes == at.TOO_FEW_BARS)).tolist():
        held[too_few_bars(needed, leg.first + event + 1)] += 1
    for event in np.flatnonzero(plain & (codes >= at.WITHOUT_SESSION)).tolist():
        note = _session_note(output, output.given.calendar, leg.first + event)
        held[without_session(note, texts[int(codes[event]) - at.WITHOUT_SESSION])] += 1
    return held


def _codes(output: KernelOutput) -> CodeArray:
    """Return a code for each decided bar; the momentum's tell whether it had sentiment."""
    leg, codes = output.given.legs[0], output.reasons
    if leg.agent.strategy.name != "sentiment_momentum":
        return codes
    scores = output.laid.market[0][6][leg.first :]
    is_alone = np.isnan(scores) if len(scores) else np.ones(len(codes), dtype=np.bool_)
    is_own = codes % at.WITHOUT_SESSION < _ALONE
    return np.where(is_alone & is_own, codes + np.int8(_ALONE), codes)


def _session_note(output: KernelOutput, calendar: Calendar, bar: int) -> str:
    """Return why no session could fill an entry decided on this bar."""
    agent = output.given.legs[0].agent
    opened, completed = (from_micros(int(moments[bar])) for moments in output.laid.market[1][:2])
    asset_class = agent.instrument.asset_class
    return calendar.entry_session(asset_class, agent.timeframe, opened, completed)[1]
