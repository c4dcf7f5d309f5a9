"""What a rule trial is made of: the limits that a file proposes, and the room that they are tried in."""

from dataclasses import dataclass, replace
from pathlib import Path

from ztrade_core.assembly.workshop import PAPER, Workshop
from ztrade_core.backtest.runs import Bench
from ztrade_core.domain.configuration import RiskLimits
from ztrade_core.errors import ConfigError
from ztrade_core.settings.company import warnings_of
from ztrade_core.settings.limits import load_limits
from ztrade_core.settings.load import Settings
from ztrade_core.studies.rule_trial import TrialRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFile:
    """The limits of a file, and what the company would be warned of only under them."""

    risk: RiskLimits
    warnings: tuple[str, ...]


def proposed_file(settings: Settings, path: Path) -> ProposedFile:
    """Read proposed limits as config/risk_limits.yaml is read; ConfigError names file and key."""
    if not path.is_file():
        raise ConfigError(
            f"{path}: no such file; copy config/risk_limits.yaml, and change the copy"
        )
    risk = load_limits(path, settings.project_root)
    company = settings.company
    known = set(warnings_of(company))
    found = warnings_of(replace(company, risk=risk))
    return ProposedFile(risk=risk, warnings=tuple(each for each in found if each not in known))


def trial_room(workshop: Workshop) -> TrialRoom:
    """Return the ledger and the bars of a workshop, for a trial: nothing in it writes."""
    bench = Bench(
        company=workshop.settings.company,
        bars=workshop.bars,
        backtests=workshop.backtests,
        calendar=workshop.calendar,
        clock=workshop.clock,
        maker_of=workshop.backtest_maker,
        splits=workshop.splits,
    )
    return TrialRoom(store=workshop.store, bench=bench)


def is_live(account: str) -> bool:
    """Return whether an account's time is the world's: a rehearsal's stands where it was left."""
    return account == PAPER
