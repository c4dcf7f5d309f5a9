"""Which of the SEC's forms are news, and what their items are called.

A filing has no headline of its own: ours is built from its form and its items, by the SEC's names for
them, the longest shortened (Form 8-K, as amended in 2023). Amendments end in `/A`.
"""

FORMS = {
    "8-K": "Current Report",
    "10-Q": "Quarterly Report",
    "10-K": "Annual Report",
    "6-K": "Report of a Foreign Issuer",
    "20-F": "Annual Report of a Foreign Issuer",
    "SC 13D": "Beneficial Ownership, with Intent to Influence",
    "SC 13G": "Beneficial Ownership",
    "SCHEDULE 13D": "Beneficial Ownership, with Intent to Influence",
    "SCHEDULE 13G": "Beneficial Ownership",
}
"""What is read; since December 2024 the forms of ownership are named SCHEDULE. Not among them: insiders'
trades (3, 4, 5, 144), several a day, whose meaning is in their numbers and not in words."""

ITEMS = {
    "1.01": "Entry into a Material Definitive Agreement",
    "1.02": "Termination of a Material Definitive Agreement",
    "1.03": "Bankruptcy or Receivership",
    "1.04": "Mine Safety: Reporting of Shutdowns and Patterns of Violations",
    "1.05": "Material Cybersecurity Incidents",
    "2.01": "Completion of Acquisition or Disposition of Assets",
    "2.02": "Results of Operations and Financial Condition",
    "2.03": "Creation of a Direct Financial Obligation",
    "2.04": "Triggering Events That Accelerate a Direct Financial Obligation",
    "2.05": "Costs Associated with Exit or Disposal Activities",
    "2.06": "Material Impairments",
    "3.01": "Notice of Delisting or Failure to Satisfy a Continued Listing Rule",
    "3.02": "Unregistered Sales of Equity Securities",
    "3.03": "Material Modification to Rights of Security Holders",
    "4.01": "Changes in Registrant's Certifying Accountant",
    "4.02": "Non-Reliance on Previously Issued Financial Statements",
    "5.01": "Changes in Control of Registrant",
    "5.02": "Departure or Election of Directors or Certain Officers",
    "5.03": "Amendments to Articles of Incorporation or Bylaws",
    "5.04": "Temporary Suspension of Trading Under Employee Benefit Plans",
    "5.05": "Amendments to the Code of Ethics",
    "5.06": "Change in Shell Company Status",
    "5.07": "Submission of Matters to a Vote of Security Holders",
    "5.08": "Shareholder Director Nominations",
    "6.01": "ABS Informational and Computational Material",
    "6.02": "Change of Servicer or Trustee",
    "6.03": "Change in Credit Enhancement or Other External Support",
    "6.04": "Failure to Make a Required Distribution",
    "6.05": "Securities Act Updating Disclosure",
    "7.01": "Regulation FD Disclosure",
    "8.01": "Other Events",
    "9.01": "Financial Statements and Exhibits",
}

_ATTACHMENTS = "9.01"
_BY_OTHERS = ("SC 13", "SCHEDULE 13")


def base_form(form: str) -> str | None:
    """Return the form without `/A`; None when it is not one of FORMS."""
    base = form.removesuffix("/A")
    return base if base in FORMS else None


def named_items(items: str) -> tuple[str, ...]:
    """Return the names of items such as `2.02,9.01`; an unknown one keeps its number."""
    numbers = [each.strip() for each in items.split(",") if each.strip()]
    return tuple(ITEMS.get(each, f"Item {each}") for each in numbers)


def headline_of(symbol: str, form: str, items: str) -> str:
    """Return a filing's headline: symbol, form, and what it is about.

    Attachments (item 9.01) are named only where nothing else is. Reports of ownership stand in the
    list of who is owned and of who owns, so the symbol is only named in them.
    """
    base = base_form(form) or form
    numbers = [each.strip() for each in items.split(",") if each.strip()]
    telling = [each for each in numbers if each != _ATTACHMENTS] or numbers
    about = "; ".join(named_items(",".join(telling))) or FORMS.get(base, base)
    verb = "is named in" if base.startswith(_BY_OTHERS) else "files"
    return f"{symbol} {verb} {form}: {about}"
