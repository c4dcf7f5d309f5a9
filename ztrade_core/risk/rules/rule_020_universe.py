"""RULE_020: each agent trades its one symbol, long, without adding, and no penny stocks."""

import math
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from ztrade_core.domain.decisions import Verdict
from ztrade_core.domain.instruments import AssetClass, instrument_of
from ztrade_core.domain.orders import Side
from ztrade_core.risk.arithmetic import at_least, is_covered
from ztrade_core.risk.case import Candidate, RiskCase
from ztrade_core.risk.rule import Rule, ruling, switched_off
from ztrade_core.risk.wording import apart, exactly, sentence, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseRule(Rule):
    """What an agent may hold at all; sizes and prices that are no numbers fail here too."""

    rule_id: ClassVar[str] = "RULE_020"
    name: ClassVar[str] = "universe"
    description: ClassVar[str] = (
        "The agent trades its own symbol, which no other trades, long only, without adding to what"
        " it holds, and no stock under the least price."
    )

    required: bool
    min_stock_price_usd: float

    @override
    def judge(self, case: RiskCase) -> Verdict:
        """Judge the agent's standing book, and the order against it."""
        if not self.required:
            return switched_off(self)
        entry, candidate = case.entry, case.candidate
        problems = _standing_problems(case)
        if candidate is not None:
            problems += _order_problems(case, candidate)
        if entry is not None:
            problems += _add_problems(case) + self._price_problems(entry)
        is_stock = entry is not None and _is_stock(entry)
        return ruling(
            self,
            sentence(problems) or f"{case.agent.agent_id} trades {case.agent.symbol} alone, long",
            passed=not problems,
            observed=entry.limit_price if entry is not None and is_stock else None,
            limit=self.min_stock_price_usd if is_stock else None,
        )

    def _price_problems(self, entry: Candidate) -> list[str]:
        if not (math.isfinite(entry.limit_price) and entry.limit_price > 0.0):
            return [f"the limit price {entry.limit_price} is not a price"]
        if not _is_stock(entry) or at_least(entry.limit_price, self.min_stock_price_usd):
            return []
        seen, least = apart(entry.limit_price, self.min_stock_price_usd, usd)
        return [f"{entry.symbol} costs {seen}; a stock must cost at least {least}"]


def _is_stock(entry: Candidate) -> bool:
    return instrument_of(entry.symbol).asset_class is AssetClass.STOCK


def _standing_problems(case: RiskCase) -> list[str]:
    """Return what is wrong with the agent's own positions and its claim on the symbol."""
    agent = case.agent
    rivals = {a.agent_id for a in case.company.agents if a.symbol == agent.symbol}
    rivals |= {p.agent_id for p in case.book.positions if p.symbol == agent.symbol}
    rivals |= {o.agent_id for o in case.book.open_entries if o.symbol == agent.symbol}
    rivals -= {agent.agent_id}
    problems = [f"{agent.symbol} is also traded by {rival}" for rival in sorted(rivals)]
    for position in case.book.positions:
        if position.agent_id != agent.agent_id:
            continue
        if position.symbol != agent.symbol:
            problems.append(f"{agent.agent_id} holds {position.symbol}, not its {agent.symbol}")
        if not position.quantity >= 0.0:
            problems.append(f"{agent.agent_id} is short: {exactly(position.quantity)}")
    return problems


def _order_problems(case: RiskCase, candidate: Candidate) -> list[str]:
    """Return what is wrong with an order of either side."""
    agent = case.agent
    problems = []
    if candidate.agent_id != agent.agent_id:
        problems.append(f"the order is {candidate.agent_id}'s, not {agent.agent_id}'s")
    if candidate.symbol != agent.symbol:
        problems.append(
            f"the order is in {candidate.symbol}; {agent.agent_id} trades {agent.symbol}"
        )
    if not (math.isfinite(candidate.quantity) and candidate.quantity > 0.0):
        problems.append(f"the order's quantity is {exactly(candidate.quantity)}")
    elif candidate.side is Side.SELL:
        position = case.book.position_of(agent.agent_id)
        held = 0.0 if position is None else position.quantity
        if not is_covered(held, candidate.quantity, agent.instrument.lots_per_unit):
            problems.append(
                f"a sell of {exactly(candidate.quantity)} would go short: {exactly(held)} is held"
            )
    return problems


def _add_problems(case: RiskCase) -> list[str]:
    """Return what an entry would add to."""
    agent_id = case.agent.agent_id
    problems = []
    if case.book.position_of(agent_id) is not None:
        problems.append(f"{agent_id} holds a position already: no adds")
    if any(order.agent_id == agent_id for order in case.book.open_entries):
        problems.append(f"{agent_id} has an open entry already: no adds")
    return problems
