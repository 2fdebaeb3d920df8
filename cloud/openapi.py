"""The OpenAPI document, made from the app's routes and the types of its messages.

The rules are not written a second time: fields come from the msgspec types, routes, summaries
and security from Chalice. Only which message and which status belongs to which route stands
here, and the tests compare that with every answer they get.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from chalice import Chalice

from chalicelib import page
from chalicelib.messages import Found, Limit, Listing, Page, Placing, Step
from chalicelib.orders import Key, OrderDate, Price, Quantity
from cloud.outputs import PROJECT

_REFERENCE = "#/components/schemas/{name}"


class _Operation(NamedTuple):
    """What a route takes and answers: a type for JSON, or the media types of a file."""

    answers: Mapping[int, type | tuple[str, ...]]
    errors: tuple[int, ...]
    query: type | None = None
    body: type | None = None
    path: Mapping[str, Mapping[str, Any]] = {}


_ALWAYS = (400, 415, 429, 503)
_OPERATIONS = {
    "post_order": _Operation(
        {201: Found, 200: Found}, (*_ALWAYS, 401, 403, 409, 413), body=Placing
    ),
    "get_order": _Operation({200: Found}, (*_ALWAYS, 404), query=Key),
    "delete_order": _Operation({200: Found}, (*_ALWAYS, 401, 403, 404, 409), query=Key),
    "patch_order": _Operation(
        {200: Found}, (*_ALWAYS, 401, 403, 404, 409, 413), query=Key, body=Step
    ),
    "list_orders": _Operation({200: Page}, (*_ALWAYS, 401, 403), query=Listing),
    "get_openapi": _Operation({200: dict}, (415,)),
    "get_page": _Operation({200: ("text/html",), 304: ()}, (415,)),
    "get_static": _Operation(
        {200: ("image/svg+xml", "text/css", "text/javascript"), 304: ()},
        (404, 415),
        path={"version": {"type": "string"}, "name": {"enum": page.names()}},
    ),
}
_ETAG = {"ETag": "What to send in `If-None-Match`, to be answered 304 while nothing has changed."}
_HEADERS = {
    304: _ETAG,
    201: {"Location": "Where the order is, relative to the request's URL."},
    429: {"Retry-After": "In how many seconds to try again."},
    503: {"Retry-After": "In how many seconds to try again."},
}
# An answer with a new order leads to what can be done with it.
_LINKS = {
    201: {
        operation: {
            "operationId": operation,
            "parameters": {name: f"$response.body#/order/{name}" for name in Key.__struct_fields__},
        }
        for operation in ("get_order", "delete_order", "patch_order")
    }
}
# The notebook's own first order.
_EXAMPLE = {
    "order": {
        "accountid": "a0",
        "vendorid": "v0",
        "orderdate": "2026-03-01 08:30:00.123456",
        "details": {
            "coffeetype": "Short Black",
            "coffeesize": "Small",
            "unitprice": "4.5",
            "quantity": "1",
        },
    }
}
_EXAMPLES: dict[type, Any] = {
    Placing: _EXAMPLE,
    Found: {"order": {**_EXAMPLE["order"], "status": "placed"}},
    Page: {"orders": [{**_EXAMPLE["order"], "status": "placed"}]},
    Step: {"status": "preparing"},
}


def write() -> Path:
    """Write the document to where the service reads it; return where that is."""
    from app import app  # noqa: PLC0415 - it reads its stage's settings as it loads

    path = PROJECT / "chalicelib" / "openapi.json"
    path.write_text(json.dumps(document(app), indent=1, ensure_ascii=False) + "\n")
    return path


def document(app: Chalice) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the app. Raises KeyError for a route unknown here."""
    _, schemas = msgspec.json.schema_components(
        [Placing, Step, Found, Page, Key, Listing],
        schema_hook=_schema_of_our_own_types,
        ref_template=_REFERENCE,
    )
    schemas["PlacedOrder"]["required"].append("orderdate")  # left out, the server wrote its own
    paths: dict[str, Any] = {}
    for path, methods in app.routes.items():
        for method, route in methods.items():
            operation = _OPERATIONS[route.view_name]
            paths.setdefault(path, {})[method.lower()] = _describe(route, operation, schemas)
    for query in (Key, Listing):  # they are written out as parameters
        del schemas[query.__name__]
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
            "schemas": {**schemas, "Error": _ERROR, "GatewayError": _GATEWAY_ERROR},
            "securitySchemes": {"IdToken": _ID_TOKEN},
        },
    }


