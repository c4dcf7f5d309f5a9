"""CPU time of the plain event loop a bar, beside what the strategy alone takes of it.

Runs the very cycle over synthetic 5-minute bars in this process. The loop is the reference of later
engines, not a fast one: the ratio says how much of a bar is book, rules, ledger and broker.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ztrade_core.backtest.loop import LoopInput, run_loop
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.decision_makers.strategy import StrategyMaker
from ztrade_core.domain.bars import BarSeries
from ztrade_core.market_data.synthetic import SyntheticProvider
from ztrade_core.settings.load import load_settings
from ztrade_core.strategies.protocol import StrategyInput
from ztrade_core.strategies.registry import strategy_named

START = datetime(2024, 1, 2, tzinfo=UTC)
WARM_UP = 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=3000)
    wanted = parser.parse_args().bars
    company = load_settings(Path(__file__).parents[1], {}).company
    agent = company.agents[-1]
    calendar = ExchangeSessions()
    provider = SyntheticProvider(company.market_data.synthetic_seed, calendar)
    stop = START + timedelta(days=2 + (wanted + WARM_UP) // 50)
    fetched = provider.fetch(agent.symbol, agent.timeframe, START, stop)
    series = fetched.series.window(0, wanted + WARM_UP)
    given = LoopInput(
        company=company,
        agent=agent,
        maker=StrategyMaker(),
        calendar=calendar,
        series=series,
        first=WARM_UP,
        source=fetched.source,
    )
    bars = len(series) - WARM_UP
    begun = time.process_time()
    output = run_loop(given)
    whole = (time.process_time() - begun) / bars
    alone = strategy_alone(agent.strategy.name, agent.strategy.as_dict(), series)
    print(f"event loop           {whole * 1e6:8.0f} us CPU a bar, {bars} bars of {agent.symbol}")
    print(f"strategy alone       {alone * 1e6:8.0f} us CPU a bar")
    print(f"ratio                {whole / alone:8.1f}")
    print(f"fills                {len(output.fills):8d}")


def strategy_alone(name: str, parameters: dict[str, float], series: BarSeries) -> float:
    """Return the CPU seconds a bar of deciding on windows, and nothing else."""
    strategy = strategy_named(name)
    lookback = strategy.lookback_bars(parameters)
    begun = time.process_time()
    for stop in range(WARM_UP, len(series)):
        window = StrategyInput(
            bars=series.window(stop - lookback, stop),
            in_position=False,
            min_confidence=0.65,
            sentiment_score=None,
            sentiment_confidence=None,
        )
        strategy.decide(window, parameters)
    return (time.process_time() - begun) / (len(series) - WARM_UP)


if __name__ == "__main__":
    main()
