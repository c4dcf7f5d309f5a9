"""The dictionary of metrics: each by name, with its unit, its definition and its source.

Documentation, the command line and the page print these tables. `METRICS` is what `measure` returns
(a test holds them equal), `RUN_METRICS` what a stored run has or is shown with besides. No arithmetic
here.
"""

from typing import NamedTuple

OURS = "Ztrade"
BACON = "Bacon (2008), Practical Portfolio Performance Measurement and Attribution, ch. 2"
SHARPE = "Sharpe (1994), J. Portfolio Management 21(1)"
SORTINO = "Sortino and Price (1994), J. Investing 3(3)"
YOUNG = "Young (1991), Futures 20(1)"
MAGDON_ISMAIL = "Magdon-Ismail and Atiya (2004), Risk 17(10)"
DORMEIER = "Dormeier (2011), Investing with Volume Analysis, p. 198"
THARP = "Tharp (2007), Trade Your Way to Financial Freedom; in USD, not in R"
BAILEY = "Bailey and López de Prado (2012), J. Risk 15(2)"
PEARSON = "Pearson's standardised moments, divisor n"
DEFLATED = "Bailey and López de Prado (2014), J. Portfolio Management 40(5)"
SEC = "SEC Form N-1A, item 13, instruction 4(d)"

USD = "USD"
FRACTION = "fraction"
A_YEAR = "fraction a year"
RATIO = "ratio"
PROBABILITY = "probability"
COUNT = "count"
DAYS = "days"
HOURS = "hours"

BASELINE_PREFIX = "buy_and_hold_"


class MetricDefinition(NamedTuple):
    """What a metric's name means."""

    unit: str
    definition: str
    source: str


_M = MetricDefinition

METRICS: dict[str, MetricDefinition] = {
    "capital_usd": _M(
        USD, "at the start: the agent's allocation; of several agents the whole account", OURS
    ),
    "final_equity_usd": _M(USD, "the capital as marked at the last bar", OURS),
    "total_return": _M(FRACTION, "final equity over the capital at the start, less 1", BACON),
    "days": _M(COUNT, "daily returns behind the annualised figures", OURS),
    "cagr": _M(A_YEAR, "daily returns compounded, to the power of days a year over days", BACON),
    "volatility": _M(A_YEAR, "sample deviation of daily returns, annualised", f"{SHARPE}, eq. 5"),
    "sharpe": _M(RATIO, "mean over deviation of daily returns, annualised", f"{SHARPE}, eq. 3-6"),
    "probabilistic_sharpe": _M(
        PROBABILITY, "that the true Sharpe ratio is above 0, given days, skewness, kurtosis", BAILEY
    ),
    "skewness": _M(RATIO, "asymmetry of daily returns: below 0, the bad days are extreme", PEARSON),
    "kurtosis": _M(RATIO, "fat tails of daily returns: 3 is a normal distribution's", PEARSON),
    "sortino": _M(RATIO, "mean daily return over downside deviation below 0, annualised", SORTINO),
    "calmar": _M(RATIO, "CAGR over maximum drawdown, whole run", YOUNG),
    "max_drawdown": _M(FRACTION, "deepest fall below the peak, at any mark", MAGDON_ISMAIL),
    "max_drawdown_days": _M(DAYS, "its calendar length, peak to recovery or to the end", OURS),
    "exposure": _M(FRACTION, "bars that ended with a position, of all bars", OURS),
    "turnover": _M("times a year", "lesser of bought and sold over mean equity, annualised", SEC),
    "fills": _M(COUNT, "executions, buys and sells", OURS),
    "trades": _M(COUNT, "closed trades, flat to flat", OURS),
    "win_rate": _M(FRACTION, "closed trades that made money net of costs", OURS),
    "profit_factor": _M(RATIO, "sum of wins over sum of losses", DORMEIER),
    "expectancy_usd": _M(USD, "mean net result of a closed trade", THARP),
    "average_trade": _M(FRACTION, "mean net result of a closed trade on its entry value", OURS),
    "average_win_usd": _M(USD, "mean of the trades that won", OURS),
    "average_loss_usd": _M(USD, "mean of the trades that lost (negative)", OURS),
    "best_trade_usd": _M(USD, "largest net result of a closed trade", OURS),
    "worst_trade_usd": _M(USD, "smallest net result of a closed trade", OURS),
    "longest_losing_streak": _M(COUNT, "most losing trades in a row", OURS),
    "average_holding_hours": _M(HOURS, "mean time from first buy to last sell", OURS),
    "commission_usd": _M(USD, "commission paid in cash; null when not known", OURS),
    "coin_fees_usd": _M(USD, "fees taken in the coin, at the fill's price; null if unknown", OURS),
    "buy_and_hold_total_return": _M(
        FRACTION, "total_return of holding, same bars and costs", BACON
    ),
    "buy_and_hold_cagr": _M(A_YEAR, "cagr of holding", BACON),
    "buy_and_hold_max_drawdown": _M(FRACTION, "max_drawdown of holding", MAGDON_ISMAIL),
    "buy_and_hold_sharpe": _M(RATIO, "sharpe of holding", f"{SHARPE}, eq. 3-6"),
}

RUN_METRICS: dict[str, MetricDefinition] = {
    "deflated_sharpe": _M(
        PROBABILITY, "that the true Sharpe ratio is above the best of the trials by luck", DEFLATED
    ),
    "trials": _M(
        COUNT, "the agent's runs and study trials over overlapping ranges, different figures", OURS
    ),
    "bars": _M(COUNT, "bars that were decided on", OURS),
    "missing_bars": _M(COUNT, "bars that the calendar expects and the store lacked", OURS),
    "halts": _M(COUNT, "how often a circuit breaker halted entries", OURS),
    "model_cost_usd": _M(USD, "what the model's answers cost", OURS),
    "model_calls": _M(COUNT, "how often the model was asked", OURS),
    "contaminated_bars": _M(COUNT, "bars that the model's training data may tell of", OURS),
    "clean_bars": _M(COUNT, "bars after the day of the model's training cutoff", OURS),
    "clean/total_return": _M(FRACTION, "total_return over the clean bars alone", BACON),
    "clean/cagr": _M(A_YEAR, "cagr over the clean bars alone", BACON),
    "clean/volatility": _M(A_YEAR, "volatility over the clean bars alone", f"{SHARPE}, eq. 5"),
    "clean/sharpe": _M(RATIO, "sharpe over the clean bars alone", f"{SHARPE}, eq. 3-6"),
    "clean/sortino": _M(RATIO, "sortino over the clean bars alone", SORTINO),
    "clean/max_drawdown": _M(FRACTION, "max_drawdown over the clean bars alone", MAGDON_ISMAIL),
}


def definition_of(name: str) -> MetricDefinition | None:
    """Return what a metric's name means; None for a name that neither table has."""
    return METRICS.get(name) or RUN_METRICS.get(name)
