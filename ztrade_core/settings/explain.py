"""Turns what Pydantic found wrong into one line: file, dotted key, problem, what to write."""

import difflib
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ztrade_core.errors import ConfigError
from ztrade_core.settings.words import one_line, shown_key, shown_value
from ztrade_core.settings.yaml_text import Yaml

Model = TypeVar("Model", bound=BaseModel)

_MANY = 12  # more keys than that are no help in one line
_BOUNDS = {
    "greater_than": ("gt", "must be over"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be under"),
    "less_than_equal": ("le", "must be at most"),
    "too_short": ("min_length", "entries must be at least"),
    "too_long": ("max_length", "entries must be at most"),
    "string_too_long": ("max_length", "characters must be at most"),
}
_KINDS = {
    "float_type": "not a number (no quotes, no words)",
    "int_type": "not a whole number (no quotes, no words)",
    "int_from_float": "not a whole number",
    "finite_number": "not a finite number",
    "string_type": "not a text",
    "string_unicode": "not a readable text",
    "bool_type": "neither true nor false",
    "list_type": "not a list",
    "dict_type": "not a mapping",
    "model_type": "not a mapping",
}


def validate(model: type[Model], mapping: dict[str, Yaml], shown: str) -> Model:
    """Return the mapping as `model`; ConfigError names the first thing wrong and counts the rest."""
    try:
        return model.model_validate(mapping)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # An unknown key is most often a misspelt required one: it says more than "missing".
        first = next((d for d in details if d["type"] == "extra_forbidden"), details[0])
        rest = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
        key = ".".join(shown_key(part) for part in first["loc"]) or "the file"
        raise ConfigError(f"{shown}: {key}: {_problem(model, first)}{rest}") from None


def _problem(model: type[BaseModel], details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    holder, field = _find(model, details["loc"])
    advice = f"; write it, e.g. {field.examples[0]}" if field and field.examples else ""
    if kind == "missing":
        return f"missing{advice}"
    if kind == "extra_forbidden":
        return _unknown_key(holder, str(details["loc"][-1]))
    value = shown_value(details.get("input"))
    if kind == "value_error":
        reason = one_line(context["error"])
        return (
            reason if isinstance(details.get("input"), dict | list | None) else f"{value}: {reason}"
        )
    if kind in _BOUNDS:
        name, phrase = _BOUNDS[kind]
        return f"{value}: {phrase} {context[name]}{advice}"
    if kind == "literal_error":
        return f"{value}: must be {one_line(context['expected'].replace(chr(39), ''))}"
    return f"{value}: {_KINDS.get(kind) or one_line(details['msg'])}{advice}"


def _unknown_key(holder: type[BaseModel] | None, key: str) -> str:
    known = list(holder.model_fields) if holder else []
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f"unknown key; did you mean {close[0]}?"
    hint = f" (known here: {', '.join(known)})" if known and len(known) < _MANY else ""
    return f"unknown key; remove it{hint}"


def _find(
    model: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """Return the model that holds the last key of a location, and the innermost field."""
    holder: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for depth, part in enumerate(location):
        if holder is None or not isinstance(part, str) or part not in holder.model_fields:
            return holder, None if holder is not None else field
        field = holder.model_fields[part]
        if depth < len(location) - 1:
            holder = _model_in(field.annotation)
    return holder, field


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, also where it may be left out."""
    for nested in (annotation, *get_args(annotation)):
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            return nested
    return None
