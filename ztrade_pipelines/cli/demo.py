"""`ztrade demo`: the whole main job on invented bars and news. It needs no key and no network.

It lives in a data folder of its own, `.ztrade/demo`, with its own database and Dagster records:
invented bars and news never meet real ones. Each demo rehearses the same past moment in a new epoch, so it
trades at night and on Sundays too. What happens there is not written anywhere: the agents decide,
the rules judge, the simulated broker fills.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from rich.panel import Panel

from ztrade_core.assembly.places import BrokerPlace
from ztrade_core.assembly.workshop import REHEARSAL
from ztrade_core.domain.backtests import BacktestRun
from ztrade_core.domain.configuration import SIMULATED, AgentConfig
from ztrade_core.domain.orders import Fill, Role
from ztrade_core.domain.time import iso_z
from ztrade_core.errors import NoDataError
from ztrade_core.market_data.chain import SeriesWindow
from ztrade_core.settings.load import Settings, load_settings
from ztrade_core.trading.portfolio import Portfolio
from ztrade_pipelines.cli.accounts import open_account
from ztrade_pipelines.cli.backtest_run import run_backtest
from ztrade_pipelines.cli.backtest_view import run_document
from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.company_dashboard import overview_of, overview_parts
from ztrade_pipelines.cli.formats import count, exchange_time, moment, price, quantity, usd
from ztrade_pipelines.cli.instance import HOME, dagster_instance, set_variables
from ztrade_pipelines.cli.office import Office, is_embedded, office
from ztrade_pipelines.cli.output import emit_json, json_option, show
from ztrade_pipelines.cli.portfolio_view import portfolio_document, position_document

# A moment at which all three agents' strategies see a bullish market in the invented bars of the
# shipped seed, and the invented news lets two of them buy (found by looking; a test holds that
# something is bought).
MOMENT = datetime(2024, 2, 22, 15, 0, tzinfo=UTC)
FIRST_BAR = datetime(2023, 11, 15, tzinfo=UTC)  # 60 daily returns and the slowest average before it
LAST_BAR = MOMENT + timedelta(hours=2)
BACKTESTED = (date(2024, 2, 5), date(2024, 2, 16))
MATERIALIZED = ("2024-02-20", "2024-02-21")
NEWS_DAYS = (
    "2024-02-18",
    "2024-02-22",
)  # what readings at the moment rest on: four days, and its own
FOLDER = "demo"
_NEWS_ASSETS = "news/* and sentiment/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What a demo left."""

    runs: tuple[dict[str, object], ...]
    fills: tuple[Fill, ...]
    portfolio: Portfolio
    place: BrokerPlace
    backtests: tuple[BacktestRun, ...]


@click.command(cls=ZtradeCommand)
@json_option
def demo(*, as_json: bool) -> None:
    """Rehearse a fixed past moment on invented bars and news: decisions, an order, backtests.

    Needs no key, no server and no network; keeps to the folder .ztrade/demo and may be repeated.
    """
    ordinary = load_settings()
    here = enter_demo(ordinary, debug=office().debug)
    click.get_current_context().call_on_close(here.close)
    tell = _Teller(silent=as_json)
    tell.heading(here.settings)
    fill_bars(here, tell)
    materialize_days(here, tell)
    result = rehearse(here, tell)
    if as_json:
        emit_json(_document(here.settings, result))
    else:
        click.echo()
        show(*overview_parts(overview_of(here.workshop, REHEARSAL)))
        click.echo(_how_to_look(ordinary, here.settings))


def enter_demo(ordinary: Settings, *, debug: bool) -> Office:
    """Point this process to the demo's own folder, database and Dagster records."""
    folder = ordinary.project_root / ".ztrade" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _write_dagster_yaml(ordinary.project_root, folder)
    set_variables(
        {
            "ZTRADE_HOME": str(ordinary.project_root),
            "ZTRADE_DATA_DIR": str(folder),
            "ZTRADE_MARKET_DATA": "synthetic",
            "ZTRADE_BROKER": SIMULATED,
            "DATABASE_URL": f"sqlite:///{folder / 'ztrade.db'}",
            HOME: str(folder),
        }
    )
    return Office(debug=debug)


