"""Counts in a sentence: one bar, two bars."""


def counted(number: float, noun: str, plural: str = "") -> str:
    """Return a whole number with its noun, in the plural but for one: `1 bar`, `2,000 bars`."""
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"


def are(number: float) -> str:
    """Return the verb to a count: `is` of one, else `are`."""
    return "is" if number == 1 else "are"
