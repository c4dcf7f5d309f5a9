"""Groups that load a command only when it is asked for, and the border where errors end.

`ztrade --help` imports Click and nothing of ours. Every error ends here: one line on standard error
and an exit code; `--debug` anywhere on the line shows the traceback.

Exit codes: 0 done; 1 it failed; 2 the request or the configuration is wrong; 3 the ledger is broken
(`audit verify`), a decision did not replay byte-equal (`replay`), bars are missing still (`data
backfill`, `data refresh`), or not all news came in (`news import`, `news fetch`); 130 interrupted.
"""

import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click
from typing_extensions import override

OK = 0
FAILED = 1
WRONG_REQUEST = 2
LEDGER_BROKEN = 3
INTERRUPTED = 130
DEBUG_KEY = "ztrade.debug"


GOES_ON = "what was done stands, and the same command goes on from there"
NOTHING_KEPT = "nothing of it is kept, and the same command begins anew"


class StoppedError(click.Abort):
    """A command was stopped by a person; the message says what is left of it."""


class ZtradeCommand(click.Command):
    """A command that takes `--debug` too, so that it may stand at the end of the line.

    `interrupted` says what is left of it when a person stops it.
    """

    def __init__(self, *args: Any, interrupted: str = GOES_ON, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(debug_option())
        self.interrupted = interrupted

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StoppedError:
            raise
        except (KeyboardInterrupt, click.Abort) as stop:
            raise StoppedError(self.interrupted) from stop


def debug_option() -> click.Option:
    """Return the option `--debug`, which any command takes."""
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        help="Show the traceback of an error, and Dagster's log.",
        callback=_note_debug,
    )


def _note_debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - Click calls it
    if value:
        context.find_root().meta[DEBUG_KEY] = True


def is_debug(context: click.Context) -> bool:
    """Return whether `--debug` stands anywhere on the line."""
    return bool(context.find_root().meta.get(DEBUG_KEY))


class LazyGroup(click.Group):
    """A group whose commands are `name: (module:attribute, summary)`, imported when called."""

    command_class = ZtradeCommand

    def __init__(
        self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self._lazy.items()])


class RootGroup(LazyGroup):
    """The command `ztrade` itself. `obj` may be another way to open the workshop (`office.Opener`)."""

    @override
    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *rest: Any,
        **extra: Any,
    ) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        sys.exit(self._run(given, extra.get("obj")))

    def _run(self, args: list[str], opener: Any) -> int:
        try:
            code = super().main(args=args, prog_name="ztrade", standalone_mode=False, obj=opener)
        except click.exceptions.NoArgsIsHelpError as shown:
            click.echo(shown.format_message(), err=True)
            return WRONG_REQUEST
        except click.ClickException as error:
            say_error(_one_line_usage(error))
            return WRONG_REQUEST
        except (KeyboardInterrupt, click.Abort) as stop:
            say_error(f"interrupted; {str(stop) or GOES_ON}")
            return INTERRUPTED
        except BrokenPipeError:
            sys.stderr.close()
            return OK
        except Exception as error:  # noqa: BLE001 - the border: every error becomes one line
            return _report(error, debug="--debug" in args)
        return code if isinstance(code, int) else OK


def _one_line_usage(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context is not None:
        return f"{message.rstrip('.')}; see `{context.command_path} --help`"
    return message


def _report(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    code = exit_code_of(error)
    text = " ".join(str(error).split()) or type(error).__name__
    if code == FAILED and not _is_ours(error):
        text = f"{type(error).__name__}: {text}"
    hint = "" if debug or code != FAILED else "  (--debug shows the traceback)"
    say_error(f"{text}{hint}")
    return code


def _is_ours(error: Exception) -> bool:
    from ztrade_core.errors import ZtradeError  # noqa: PLC0415 - only when something failed

    return isinstance(error, ZtradeError)


def exit_code_of(error: Exception) -> int:
    """Return the exit code that an error of the tree stands for."""
    from ztrade_core import errors  # noqa: PLC0415 - only when something failed

    wrong = (errors.ConfigError, errors.InputError, errors.NoDataError, errors.UnsoundDataError)
    if isinstance(error, errors.LedgerBrokenError):
        return LEDGER_BROKEN
    return WRONG_REQUEST if isinstance(error, wrong) else FAILED


def say_error(text: str) -> None:
    """Write one line to standard error."""
    click.echo(click.style("error: ", fg="red", bold=True) + text, err=True)