def _describe(route: Any, operation: _Operation, schemas: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.view_name,
        "summary": route.view_function.__doc__.rstrip("."),
        "responses": {
            **{str(status): _answer(status, kind) for status, kind in operation.answers.items()},
            **{str(status): _refusal(status) for status in sorted(operation.errors)},
        },
    }
    if operation.query is not None:
        described["parameters"] = _parameters(schemas[operation.query.__name__])
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
        # In a query a field is there or not; it is never null.
        options = [each for each in field.get("anyOf", [field]) if each != {"type": "null"}]
        described = {"name": name, "in": "query", "required": name in required}
        if name in Key.__struct_fields__:
            described["example"] = _EXAMPLE["order"][name]
        parameters.append({**described, "schema": options[0]})
    return parameters


def _answer(status: int, kind: type | tuple[str, ...]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _phrase(status), **_headers(status)}
    if isinstance(kind, tuple):
        if kind:
            described["headers"] = _described(_ETAG)
            described["content"] = {media: {"schema": {"type": "string"}} for media in kind}
        return described
    if links := _LINKS.get(status):
        described["links"] = links
    described["content"] = (
        {"application/json": {"schema": {"type": "object"}}} if kind is dict else _content(kind)
    )
    return described


def _refusal(status: int) -> dict[str, Any]:
    error = {"$ref": _REFERENCE.format(name="Error")}
    gateway = {"$ref": _REFERENCE.format(name="GatewayError")}
    # Who has no good token is turned away by the gateway; so is who asks too often.
    schema = {"anyOf": [error, gateway]} if status in {401, 429} else error
    return {
        "description": _phrase(status),
        **_headers(status),
        "content": {"application/json": {"schema": schema}},
    }


def _phrase(status: int) -> str:
    """Return the name of a status in RFC 9110; older Pythons have an older one for 413."""
    return "Content Too Large" if status == 413 else HTTPStatus(status).phrase  # noqa: PLR2004


def _headers(status: int) -> dict[str, Any]:
    return {"headers": _described(_HEADERS[status])} if status in _HEADERS else {}


def _described(headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
    }


def _content(kind: type) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=kind.__name__)}
    return {"application/json": {"schema": schema, "example": _EXAMPLES[kind]}}


def _schema_of_our_own_types(kind: type) -> dict[str, Any]:
    """Return the JSON schema of a type that msgspec does not know, from its own rule."""
    description = (kind.__doc__ or "").partition("\n")[0]
    if kind is Limit:
        limits = {"minimum": 1, "maximum": 100, "default": Listing().limit.real}
        return {"type": "integer", **limits, "description": description}
    rules: dict[type, Any] = {Price: Price.rule, Quantity: Quantity.rule, OrderDate: OrderDate.rule}
    text = {"type": "string", "pattern": f"^({rules[kind].pattern})$"}
    numbers: dict[type, Any] = {
        # No multipleOf for the four decimals: validators reckon it in binary floats.
        Price: {"type": "number", "minimum": 0, "maximum": 100_000},
        Quantity: {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    if kind in numbers:
        return {"description": description, "anyOf": [text, numbers[kind]]}
    return {"description": description, **text}


_ERROR = {
    "type": "object",
    "description": "A refusal of the service's own.",
    "properties": {
        "Code": {"type": "string"},
        "Message": {"type": "string", "description": "Names the field, or says what to do."},
    },
    "required": ["Code", "Message"],
    "additionalProperties": False,
    "example": {
        "Code": "BadRequestError",
        "Message": "order.details.quantity: must be a whole number from 1 to 1000",
    },
}
_GATEWAY_ERROR = {
    "type": "object",
    "description": "A refusal of the gateway's, before the service is asked.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
    "example": {"message": "Unauthorized"},
}
_ID_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The IdToken of a login with Cognito; the word `Bearer` may be left out.",
}
