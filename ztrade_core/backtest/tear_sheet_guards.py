"""Overfit guards and Monte Carlo of a tear sheet, side by side."""

from ztrade_core.backtest import report_text as text
from ztrade_core.backtest.monte_carlo import Method, Quantiles, Simulation
from ztrade_core.backtest.overfit import Guards
from ztrade_core.backtest.report_html import Child, Html, element, table
from ztrade_core.backtest.tear_sheet_content import Sheet
from ztrade_core.domain.words import counted

SAME = "–"  # noqa: RUF001
SOURCES = (
    "Bailey and López de Prado (2012), The Sharpe Ratio Efficient Frontier, J. Risk 15(2), and"
    " (2014), The Deflated Sharpe Ratio, J. Portfolio Management 40(5)."
)
ABOUT = {
    Method.SHUFFLE: "Shuffle: the same trades in another order, so with the same return.",
    Method.BOOTSTRAP: "Bootstrap: as many trades, drawn with replacement.",
}


def guards_and_simulations(sheet: Sheet) -> Html:
    """Return both blocks beside one another."""
    return element("div", _guards(sheet), _simulations(sheet), class_="columns")


def _guards(sheet: Sheet) -> Html:
    guards = sheet.guards
    rows: list[tuple[Child, ...]] = [
        ("probabilistic Sharpe ratio", text.percent(guards.probabilistic_sharpe, 1)),
        ("deflated Sharpe ratio", text.percent(guards.deflated_sharpe, 1)),
        ("trials counted in the database", f"{guards.trials:,}"),
        ("best Sharpe of the trials by luck alone", text.number(guards.sharpe_by_luck)),
        ("deviation between the trials' Sharpe", text.number(guards.trials_deviation)),
        ("daily returns in this record", f"{guards.days:,}"),
        ("daily returns for 95 % confidence", _needed(guards)),
    ]
    explained = (
        "How probable it is that the true Sharpe ratio is above 0, and above what luck explains:"
        " the best of the trials if none had any skill. Trials are this agent's runs over"
        " overlapping ranges with different figures; tries that were not stored are not counted."
        " The deviation is between trials of half to twice as many days, or that of chance where"
        " there are fewer than two. "
    )
    return element(
        "section",
        element("h2", "Overfit guards"),
        table(("guard", "value"), rows, numbers=(1,)),
        element("p", explained + SOURCES, class_="fine"),
    )


def _needed(guards: Guards) -> str:
    if guards.probabilistic_sharpe is None:
        return text.ABSENT
    days = guards.days_needed
    return "no record is long enough" if days is None else text.number(days, 0)


def _simulations(sheet: Sheet) -> Html:
    found = sheet.simulations
    title = element("h2", "Monte Carlo of trades")
    if not found:
        return element("section", title, element("p", "No closed trade to put in another order."))
    head = ("", *(one.method.value for one in found))
    lines: list[tuple[str, list[str]]] = [
        ("return 5 / 50 / 95 %", [_unless_same(one, _percents(one.total_return)) for one in found]),
        (
            "probability of a loss",
            [_unless_same(one, text.percent(one.probability_of_loss, 1)) for one in found],
        ),
        ("max drawdown 5 / 50 / 95 %", [_percents(one.max_drawdown) for one in found]),
        ("worst drawdown", [text.percent(one.worst_drawdown, 1) for one in found]),
        ("losses in a row 5 / 50 / 95 %", [_numbers(one.losing_streak) for one in found]),
        ("worst run of losses", [str(one.worst_losing_streak) for one in found]),
    ]
    made = table(head, [(name, *cells) for name, cells in lines], numbers=(1, 2))
    return element("section", title, made, element("p", _explained(found[0], sheet), class_="fine"))


def _explained(one: Simulation, sheet: Sheet) -> str:
    methods = " ".join(ABOUT.values())
    streak = sheet.run.metrics.get("longest_losing_streak")
    return (
        f"{one.paths:,} paths of {counted(one.trades, 'closed trade')} each, seed {one.seed}. {methods}"
        " Drawdowns are measured where trades close. The run itself, measured at every bar:"
        f" {text.metric('max_drawdown', sheet.run.metrics.get('max_drawdown'))} drawdown,"
        f" {text.metric('longest_losing_streak', streak)} losses in a row."
    )


def _unless_same(one: Simulation, shown: str) -> str:
    """Return a dash for what every path of a shuffle has in common: it is the run's own."""
    return SAME if one.method is Method.SHUFFLE else shown


def _percents(values: Quantiles) -> str:
    return " / ".join(f"{100.0 * value:,.1f}" for value in values)


def _numbers(values: Quantiles) -> str:
    return " / ".join(f"{value:,.0f}" for value in values)
