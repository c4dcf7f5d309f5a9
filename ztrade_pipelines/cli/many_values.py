"""Options that take several values after one flag: `--symbols TSLA IWM`."""

from collections.abc import Callable, Iterator, Sequence

import click
from typing_extensions import override

from ztrade_pipelines.cli.commands import ZtradeCommand
from ztrade_pipelines.cli.output import Callback


class ManyValuesCommand(ZtradeCommand):
    """A command whose `multiple` options take values up to the next flag; `A,B` is two as well."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        many = {
            name
            for each in self.params
            if isinstance(each, click.Option) and each.multiple
            for name in each.opts
        }
        return super().parse_args(ctx, list(spread(args, many)))


def spread(args: Sequence[str], many: set[str]) -> Iterator[str]:
    """Yield `--symbols A --symbols B` for `--symbols A B` and `--symbols=A,B`."""
    flag, is_bare = "", False
    for word in args:
        name, _, value = word.partition("=")
        if not name.startswith("-"):
            yield from _valued(flag, word) if flag else [word]
            is_bare = False
            continue
        if is_bare:
            yield flag  # without a value: Click says so
        flag, is_bare = (name, not value) if name in many else ("", False)
        yield from _valued(flag, value) if flag else [word]
    if is_bare:
        yield flag


def _valued(flag: str, text: str) -> Iterator[str]:
    for part in filter(None, text.split(",")):
        yield from (flag, part)


def several(name: str, text: str) -> Callable[[Callback], Callback]:
    """Return an option that takes several values; `text` is its help."""
    return click.option(name, multiple=True, help=text)
