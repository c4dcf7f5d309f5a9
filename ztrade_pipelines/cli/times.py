"""The option type of an instant."""

from datetime import datetime
from typing import Any

import click
from typing_extensions import override

from ztrade_core.domain.time import parse_instant


class InstantType(click.ParamType[datetime]):
    """ISO 8601 with an offset: `2022-12-28T15:00:00Z`."""

    name = "time"

    @override
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is not an instant; write one with its offset, like"
                " 2022-12-28T15:00:00Z",
                param,
                ctx,
            )


INSTANT = InstantType()
