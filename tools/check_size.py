"""Keep files and functions small: `python tools/check_size.py FOLDER...`.

Bounds: a file 300 lines, a function 40 lines from `def` to its end, 6 arguments besides `self` and `cls`.
Prints each breach as `path:line: what, how much, the bound` and exits 1 when there is one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 300
FUNCTION_LINES = 40
ARGUMENTS = 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main(folders: list[str]) -> int:
    """Check every Python file under the folders; return the exit status."""
    files = sorted(file for folder in folders for file in Path(folder).rglob("*.py"))
    breaches = [breach for file in files for breach in file_breaches(file)]
    for breach in breaches:
        print(breach)
    print(f"size: {len(files)} files, {len(breaches)} over a bound")
    return 1 if breaches or not files else 0


def file_breaches(file: Path) -> Iterator[str]:
    """Yield what is too large in one file."""
    source = file.read_text(encoding="utf-8")
    lines = len(source.splitlines())
    if lines > FILE_LINES:
        yield f"{file}:1: file has {lines} lines, the bound is {FILE_LINES}"
    for node in ast.walk(ast.parse(source, filename=str(file))):
        if isinstance(node, Function):
            yield from function_breaches(file, node)


def function_breaches(file: Path, function: Function) -> Iterator[str]:
    """Yield what is too large in one function."""
    where = f"{file}:{function.lineno}: {function.name}"
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if lines > FUNCTION_LINES:
        yield f"{where} has {lines} lines, the bound is {FUNCTION_LINES}"
    arguments = count_arguments(function.args)
    if arguments > ARGUMENTS:
        yield f"{where} takes {arguments} arguments, the bound is {ARGUMENTS}"


def count_arguments(arguments: ast.arguments) -> int:
    """Count what a caller may pass, `*args` and `**kwargs` as one each."""
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    variadic = [arguments.vararg, arguments.kwarg]
    passed = [a for a in named if a.arg not in {"self", "cls"}]
    return len(passed) + len([a for a in variadic if a is not None])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
