"""Who decides for an agent: a strategy, its own model, a file, or several minds that vote."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ztrade_core.assembly.stores import Stores
from ztrade_core.decision_makers.ensemble import ensemble_of
from ztrade_core.domain.configuration import AgentConfig, Mode
from ztrade_core.errors import InputError
from ztrade_core.ports.clock import Clock
from ztrade_core.ports.mind import DecisionMaker, Member
from ztrade_core.settings.deadlines import check_deadlines
from ztrade_core.settings.load import Settings
from ztrade_core.store.sql_store import SqlStore
from ztrade_core.trading.ensembles import ensemble_in

if TYPE_CHECKING:
    from ztrade_core.assembly.minds import Minds

MINDED = (Mode.AUTOMATED, Mode.SUBAGENT)
UNASKED_IN_BACKTESTS = {
    Mode.SUBAGENT: "by file",
    Mode.MANUAL: "by hand",
    Mode.RECORDED: "by a recording",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders(Stores):
    """Chooses the maker of each mode. `makers` are those that all agents share."""

    settings: Settings
    store: SqlStore
    clock: Clock
    makers: Mapping[Mode, DecisionMaker]

    @property
    def minds(self) -> "Minds":
        """The makers that are an agent's own: a language model, a file."""
        from ztrade_core.assembly.minds import Minds  # noqa: PLC0415 - only who asks one

        return Minds(settings=self.settings, store=self.store, clock=self.clock)

    def own_maker(self, mode: Mode, agent: AgentConfig) -> DecisionMaker | None:
        """Return the maker that is an agent's own; None for a mode that agents share."""
        if mode is Mode.ENSEMBLE:
            return _ensemble(agent, self._asked_live)
        return self.minds.of(mode, agent) if mode in MINDED else None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Who can decide for any agent, a person aside."""
        return (*self.makers, *MINDED)

    def require_mode(self, mode: Mode, agent: AgentConfig) -> None:
        """Refuse a mode that cannot decide for an agent: InputError says why.

        ConfigError where its minds, asked so once, have no time in a run.
        """
        if mode is Mode.ENSEMBLE:
            ensemble_in(agent)
        elif mode is not Mode.MANUAL and mode not in self.modes:
            known = ", ".join(sorted([*self.modes, Mode.MANUAL, Mode.ENSEMBLE]))
            raise InputError(
                f"mode {mode.value} does not exist in this version; there are: {known}"
            )
        if mode is not agent.mode and mode is not Mode.ENSEMBLE:
            company = self.settings.company
            once = replace(agent, mode=mode, ensemble=None)
            shown = f"{agent.agent_id} in mode {mode.value}"
            check_deadlines([(shown, once)], company.models, company.broker.run_max_seconds)

    def backtest_maker(self, agent: AgentConfig) -> DecisionMaker:
        """Return who decides for an agent in a backtest; InputError where nobody could."""
        if agent.mode is Mode.ENSEMBLE:
            return _ensemble(agent, self._asked_in_backtests)
        return self._asked_in_backtests(agent)

    def _asked_live(self, agent: AgentConfig) -> DecisionMaker:
        own = self.own_maker(agent.mode, agent)
        return self.makers[agent.mode] if own is None else own

    def _asked_in_backtests(self, agent: AgentConfig) -> DecisionMaker:
        if agent.mode is Mode.AUTOMATED:
            return self.minds.for_backtests(agent)
        shared = self.makers.get(agent.mode)
        if shared is None:
            raise InputError(
                f"{agent.agent_id} is decided {UNASKED_IN_BACKTESTS[agent.mode]}, which a backtest cannot"
                " wait for: repeat what was decided (--recorded ledger), or write mode: strategy"
            )
        return shared


def _ensemble(
    agent: AgentConfig, maker_of: Callable[[AgentConfig], DecisionMaker]
) -> DecisionMaker:
    found = ensemble_in(agent)
    return ensemble_of(
        found.vote,
        [Member(choice=each, maker=maker_of(agent.with_mind(each))) for each in found.members],
    )
