"""Quality on the page and at the terminal: checks with history, the quarantine, and RULE_012."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.fakes.quality import scaled
from tests.fakes.terminal import Terminal, Typed
from tests.pipelines.conftest import AGENT, AS_OF, House, flat_market, manual_buy
from ztrade_core.clocks.sessions import ExchangeSessions
from ztrade_core.domain.bars import BarSeries
from ztrade_core.domain.time import Timeframe, parse_instant, to_micros
from ztrade_core.market_data.admission import admit_bars
from ztrade_core.market_data.quality.inspection import NAMES
from ztrade_core.market_data.quarantine import release_bars
from ztrade_core.ports.bars import BarStore
from ztrade_core.ports.providers import FetchedBars
from ztrade_core.ports.quarantine import HeldRange, Outcome, Release
from ztrade_core.store.bars import SqlBarStore
from ztrade_core.store.engine import make_engine
from ztrade_core.store.quarantine import SqlQuarantine
from ztrade_core.trading.standing import judge_standing
from ztrade_pipelines.market_data.checks import CHECKS

TSLA = dg.AssetKey(["market_bars", "TSLA_5m"])
SERIES = HeldRange(symbol="TSLA", timeframe=Timeframe.M5)
SPIKE = "2022-12-28T14:40:00Z"  # of the bars that the run at AS_OF looks back on
LONG_AGO = "2022-12-21T15:00:00Z"  # before them


def with_spike(bars: BarSeries, opened: str) -> BarSeries:
    """Return the market with one bar, high and all, at twice the price."""
    row = int(bars.timestamps.searchsorted(to_micros(parse_instant(opened))))
    return scaled(bars, slice(row, row + 1), 2.0)


def spoil(house: House, opened: str) -> None:
    """Let a file's bars with a spike stand in the store: imports look at single bars only."""
    bars = with_spike(flat_market(house.workshop.calendar), opened)
    now = house.workshop.clock.now()
    house.workshop.bars.upsert([bars], source="hand-made", ingested_at=now)


def load(house: House, first: str, last: str) -> dict[str, dg.AssetCheckEvaluation]:
    """Materialize a range of days in one run; return its evaluations by check."""
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    result = house.run("load_bars", tags=tags, asset_selection=[TSLA])
    assert result.success
    evaluations = house.evaluations(result, TSLA)
    assert len(evaluations) == len(CHECKS)
    return {evaluation.check_name: evaluation for evaluation in evaluations}


def let_go(house: House, outcome: Outcome) -> int:
    """Release every held bar of the series by hand."""
    workshop = house.workshop
    done = release_bars(
        SERIES,
        Release(outcome=outcome, who="ada", why="seen", at=workshop.clock.now()),
        store=workshop.bars,
        quarantine=workshop.quarantine,
        calendar=workshop.calendar,
    )
    return len(done)


def red(evaluations: dict[str, dg.AssetCheckEvaluation]) -> set[str]:
    """Return the checks that failed."""
    return {name for name, evaluation in evaluations.items() if not evaluation.passed}


def test_every_quality_check_is_an_asset_check() -> None:
    assert tuple(CHECKS) == NAMES
    assert len({name for name, _ in CHECKS.values()}) == len(NAMES)


def test_every_series_has_every_check(house: House) -> None:
    keys = house.definitions.resolve_asset_graph().asset_check_keys
    names = {name for name, _ in CHECKS.values()}
    series = house.definitions.resolve_asset_graph().get_all_asset_keys()
    bars = [key for key in series if key.path[0] == "market_bars"]
    assert len(bars) == len(house.settings.company.agents)
    for asset in bars:
        assert {key.name for key in keys if key.asset_key == asset} == names


def test_sound_days_pass_and_how_old_they_are_alarms_nobody(house: House) -> None:
    found = load(house, "2022-12-20", "2022-12-29")
    assert red(found) == set()
    assert str(found["newest_bar_is_there"].description).startswith(
        "the newest is 2022-12-29T20:55:00Z"
    )


