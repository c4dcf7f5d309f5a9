"""HTML that cannot be broken out of: elements from a name, attributes and children.

Whatever is not `Html` already is text and is escaped. Not here: what a report says.
"""

from collections.abc import Iterable, Sequence
from html import escape

VOID = frozenset({"img", "meta"})


class Html(str):
    """Markup that was made here, with all text in it escaped."""

    __slots__ = ()


Child = str | Html


def element(name: str, /, *children: Child, **attributes: str) -> Html:
    """Return one element; an attribute `class_` is written `class`."""
    written = "".join(f' {key.rstrip("_")}="{escape(v)}"' for key, v in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Html:
    """Return children one after the other, text escaped."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def table(
    head: Sequence[str], body: Iterable[Sequence[Child]], *, numbers: Iterable[int] = ()
) -> Html:
    """Return a table in a box that scrolls when it is too wide; `numbers` are right-aligned columns."""
    right = frozenset(numbers)

    def row(cells: Sequence[Child], name: str) -> Html:
        return element(
            "tr",
            *[
                element(name, cell, class_="number") if index in right else element(name, cell)
                for index, cell in enumerate(cells)
            ],
        )

    rows = [row(cells, "td") for cells in body]
    made = element("table", element("thead", row(head, "th")), element("tbody", *rows))
    return element("div", made, class_="scroll")


def section(title: str, *children: Child) -> Html:
    """Return a section under its heading."""
    return element("section", element("h2", title), *children)


def toned(text: str, value: float | None) -> Child:
    """Return the text green above 0, red below, plain at 0 or when absent."""
    if value is None or value == 0.0:
        return text
    return element("span", text, class_="gain" if value > 0.0 else "loss")
