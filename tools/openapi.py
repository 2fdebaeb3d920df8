"""Generates the OpenAPI document.

Fields come from the msgspec types; routes, summaries and security from Chalice. The messages and
statuses of each route are in openapi_operations.py.
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
from tools.project import PROJECT

_REFERENCE = "#/components/schemas/{name}"


def write() -> Path:
    """Write the document to the service's file; return its path."""
    from app import app  # noqa: PLC0415 - it reads the environment

    path = PROJECT / "chalicelib" / "openapi.json"
    path.write_text(json.dumps(document(app), indent=1, ensure_ascii=False) + "\n")
    return path


def document(app: Chalice) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document. Raises KeyError for a route without an operation."""
    queries = {op.query.__name__: op.query for op in OPERATIONS.values() if op.query}
    _, schemas = msgspec.json.schema_components(
        [*EXAMPLES, *queries.values()],
        schema_hook=_custom_type_schema,
        ref_template=_REFERENCE,
    )
    schemas["UpdateShopRequest"]["minProperties"] = 1
    paths: dict[str, Any] = {}
    for path, methods in app.routes.items():
        for method, route in methods.items():
            operation = OPERATIONS[route.view_name]
            paths.setdefault(path, {})[method.lower()] = _operation(route, operation, schemas)
    for name in queries:  # they become parameters
        del schemas[name]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Coffee orders",
            "version": "1",
            "description": "Order a coffee from the train, pick it up on the way past the shop.",
        },
        # Relative to this document: only the gateway knows the stage's prefix.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Error": ERROR, "GatewayError": GATEWAY_ERROR},
            "securitySchemes": {"IdToken": ID_TOKEN},
        },
    }


def _operation(route: Any, operation: Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": route.view_name,
        "summary": route.view_function.__doc__.rstrip("."),
        "responses": {
            **{
                str(status): _success_response(status, type_, operation.headers.get(status, {}))
                for status, type_ in operation.responses.items()
            },
            **{str(status): _error_response(status) for status in sorted(operation.errors)},
        },
    }
    if operation.query is not None:
        description["parameters"] = _parameters(schemas[operation.query.__name__])
    if operation.request_headers:
        description.setdefault("parameters", []).extend(
            {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
            for name, text in operation.request_headers.items()
        )
    if operation.path:
        description["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": schema}
            for name, schema in operation.path.items()
        ]
    if operation.body is not None:
        description["requestBody"] = {"required": True, "content": _content(operation.body)}
    if route.authorizer is not None:
        description["security"] = [{"IdToken": []}]
    return description


def _parameters(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    parameters = []
    for name, field in schema["properties"].items():
        # Query parameters are never null.
        options = [item for item in field.get("anyOf", [field]) if item != {"type": "null"}]
        description = {"name": name, "in": "query", "required": name in required}
        if required == [*Key.__struct_fields__]:
            description["example"] = EXAMPLE["order"][name]
        elif required:
            description["example"] = EXAMPLES[ShopResponse]["shop"][name]
        parameters.append({**description, "schema": options[0]})
    return parameters


def _success_response(
    status: int, type_: type | tuple[str, ...], headers: Mapping[str, str]
) -> dict[str, Any]:
    if isinstance(type_, tuple):
        content: dict[str, Any] = {media: {"schema": {"type": "string"}} for media in type_}
        return _response(status, headers, content)
    if type_ is dict:
        return _response(status, headers, {"application/json": {"schema": {"type": "object"}}})
    return _response(status, headers, _content(type_), LINKS.get((type_, status)))


def _error_response(status: int) -> dict[str, Any]:
    error = {"$ref": _REFERENCE.format(name="Error")}
    gateway = {"$ref": _REFERENCE.format(name="GatewayError")}
    # The gateway rejects invalid tokens, and requests above its limits.
    schema = {"anyOf": [error, gateway]} if status in {401, 429} else error
    content = {"application/json": {"schema": schema}}
    return _response(status, HEADERS.get(status, {}), content)


def _response(
    status: int, headers: Mapping[str, str], content: Mapping[str, Any], links: Any = None
) -> dict[str, Any]:
    parts = {
        # The name in RFC 9110. Python 3.12 and older have another one.
        "description": "Content Too Large" if status == 413 else HTTPStatus(status).phrase,  # noqa: PLR2004
        "headers": {
            name: {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        },
        "links": links,
        "content": content,
    }
    return {name: part for name, part in parts.items() if part}


def _content(type_: type) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=type_.__name__)}
    return {"application/json": {"schema": schema, "example": EXAMPLES[type_]}}


def _custom_type_schema(type_: type) -> dict[str, Any]:
    """Return the JSON schema of a custom type from its rule."""
    description = (type_.__doc__ or "").partition("\n")[0]
    if type_ is Limit:
        limits = {"minimum": 1, "maximum": 100, "default": ListQuery().limit.real}
        return {"type": "integer", **limits, "description": description}
    if type_ is Currency:
        return {"type": "string", "enum": Currency.codes.split(), "description": description}
    rules: dict[type, Any] = {Price: Price.rule, Quantity: Quantity.rule, OrderDate: OrderDate.rule}
    text = {"type": "string", "pattern": f"^({rules[type_].pattern})$"}
    numbers: dict[type, Any] = {
        # Without multipleOf for the four decimals: validators compute it in binary floats.
        Price: {"type": "number", "minimum": 0, "maximum": 100_000},
        Quantity: {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    if type_ in numbers:
        return {"description": description, "anyOf": [text, numbers[type_]]}
    return {"description": description, **text}