def test_a_defect_is_an_error_until_a_person_releases_it(house: House) -> None:
    spoil(house, SPIKE)
    found = load(house, "2022-12-27", "2022-12-29")
    assert red(found) == {"no_bar_is_a_spike"}
    spike = found["no_bar_is_a_spike"]
    assert spike.severity is dg.AssetCheckSeverity.ERROR
    assert str(spike.description).startswith("1 bar is in quarantine: goes ")
    values: dict[str, Any] = {name: value.value for name, value in spike.metadata.items()}
    assert values["window"] == "2022-12-27T00:00:00Z to 2022-12-30T00:00:00Z"
    assert (values["rows"], values["findings"], values["in_quarantine"]) == (234, 1, 1)
    [first] = values["first_findings"].records
    assert (first.data["first"], first.data["bars"]) == (SPIKE, "1")
    [held] = values["first_held"].records
    assert (held.data["open_time"], held.data["source"]) == (SPIKE, "hand-made")

    again = load(house, "2022-12-28", "2022-12-28")
    assert red(again) == {"no_bar_is_a_spike", "no_bar_is_missing"}
    assert again["no_bar_is_missing"].severity is dg.AssetCheckSeverity.WARN
    assert red(load(house, "2022-12-29", "2022-12-29")) == set()

    assert let_go(house, Outcome.AS_IS) == 1
    assert red(load(house, "2022-12-27", "2022-12-29")) == set()


