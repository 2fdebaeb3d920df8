"""Generates the OpenAPI document from the app's routes and the types of its messages.

The rules are not written a second time: fields come from the msgspec types, routes, summaries
and security from Chalice. Which message and which status belongs to which route is in
openapi_operations.py.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from chalice import Chalice

from chalicelib.messages import Limit, ListQuery, ShopResponse
from chalicelib.orders import Key, OrderDate, Price, Quantity
from chalicelib.shops import Currency
from deploy.project import PROJECT
from tools.openapi_operations import (
    ERROR,
    EXAMPLE,
    EXAMPLES,
    GATEWAY_ERROR,
    HEADERS,
    ID_TOKEN,
    LINKS,
    OPERATIONS,
    Operation,
)

_REFERENCE = "#/components/schemas/{name}"


def write() -> Path:
    """Write the document to where the service reads it; return where that is."""
    from app import app  # noqa: PLC0415 - it reads its stage's settings as it loads

    path = PROJECT / "chalicelib" / "openapi.json"
    path.write_text(json.dumps(document(app), indent=1, ensure_ascii=False) + "\n")
    return path


def document(app: Chalice) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the app. Raises KeyError for a route unknown here."""
    queries = {each.query.__name__: each.query for each in OPERATIONS.values() if each.query}
    _, schemas = msgspec.json.schema_components(
        [*EXAMPLES, *queries.values()],
        schema_hook=_schema_of_our_own_types,
        ref_template=_REFERENCE,
    )
    schemas["UpdateShopRequest"]["minProperties"] = 1
    paths: dict[str, Any] = {}
    for path, methods in app.routes.items():
        for method, route in methods.items():
            operation = OPERATIONS[route.view_name]
            paths.setdefault(path, {})[method.lower()] = _describe(route, operation, schemas)
    for name in queries:  # they are written as parameters
        del schemas[name]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Coffee orders",
            "version": "1",
            "description": "Order a coffee from the train, pick it up on the way past the shop.",
        },
        # Where this document is: only the gateway knows the prefix of the stage.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Error": ERROR, "GatewayError": GATEWAY_ERROR},
            "securitySchemes": {"IdToken": ID_TOKEN},
        },
    }


def _describe(route: Any, operation: Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.view_name,
        "summary": route.view_function.__doc__.rstrip("."),
        "responses": {
            **{
                str(status): _answer(status, kind, operation.headers.get(status, {}))
                for status, kind in operation.answers.items()
            },
            **{str(status): _refusal(status) for status in sorted(operation.errors)},
        },
    }
    if operation.query is not None:
        described["parameters"] = _parameters(schemas[operation.query.__name__]) + [
            {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
            for name, text in operation.request_headers.items()
        ]
    if operation.path:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": schema}
            for name, schema in operation.path.items()
        ]
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    if route.authorizer is not None:
        described["security"] = [{"IdToken": []}]
    return described


def _parameters(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write the fields of a type that comes as a query."""
    required = schema.get("required", [])
    parameters = []
    for name, field in schema["properties"].items():
        # A field of a query is never null.
        options = [each for each in field.get("anyOf", [field]) if each != {"type": "null"}]
        described = {"name": name, "in": "query", "required": name in required}
        if required == [*Key.__struct_fields__]:
            described["example"] = EXAMPLE["order"][name]
        elif required:
            described["example"] = EXAMPLES[ShopResponse]["shop"][name]
        parameters.append({**described, "schema": options[0]})
    return parameters


def _answer(
    status: int, kind: type | tuple[str, ...], headers: Mapping[str, str]
) -> dict[str, Any]:
    if isinstance(kind, tuple):
        content: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in kind}
        return _response(status, headers, content)
    if kind is dict:
        return _response(status, headers, {"application/json": {"schema": {"type": "object"}}})
    return _response(status, headers, _content(kind), LINKS.get((kind, status)))


def _refusal(status: int) -> dict[str, Any]:
    error = {"$ref": _REFERENCE.format(name="Error")}
    gateway = {"$ref": _REFERENCE.format(name="GatewayError")}
    # The gateway rejects bad tokens, and requests above its own limits.
    schema = {"anyOf": [error, gateway]} if status in {401, 429} else error
    content = {"application/json": {"schema": schema}}
    return _response(status, HEADERS.get(status, {}), content)


def _response(
    status: int, headers: Mapping[str, str], content: Mapping[str, Any], links: Any = None
) -> dict[str, Any]:
    parts = {
        # Its name in RFC 9110. Older versions of Python have an older one.
        "description": "Content Too Large" if status == 413 else HTTPStatus(status).phrase,  # noqa: PLR2004
        "headers": {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        },
        "links": links,
        "content": content,
    }
    return {name: part for name, part in parts.items() if part}


def _content(kind: type) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=kind.__name__)}
    return {"application/json": {"schema": schema, "example": EXAMPLES[kind]}}


def _schema_of_our_own_types(kind: type) -> dict[str, Any]:
    """Return the JSON schema of a type that msgspec does not know, from its own rule."""
    description = (kind.__doc__ or "").partition("\n")[0]
    if kind is Limit:
        limits = {"minimum": 1, "maximum": 100, "default": ListQuery().limit.real}
        return {"type": "integer", **limits, "description": description}
    if kind is Currency:
        return {"type": "string", "enum": Currency.codes.split(), "description": description}
    rules: dict[type, Any] = {Price: Price.rule, Quantity: Quantity.rule, OrderDate: OrderDate.rule}
    text = {"type": "string", "pattern": f"^({rules[kind].pattern})$"}
    numbers: dict[type, Any] = {
        # No multipleOf for the four decimals: validators compute it in binary floats.
        Price: {"type": "number", "minimum": 0, "maximum": 100_000},
        Quantity: {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    if kind in numbers:
        return {"description": description, "anyOf": [text, numbers[kind]]}
    return {"description": description, **text}