def _write_dagster_yaml(root: Path, folder: Path) -> None:
    """Write the project's dagster.yaml for the demo: the same, its records in the demo's folder."""
    text = (root / "dagster.yaml").read_text(encoding="utf-8")
    made = text.replace("base_dir: .ztrade/dagster", f"base_dir: {folder / 'dagster'}")
    (folder / "dagster.yaml").write_text(made, encoding="utf-8")


class _Teller:
    """Says what the demo does, while it does it; on standard output, or not at all."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def say(self, text: str) -> None:
        if not self._silent:
            show(text)

    def heading(self, settings: Settings) -> None:
        if not self._silent:
            seed = settings.company.market_data.synthetic_seed
            text = (
                f"[bold]SYNTHETIC bars and news, seed {seed}[/]: every price and headline below is"
                f" invented, every order simulated.\nA rehearsal of {moment(MOMENT)} ({exchange_time(MOMENT)}), in"
                f" {settings.data_dir}"
            )
            show(Panel(text, title="Ztrade demo", title_align="left", border_style="yellow"))


def fill_bars(here: Office, tell: _Teller) -> None:
    """Bring the invented bars that the demo needs into its store; a second time changes nothing."""
    workshop = here.workshop
    for agent in here.settings.company.agents:
        window = SeriesWindow(
            symbol=agent.symbol, timeframe=agent.timeframe, start=FIRST_BAR, stop=LAST_BAR
        )
        report = workshop.loader(agent.instrument.asset_class).load(window)
        if not len(report.bars):
            raise NoDataError(f"no invented bars of {agent.symbol}: {'; '.join(report.notes)}")
        tell.say(
            f"bars   {agent.symbol} {agent.timeframe}: {count(len(report.bars))}, {report.source}"
        )


def materialize_days(here: Office, tell: _Teller) -> None:
    """Materialize bars, and news with its sentiment, through Dagster: a run for each range of days."""
    from ztrade_pipelines.cli.launching import launch_on  # noqa: PLC0415 - slow to import

    loads = (("load_bars", "market_bars/*", MATERIALIZED), ("load_news", _NEWS_ASSETS, NEWS_DAYS))
    with dagster_instance(here.settings, quiet=not here.debug) as instance:
        for job, assets, days in loads:
            launched = launch_on(instance, here.settings, job, {}, days=days)
            if launched.error is not None:
                raise launched.error
            tell.say(f"assets {assets} of {' to '.join(days)} [dim]run {launched.run_id[:8]}[/]")
    for agent in here.settings.company.agents:
        tell.say(_news_line(here, agent))


def _news_line(here: Office, agent: AgentConfig) -> str:
    """Return what an agent may know of the news at the moment: invented headlines, really scored."""
    from ztrade_pipelines.sentiment.reading_view import NO_NEWS, told  # noqa: PLC0415 - Dagster

    reading = here.workshop.sentiment.reading(agent.symbol, MOMENT)
    configured = here.settings.company.sentiment.scorer.name
    return f"news   {agent.symbol}: {NO_NEWS if reading is None else told(reading, configured)}"


def rehearse(here: Office, tell: _Teller) -> DemoResult:
    """Run every agent at the moment, each again one bar later, and backtest each."""
    from ztrade_pipelines.cli.agent_run_view import run_document as run_of  # noqa: PLC0415 - Dagster
    from ztrade_pipelines.cli.launching import launch  # noqa: PLC0415 - slow to import

    workshop, agents = here.workshop, here.settings.company.agents
    workshop.reset_rehearsal(MOMENT)
    runs = []
    for at, agent in _schedule(agents):
        config = {"as_of": iso_z(at)}
        launched = launch(here.settings, agent.agent_id, config, quiet=not here.debug)
        decision = launched.materialized.get(f"{agent.agent_id}/decision", {})
        document = run_of(workshop, launched, agent.agent_id)
        document["sentiment"] = decision.get("sentiment_told")
        runs.append(document)
        tell.say(_run_line(at, agent, document))
    rehearsed = open_account(workshop, REHEARSAL)
    portfolio = rehearsed.portfolio()
    with workshop.store.reading() as uow:
        fills = uow.orders.fills(REHEARSAL, portfolio.account_epoch)
    for fill in fills:
        tell.say(_fill_line(fill))
    days = (BACKTESTED[0].isoformat(), BACKTESTED[1].isoformat())
    tested = [run_backtest(here, agent.agent_id, days) for agent in agents]
    return DemoResult(
        runs=tuple(runs),
        fills=tuple(fills),
        portfolio=portfolio,
        place=rehearsed.place(portfolio),
        backtests=tuple(tested),
    )


def _schedule(agents: Sequence[AgentConfig]) -> Iterator[tuple[datetime, AgentConfig]]:
    """Yield every agent at the moment, then each at its next bar, in order of time."""
    for agent in agents:
        yield MOMENT, agent
    for agent in sorted(agents, key=lambda each: each.timeframe.duration):
        yield MOMENT + agent.timeframe.duration, agent


def _run_line(at: datetime, agent: AgentConfig, run: dict[str, object]) -> str:
    style = {"denied": "red", "held": "yellow"}.get(str(run["outcome"]), "green")
    outcome = f"{run['action']}, [{style}]{run['outcome']}[/]"
    saw = str(run["sentiment"]).partition(",")[0]
    return (
        f"cycle  {moment(at)} {agent.agent_id}: {outcome}, sentiment {saw}"
        f" [dim]run {str(run['run_id'])[:8]}[/]"
    )


def _fill_line(fill: Fill) -> str:
    what = "bought" if fill.role is Role.ENTRY else f"sold ({fill.role})"
    worth = usd(fill.quantity * fill.price)
    return (
        f"fill   {moment(fill.filled_at)} {fill.agent_id}: {what} {quantity(fill.quantity)}"
        f" {fill.symbol} at {price(fill.price)} = {worth}"
    )


def _how_to_look(ordinary: Settings, settings: Settings) -> str:
    """Return the commands that open the demo, each on one line to be copied."""
    folder, root = str(settings.data_dir), str(ordinary.project_root)
    at_root = Path.cwd() == ordinary.project_root
    shown = "$PWD" + folder.removeprefix(root) if at_root else shlex.quote(folder)
    words = [f"{HOME}={shown}", f"ZTRADE_DATA_DIR={shown}", "ZTRADE_MARKET_DATA=synthetic"]
    if ordinary.company.broker.broker != SIMULATED:
        words.append(f"ZTRADE_BROKER={SIMULATED}")
    if not is_embedded(ordinary):
        words.append(f"DATABASE_URL={shlex.quote(settings.database_url)}")
    variables = " ".join(words)
    lines = [
        "",
        click.style("The page of this demo", bold=True) + ", on http://127.0.0.1:3000:",
        f"  make dev {variables}",
        click.style("The terminal on this demo:", bold=True),
        f"  export {variables}",
        "  ztrade company dashboard --account rehearsal",
    ]
    return "\n".join(lines)


def _document(settings: Settings, result: DemoResult) -> dict[str, object]:
    return {
        "synthetic_seed": settings.company.market_data.synthetic_seed,
        "moment": MOMENT,
        "data_dir": settings.data_dir,
        "runs": result.runs,
        "fills": [
            {
                "fill_id": fill.fill_id,
                "client_order_id": fill.client_order_id,
                "agent_id": fill.agent_id,
                "symbol": fill.symbol,
                "side": fill.side,
                "role": fill.role,
                "quantity": fill.quantity,
                "price": fill.price,
                "filled_at": fill.filled_at,
            }
            for fill in result.fills
        ],
        "portfolio": portfolio_document(result.portfolio, result.place),
        "positions": [position_document(each) for each in result.portfolio.book.positions],
        "backtests": [run_document(run) for run in result.backtests],
    }