def test_the_page_keeps_every_evaluation(house: House) -> None:
    load(house, "2022-12-28", "2022-12-28")
    spoil(house, SPIKE)
    load(house, "2022-12-28", "2022-12-28")
    key = dg.AssetCheckKey(asset_key=TSLA, name="no_bar_is_a_spike")
    history = house.instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    ended = [record.status.value for record in history if record.status.value != "PLANNED"]
    assert ended == ["FAILED", "SUCCEEDED"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_quarantined_bars_deny_entries_until_a_person_releases_them(
    house: House, outcome: Outcome
) -> None:
    spoil(house, SPIKE)
    load(house, "2022-12-28", "2022-12-28")
    denied = house.run(AGENT, manual_buy())

    assert denied.success
    [rule] = [e for e in house.evaluations(denied) if not e.passed]
    assert rule.check_name == "rule_012_fresh_data"
    told = str(rule.metadata["message"].value)
    assert f"quarantined bars: 1 of TSLA 5m, first {SPIKE} (spike: goes " in told
    assert "ztrade data quarantine show TSLA 5m" in told
    assert house.decision_metadata(denied)["outcome"] == "denied"

    let_go(house, outcome)
    later = house.run(AGENT, manual_buy(as_of="2022-12-28T15:05:00Z"))
    verdicts = {e.check_name: e.passed for e in house.evaluations(later)}
    assert verdicts["rule_012_fresh_data"]


@pytest.mark.parametrize(("opened", "told"), [(SPIKE, 1), (LONG_AGO, 0)])
def test_the_standing_book_is_judged_with_what_is_in_quarantine(
    house: House, opened: str, told: int
) -> None:
    """What `ztrade risk status` shows: RULE_012 fails for the agent that looks back on the bar."""
    spoil(house, opened)
    load(house, opened[:10], opened[:10])
    at = parse_instant(AS_OF)
    standing = judge_standing(house.workshop.rehearsal_desk(at), at)
    [fresh] = [v for v in dict(standing.verdicts)[AGENT] if v.rule_id == "RULE_012"]
    assert fresh.message.count(f"quarantined bars: 1 of TSLA 5m, first {opened}") == told


def test_bars_quarantined_before_the_look_back_deny_nothing(house: House) -> None:
    spoil(house, LONG_AGO)
    assert "no_bar_is_a_spike" in red(load(house, "2022-12-21", "2022-12-21"))
    result = house.run(AGENT, manual_buy())
    assert all(e.passed for e in house.evaluations(result))


def test_an_exit_is_not_held_up_by_quarantined_bars(house: House) -> None:
    assert house.order_metadata(house.run(AGENT, manual_buy()))["status"] == "accepted"
    spoil(house, "2022-12-28T15:05:00Z")
    load(house, "2022-12-28", "2022-12-28")
    sold = house.run(AGENT, {**manual_buy(as_of="2022-12-28T15:15:00Z"), "manual_action": "sell"})
    assert house.decision_metadata(sold)["outcome"] == "approved"


class Shelf:
    """A terminal over a store in which one bar of a vendor's answer is held."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.terminal = Terminal(folder, width=200)
        self.terminal.use_database(template)
        self.engine = make_engine(f"sqlite:///{self.terminal.data / 'ztrade.db'}")
        self.bars: BarStore = SqlBarStore(self.engine)

    def admit(self, opened: str) -> None:
        """Let the market in as a vendor's answer, with a spike."""
        calendar = ExchangeSessions()
        now = datetime(2023, 1, 3, tzinfo=UTC)
        admit_bars(
            FetchedBars(series=with_spike(flat_market(calendar), opened), source="vendor:split"),
            store=self.bars,
            quarantine=SqlQuarantine(self.engine),
            calendar=calendar,
            known_at=now,
        )

    def type(self, *words: str) -> Typed:
        """Type a command under `ztrade data quarantine`."""
        return self.terminal.type("data", "quarantine", *words)

    def stored(self) -> int:
        """Return how many bars are in the store."""
        return len(self.bars.read("TSLA", Timeframe.M5))


@pytest.fixture
def shelf(tmp_path: Path, sqlite_template: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path, sqlite_template)
    yield made
    made.engine.dispose()


def test_the_terminal_lists_shows_and_releases(shelf: Shelf) -> None:
    shelf.admit(SPIKE)
    before = shelf.stored()
    listed = shelf.type("list").out
    assert "TSLA 5m" in listed
    assert "2022-12-28 14:40Z" in listed
    shown = shelf.type("show", "tsla", "5m").out
    assert "spike: goes" in shown
    assert "vendor:split" in shown
    [bar] = shelf.type("show", "TSLA", "5m", "--json").document()["bars"]
    assert (bar["open_time"], bar["check"], bar["release"]) == (SPIKE, "spike", None)

    done = shelf.type(
        "release", "TSLA", "5m", "--from", SPIKE, "--to", SPIKE, "--as-is", "--who", "ada",
        "--why", "the tape [shows] it",
    )  # fmt: skip
    assert done.code == 0
    assert "1 of the bars in quarantine entered the store as they are, by ada" in done.out
    assert "the tape [shows] it" in done.out
    assert shelf.stored() == before + 1
    assert "no bar of TSLA 5m is in quarantine" in shelf.type("show", "TSLA", "5m").out
    assert "as_is by ada" in shelf.type("show", "TSLA", "5m", "--all").out
    [series] = shelf.type("list", "--json").document()["series"]
    assert (series["held"], series["released"]) == (0, 1)


def test_a_dropped_bar_stays_out(shelf: Shelf) -> None:
    shelf.admit(SPIKE)
    before = shelf.stored()
    words = ("release", "TSLA", "5m", "--drop", "--who", "ada", "--why", "no trade of ours")
    assert "are dropped, by ada: no trade of ours" in shelf.type(*words).out
    shelf.admit(SPIKE)
    assert shelf.stored() == before
    [bar] = shelf.type("show", "TSLA", "5m", "--all", "--json").document()["bars"]
    assert bar["release"]["outcome"] == "drop"


def test_nothing_in_quarantine_is_one_line_everywhere(shelf: Shelf) -> None:
    assert shelf.type("list").out.strip() == "no bar is in quarantine"
    assert shelf.type("list", "--json").document() == {"series": []}
    unknown = shelf.type("show", "TSLA", "5m")
    assert (unknown.code, unknown.err.strip()) == (
        2,
        "error: no series TSLA 5m; there are: none yet",
    )
    shelf.admit(SPIKE)
    early = ("--to", "2022-12-21T00:00:00Z")
    assert (
        "no bar of TSLA 5m is in quarantine there" in shelf.type("show", "TSLA", "5m", *early).out
    )
    nothing = shelf.type("release", "TSLA", "5m", "--drop", "--why", "x", "--who", "y", *early)
    assert nothing.code == 0
    assert nothing.out.strip() == "nothing released: no bar of TSLA 5m is in quarantine there"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("show", "IWM", "15m"), "no series IWM 15m; there are: TSLA 5m"),
        (("show", "TSLA", "2m"), "no timeframe '2m'; there are: 1m 5m 15m 1h 1d"),
        (("show", "T$", "5m"), "symbol 'T$' is not one like TSLA, BRK.B or BTC/USD"),
        (("show", "TSLA", "5m", "--from", "yesterday"), "'yesterday' is not an instant"),
        (
            ("show", "TSLA", "5m", "--from", SPIKE, "--to", LONG_AGO),
            f"--to {LONG_AGO} lies before --from {SPIKE}",
        ),
        (("release", "TSLA", "5m", "--why", "x"), "say what becomes of the bars: --as-is"),
        (("release", "TSLA", "5m", "--drop"), "Missing option '--why'"),
        (("release", "TSLA", "5m", "--drop", "--why", " "), "--who and --why may not be empty"),
    ],
)
def test_a_wrong_request_is_one_clear_line(shelf: Shelf, words: tuple[str, ...], line: str) -> None:
    shelf.admit(SPIKE)
    answer = shelf.type(*words)
    assert answer.code == 2
    assert line in answer.err
    assert len(answer.err.strip().splitlines()) == 1
