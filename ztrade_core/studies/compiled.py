"""The compiled kernel for many candidates of one agent: bars are laid out once.

A candidate replaces the agent's rows (bracket, limits, periods, settings) and nothing else.
"""

from dataclasses import replace
from pathlib import Path

from ztrade_core.backtest.kernel.building import Kernel, compiled_kernel
from ztrade_core.backtest.kernel.engine import (
    FIRST_ROOM,
    KernelOutput,
    NotCompiledError,
    lay_out,
    run_laid,
)
from ztrade_core.backtest.kernel.inputs import why_not
from ztrade_core.backtest.kernel.terms import agent_terms, strategy_terms
from ztrade_core.backtest.legs import Leg, PortfolioInput
from ztrade_core.domain.configuration import AgentConfig, Company
from ztrade_core.ports.clock import Calendar


class CompiledCandidates:
    """Runs candidates of the agent of a leg, alone in the company's account, or by `kernel`.

    Raises NotCompiledError when no candidate can run compiled, at once or, for one of them, when
    it is run; ImportError without the compiler.
    """

    def __init__(
        self,
        company: Company,
        calendar: Calendar,
        leg: Leg,
        folder: Path,
        kernel: Kernel | None = None,
    ) -> None:
        self._given = PortfolioInput(company=company, calendar=calendar, legs=(leg,))
        reason = why_not(self._given)
        if reason is not None:
            raise NotCompiledError(reason)
        self._laid = lay_out(self._given)
        names = (leg.agent.strategy.name,)
        self._kernel = compiled_kernel(names, folder) if kernel is None else kernel
        self._room = FIRST_ROOM

    def run(self, agent: AgentConfig) -> KernelOutput:
        """Run the bars with this agent, which has the leg's symbol, timeframe and strategy."""
        agents = (agent,)
        given = replace(self._given, legs=(replace(self._given.legs[0], agent=agent),))
        memory, settings = strategy_terms(agents)
        laid = replace(
            self._laid,
            rules=(agent_terms(given.company, agents), self._laid.rules[1]),
            minds=(memory, settings, *self._laid.minds[2:]),
        )
        output = run_laid(given, laid, self._kernel, self._room)
        self._room = max(self._room, 2 * len(output.asked_rows[0]), 2 * len(output.fill_rows[0]))
        return output
