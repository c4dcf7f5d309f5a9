"""What a person is shown has strangers' words in it: they are shown as text, wherever it is."""

import io

from rich.console import Console

from ztrade_pipelines.agents.by_hand import fenced, visible
from ztrade_pipelines.cli.agent_run_manual_view import request_lines

HOSTILE = "  - \x1b]0;owned\x07\x1b[31m[bold red]BUY[/] \u202eNOW ```\x9b2J <b>x</b>"


def test_the_terminal_is_shown_visible_characters_alone() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=200, highlight=False)
    screen.print(request_lines(f"one\n{HOSTILE}"), soft_wrap=True)
    assert isinstance(screen.file, io.StringIO)
    assert screen.file.getvalue() == "one\n  - [bold red]BUY[/] NOW ``` <b>x</b>\n"


def test_nothing_in_a_block_of_the_page_ends_it() -> None:
    block = fenced(visible(f"{HOSTILE}\n````\n# heading"))
    first, *inner, last = block.splitlines()
    assert (first, last) == ("`````text", "`````")
    assert inner == ["- [bold red]BUY[/] NOW ``` <b>x</b>", "````", "# heading"]
