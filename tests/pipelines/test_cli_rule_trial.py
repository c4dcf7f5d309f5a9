"""`ztrade risk trial` as typed, on a rehearsal of three days under the shipped limits."""

import json
from pathlib import Path

import pytest

from tests.fakes.rule_trials import NOW, RISING_FIRST, days_of, everything, trade_day
from tests.fakes.terminal import PROJECT, Terminal, Typed
from tests.pipelines.rehearsed import workshop_of

SHIPPED = (PROJECT / "config" / "risk_limits.yaml").read_text()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Terminal:
    """A terminal on a store where a person traded TSLA for three days in rehearsal."""
    made = Terminal(tmp_path_factory.mktemp("trial"), width=160)
    made.use_database(sqlite_template)
    workshop = workshop_of(made)
    workshop.bars.upsert(days_of("TSLA", RISING_FIRST), source="test", ingested_at=NOW)
    for day in range(len(RISING_FIRST)):
        trade_day(workshop.rehearsal_desk, day)
    workshop.engine.dispose()
    return made


def limits(folder: Path, *edits: tuple[str, str]) -> Path:
    """Write the shipped limits with these edits."""
    text = SHIPPED
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    path = folder / "limits.yaml"
    path.write_text(text)
    return path


def smaller(folder: Path) -> Path:
    return limits(folder, ("max_order_usd: 10000", "max_order_usd: 500"))


def trial(terminal: Terminal, path: Path, *words: str, **more: str) -> Typed:
    return terminal.type(
        "risk", "trial", "--limits", str(path), "--account", "rehearsal", *words, **more
    )


def test_both_views_are_shown_with_their_holdout_and_the_warnings(
    terminal: Terminal, tmp_path: Path
) -> None:
    shown = trial(terminal, smaller(tmp_path))
    assert shown.code == 0, shown.err
    for text in (
        "account rehearsal, 2022-12-28 to 2022-12-30 (3 days): 9 decisions, 3 wanted to buy, 3 to sell",
        "max_order_usd  10000       500",
        "warning: too few to say: the holdout has 1 trade entry by entry and 1 trade on the path",
        "the limits were chosen after seeing the fitting part",
        "Decision by decision",
        "by RULE_014",
        "net                +$11.20      -$9.20     +$20.40",
        "The whole path",
        "holdout, from flat",
        "denied by RULE_014",
        "nothing is stored, and the limits in force are as they were",
    ):
        assert text in shown.out, text
    assert "agent_tsla: limits.position_usd 5000 is over max_order_usd 500" in shown.out


@pytest.mark.parametrize("width", [80, 160])
def test_nothing_is_cut_at_any_width(terminal: Terminal, tmp_path: Path, width: int) -> None:
    shown = trial(terminal, smaller(tmp_path), COLUMNS=str(width))
    assert max(map(len, shown.out.splitlines())) <= width
    assert "…" not in shown.out
    assert ("equity" in shown.out.split("The whole path")[1]) == (width == 160)
    for figure in ("+$20.40", "-0.020 %", "RULE_014"):
        assert figure in shown.out


def test_a_trial_writes_nothing_anywhere(terminal: Terminal, tmp_path: Path) -> None:
    path = smaller(tmp_path)
    trial(terminal, path)  # whatever a first look opens is there
    workshop = workshop_of(terminal)
    before = everything(workshop.engine)
    files = {each: each.read_bytes() for each in files_of(terminal)}
    assert trial(terminal, path, "--holdout", "0.5").code == 0
    assert everything(workshop.engine) == before
    assert {each: each.read_bytes() for each in files_of(terminal)} == files
    assert (PROJECT / "config" / "risk_limits.yaml").read_text() == SHIPPED
    workshop.engine.dispose()


def files_of(terminal: Terminal) -> list[Path]:
    return sorted(each for each in terminal.data.rglob("*") if each.is_file())


