"""The command `ztrade`: which commands there are, and where each one lives."""

import click

from ztrade_pipelines.cli.commands import LazyGroup, RootGroup, debug_option

_HERE = "ztrade_pipelines.cli"


def _group(name: str, summary: str, commands: dict[str, tuple[str, str]]) -> LazyGroup:
    lazy = {key: (f"{_HERE}.{place}", text) for key, (place, text) in commands.items()}
    return LazyGroup(name=name, help=summary, lazy=lazy)


agent = _group(
    "agent",
    "The agents: who they are, how they stand, and one decision now.",
    {
        "list": ("agent_list:agent_list", "Every agent with its instrument, mind and limits."),
        "status": ("agent_status:agent_status", "Last decision, position and halts of each agent."),
        "run": ("agent_run:agent_run", "Run one agent's cycle now, through Dagster."),
        "scoreboard": (
            "agent_scoreboard:agent_scoreboard",
            "An agent's mind beside its ensemble's members and its shadows.",
        ),
    },
)
company = _group(
    "company",
    "The company's account.",
    {
        "dashboard": ("company_dashboard:dashboard", "Everything at a glance."),
        "positions": ("company_positions:positions", "Open positions with their stops."),
        "performance": ("company_performance:performance", "What each agent earned."),
    },
)
loop = _group(
    "loop",
    "The trading loop: the agents' schedules on the Dagster instance.",
    {
        "start": ("loop:start", "Switch schedules on."),
        "stop": ("loop:stop", "Switch schedules off; stops stay guarded."),
        "status": ("loop:status", "Which schedules are on, and when each ticks next."),
    },
)
risk = _group(
    "risk",
    "The rules, judged on the book as it stands.",
    {
        "status": ("risk_status:risk_status", "Every limit beside what is observed."),
        "correlations": (
            "risk_correlations:correlations",
            "How the agents' symbols move together.",
        ),
        "trial": ("risk_trial:trial", "Other limits, tried on recorded decisions."),
    },
)
backtest = _group(
    "backtest",
    "Backtests: run, list, show, compare, report, export.",
    {
        "run": ("backtest_run:backtest_run", "Run an agent over stored bars, through Dagster."),
        "portfolio": (
            "backtest_portfolio:backtest_portfolio",
            "Run several agents in one account, under the company's rules.",
        ),
        "list": ("backtest_list:backtest_list", "The newest runs."),
        "show": ("backtest_show:backtest_show", "One run's metrics, and its trades."),
        "compare": ("backtest_compare:compare", "Runs side by side, the best value marked."),
        "report": ("backtest_report:report", "One run's tear sheet, as one HTML file."),
        "export": ("backtest_export:export", "One run's trades and equity, as files."),
    },
)
data = _group(
    "data",
    "Market data in the store.",
    {
        "import": ("data:import_", "Import files of bars (CSV, Parquet)."),
        "backfill": (
            "data_backfill:backfill",
            "What series lack, from vendors; exit code 3: not all.",
        ),
        "refresh": ("data_refresh:refresh", "The newest bars of series, as an agent's run does."),
        "quote": ("data_quote:quote", "The latest bid and ask, from Alpaca."),
        "quarantine": (
            "data_quarantine:quarantine",
            "Bars that checks keep out: list, show, release.",
        ),
        "splits": ("data_splits:splits", "Stock splits: list, fetch, add, remove."),
        "status": ("data_status:status", "Every series: rows, range, gaps, freshness, sources."),
        "retention": (
            "data_retention:retention",
            "Delete old bars and curves, after saying which.",
        ),
        "compact": ("data_retention:compact", "Give the space of deleted rows back."),
    },
)
news = _group(
    "news",
    "News: stories about symbols, from sources and files.",
    {
        "import": ("news:import_", "Import files of stories (CSV); exit code 3: not all rows."),
        "status": ("news:status", "Every symbol: stories, range, last arrival, sources."),
        "show": ("news_show:show_stories", "The stories about one symbol, the newest first."),
        "fetch": ("news:fetch", "Ask the sources for stories; exit code 3: not all answered."),
    },
)
db = _group(
    "db",
    "The database's schema.",
    {
        "upgrade": ("db:upgrade", "Bring the database to the code's schema."),
        "status": ("db:status", "Which schema the database has."),
    },
)
audit = _group(
    "audit",
    "The decision ledger and its hash chain.",
    {
        "verify": ("audit:verify", "Verify the chain; exit code 3 when it is broken."),
        "show": ("audit:show_decisions", "The newest decisions, or one in full."),
    },
)
broker = _group(
    "broker",
    "The broker of the paper account.",
    {
        "check": ("broker:check", "Account, clock, assets, quotes: fit to trade? Sends nothing."),
        "long-only": ("broker:long_only", "Forbid the account at Alpaca to sell short."),
    },
)
rehearsal = _group(
    "rehearsal",
    "The rehearsal account, which trades on past bars.",
    {"reset": ("rehearsal:reset", "Start a new epoch with fresh cash.")},
)

_GROUPS = (agent, company, loop, risk, backtest, data, news, db, audit, broker, rehearsal)
_SINGLE = {
    "study": (f"{_HERE}.study:study", "Studies: many backtests that answer one question."),
    "sentiment": (f"{_HERE}.sentiment:sentiment", "Scores of news: the scorers and their models."),
    "oversight": (f"{_HERE}.oversight:oversight", "Decisions by file: what is asked, and answers."),
    "replay": (
        f"{_HERE}.replay:replay",
        "Decide and validate stored decisions again, offline; exit code 3: not byte-equal.",
    ),
    "why": (f"{_HERE}.why:why", "Why an order or a decision: back to the vendor's row."),
    "halt": (f"{_HERE}.override:halt", "Stop all entries until a person resumes."),
    "resume": (f"{_HERE}.override:resume", "Lift halts and store new baselines."),
    "flatten": (f"{_HERE}.override:flatten", "Halt, then sell every position."),
    "reconcile": (f"{_HERE}.reconcile:reconcile", "Compare our book with the broker's, and mend."),
    "demo": (f"{_HERE}.demo:demo", "Rehearse a fixed past moment on invented bars."),
}


def _all_commands() -> dict[str, tuple[str, str]]:
    groups = {str(group.name): (f"{_HERE}.main:{group.name}", str(group.help)) for group in _GROUPS}
    return groups | _SINGLE


ztrade = RootGroup(
    name="ztrade",
    help="Ztrade: AI trading agents on paper accounts, under company-wide risk rules.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong request or configuration, 3 ledger broken, a replay not equal, or bars or news still missing.",
    lazy=_all_commands(),
    no_args_is_help=True,
)
ztrade.params.append(debug_option())
click.version_option(package_name="ztrade", prog_name="ztrade")(ztrade)


def main() -> None:
    """Run the command `ztrade`."""
    ztrade.main()
