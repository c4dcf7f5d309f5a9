"""Where a key could still stand once an error is told: its text, and all that hangs on it."""

import traceback


def everything_told(error: BaseException) -> str:
    """Return an error's text, its arguments, and those of all that it was raised from or within."""
    told: list[str] = []
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told += [repr(each), repr(vars(each)), *traceback.format_exception(each)]
        todo += [each.__cause__, each.__context__]
    return "\n".join(told)
