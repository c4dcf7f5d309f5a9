"""Alpaca's OpenAPI document and recordings as the tests need them; absent, tests skip and say so.

Formats that jsonschema knows without further packages are checked (`uuid`, `date`); `date-time` is not:
the document asks for it in the calendar, where Alpaca takes plain dates, as recorded.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from tests.fakes.alpaca_routes import Seen

FOLDER = Path(__file__).parents[3] / "shared" / "contracts" / "alpaca"


def require_documents() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"NOT TESTED AGAINST ALPACA'S DOCUMENTS: {FOLDER} is not here")


TRADING, MARKET_DATA = "trading-api", "market-data-api"


@lru_cache(maxsize=2)
def document(name: str = TRADING) -> dict[str, Any]:
    require_documents()
    text = (FOLDER / "openapi" / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = _nullable(json.loads(text))
    return loaded


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in JSON Schema's words."""
    if isinstance(node, list):
        return [_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    # the document's `oneOf` of activities fits both its branches: nothing in them is required
    names = {"oneOf": "anyOf"}
    made = {names.get(key, key): _nullable(value) for key, value in node.items()}
    if made.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


def faults_of(value: Any, schema: dict[str, Any], name: str = TRADING) -> list[str]:
    """Return what a schema of a document finds wrong with a value."""
    whole = {**schema, "components": document(name)["components"]}
    validator = Draft4Validator(whole, format_checker=FormatChecker())
    return [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(value)]


def operation_of(seen: Seen, name: str = TRADING) -> dict[str, Any]:
    """Return the operation of a request; an AssertionError when the document has none."""
    paths = document(name)["paths"]
    for template, methods in paths.items():
        if _fits(template, seen.path) and seen.method.lower() in methods:
            operation: dict[str, Any] = methods[seen.method.lower()]
            return operation
    raise AssertionError(f"the document has no {seen.method} {seen.path}")


def _fits(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        want == have or (want.startswith("{") and have)
        for want, have in zip(wanted, given, strict=True)
    )


def request_faults(seen: Seen, document_name: str = TRADING) -> list[str]:
    """Return what a document finds wrong with a request: path, query, body."""
    operation = operation_of(seen, document_name)
    parameters = [_resolved(each, document_name) for each in operation.get("parameters", [])]
    allowed = {each["name"]: each for each in parameters if each["in"] == "query"}
    wrong = [f"unknown parameter {name}" for name in seen.query if name not in allowed]
    for name, parameter in allowed.items():
        if name in seen.query:
            value = _typed(seen.query[name], parameter["schema"])
            wrong += [
                f"{name}: {each}" for each in faults_of(value, parameter["schema"], document_name)
            ]
        elif parameter.get("required"):
            wrong.append(f"{name} is missing")
    wanted = operation.get("requestBody")
    if (wanted is None) is not (seen.body is None):
        return [*wrong, "a body where none belongs, or none where one does"]
    if wanted is not None:
        schema = wanted["content"]["application/json"]["schema"]
        fields = _body_fields(schema, document_name)
        wrong += [f"unknown field {name}" for name in seen.body if name not in fields]
        wrong += faults_of(seen.body, schema, document_name)
    return wrong


def _body_fields(schema: dict[str, Any], document_name: str) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    whole = document(document_name)["components"]["schemas"][name] if name else schema
    fields: dict[str, Any] = whole["properties"]
    return fields


def _resolved(parameter: dict[str, Any], document_name: str) -> dict[str, Any]:
    name = parameter.get("$ref", "").removeprefix("#/components/parameters/")
    found: dict[str, Any] = (
        document(document_name)["components"]["parameters"][name] if name else parameter
    )
    return found


def _typed(text: str, schema: dict[str, Any]) -> Any:
    if schema.get("type") == "boolean" and text in {"true", "false"}:
        return text == "true"
    if schema.get("type") == "integer" and text.isdigit():
        return int(text)
    return text


def answer_faults(seen: Seen, answer: Any, document_name: str = TRADING) -> list[str]:
    """Return what a document finds wrong with an answer of status 200."""
    operation = operation_of(seen, document_name)
    content = operation["responses"]["200"]["content"]["application/json"]
    return faults_of(answer, content["schema"], document_name)


def recordings(start: str) -> list[Any]:
    """Return the recorded bodies whose file name begins with `start`."""
    require_documents()
    files = sorted((FOLDER / "recorded").glob(f"{start}*.json"))
    assert files, f"no recording {start}"
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def reported_errors() -> list[dict[str, Any]]:
    require_documents()
    text = (FOLDER / "reported-errors.json").read_text(encoding="utf-8")
    errors: list[dict[str, Any]] = json.loads(text)["errors"]
    return errors
