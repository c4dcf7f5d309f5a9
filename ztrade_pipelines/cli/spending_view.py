"""What language models cost today, for the commands that show limits."""

from ztrade_core.domain.words import counted
from ztrade_core.trading.spending import ModelSpending


def spending_line(spending: ModelSpending) -> str:
    """Return today's spending in a line: what answers cost, and what is reserved for questions without one."""
    budget = "off" if spending.budget_usd is None else f"{spending.budget_usd:g} USD"
    told = f"Language models today, all accounts: {spending.answered_usd:.4f} USD for answers"
    if spending.unanswered:
        questions = counted(spending.unanswered, "question")
        told += (
            f", {spending.reserved_usd:.4f} USD reserved for {questions} without an answer (counted as"
            " spent until 00:00 New York: it may be billed)"
        )
    return f"{told}; daily budget {budget}"


def spending_document(spending: ModelSpending) -> dict[str, float | int | None]:
    """Return the same as plain values."""
    return {
        "answered_usd": spending.answered_usd,
        "reserved_usd": spending.reserved_usd,
        "unanswered_questions": spending.unanswered,
        "daily_budget_usd": spending.budget_usd,
    }