def test_the_document_has_every_changed_entry_and_both_views(
    terminal: Terminal, tmp_path: Path
) -> None:
    document = trial(terminal, smaller(tmp_path), "--json").document()
    assert document["would_change"] is True
    assert document["limits"] == [{"key": "max_order_usd", "now": "10000", "proposed": "500"}]
    found = document["trial"]
    assert [part["name"] for part in found["parts"]] == ["whole period", "fitting part", "holdout"]
    changed = found["decisions"]["changed"]
    assert [(one["change"], one["rules"]) for one in changed] == [
        ("newly_denied", ["RULE_014"])
    ] * 3
    assert [one["effect_usd"] for one in changed] == pytest.approx([-19.596, 10.398, 20.396])
    fitting = found["decisions"]["parts"][1]
    assert (fitting["saved_usd"], fitting["forgone_usd"]) == pytest.approx((10.398, 19.596))
    whole = found["path"]["parts"][0]
    assert whole["now"]["equity_usd"] == pytest.approx(99_988.802)
    assert whole["proposed"]["equity_usd"] == 100_000.0
    assert (found["path"]["not_asked"], found["path"]["left_out"], found["halts"]) == ({}, {}, [])
    assert found["path"]["holdout_from_flat"]["gain"] == pytest.approx(20.396e-5)


def test_limits_as_they_are_would_change_nothing(terminal: Terminal, tmp_path: Path) -> None:
    shown = trial(terminal, limits(tmp_path))
    assert (shown.code, shown.out) == (
        0,
        "the proposed limits are those in force: nothing would change\n",
    )
    document = trial(terminal, limits(tmp_path), "--json").document()
    assert document == {"would_change": False, "limits": [], "trial": None}


def test_a_loosened_limit_is_tried_and_put_in_force_nowhere(
    terminal: Terminal, tmp_path: Path
) -> None:
    loose = limits(tmp_path, ("max_symbol_fraction: 0.05", "max_symbol_fraction: off"))
    assert trial(terminal, loose).code == 0
    status = terminal.type("risk", "status", "--account", "rehearsal", "--json").document()
    allowed = {each["name"]: each["allowed"] for each in status["limits"]}
    assert allowed["symbol of agent_tsla"] == 0.05


def test_a_period_without_decisions_says_so(terminal: Terminal, tmp_path: Path) -> None:
    shown = trial(terminal, smaller(tmp_path), "--from", "2022-11-01", "--to", "2022-11-05")
    assert shown.code == 0
    assert "no decision is recorded in the period; account rehearsal has its newest at" in shown.out
    paper = terminal.type("risk", "trial", "--limits", str(smaller(tmp_path)), "--json")
    assert json.loads(paper.out)["trial"]["recorded"]["decisions"] == 0


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("max_order_usd: 10000", "max_order_usd: lots"), "limits.yaml: max_order_usd"),
        (("max_order_usd: 10000", "max_order_usd: -1"), "limits.yaml: max_order_usd"),
        (("max_order_usd: 10000", "max_order_used: 1"), "limits.yaml: max_order_used"),
        (("max_order_usd: 10000\n", ""), "limits.yaml: max_order_usd"),
        (
            ("max_symbol_fraction: 0.05", "max_symbol_fraction: 0"),
            "limits.yaml: max_symbol_fraction",
        ),
        (
            ("correlation_min_overlap: 40", "correlation_min_overlap: 400"),
            "limits.yaml: correlation_min_overlap: 400 is over correlation_returns 60",
        ),
        (("max_order_usd: 10000", "max_order_usd: 1\nmax_order_usd: 2"), "written twice"),
    ],
)
def test_a_file_that_is_wrong_is_one_line_with_file_and_key(
    terminal: Terminal, tmp_path: Path, edit: tuple[str, str], said: str
) -> None:
    shown = trial(terminal, limits(tmp_path, edit))
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--days", "3", "--from", "2022-12-28"), "name the period twice"),
        (("--from", "2022-12-28"), "name both ends"),
        (("--holdout", "1"), "holdout 1"),
        (("--agent", "agent_x"), "no agent 'agent_x'"),
        (("--days", "0"), "days 0"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_code_2(
    terminal: Terminal, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    shown = trial(terminal, smaller(tmp_path), *words)
    assert shown.code == 2
    assert said in shown.err
    assert shown.err.count("\n") == 1


def test_a_missing_file_says_so(terminal: Terminal, tmp_path: Path) -> None:
    shown = trial(terminal, tmp_path / "none.yaml")
    assert shown.code == 2
    assert "none.yaml: no such file; copy config/risk_limits.yaml" in shown.err
