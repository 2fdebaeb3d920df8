"""The OpenAPI document: it is valid, up to date and complete.

Every other test in this folder checks its responses against it.
"""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct, structs
from openapi_spec_validator import validate

from chalicelib.messages import ListQuery, ShopQuery
from chalicelib.orders import Key
from tests.api.conftest import Api, Send
from tests.api.responses import OPENAPI, resolved
from tests.samples import order
from tools import openapi

_PLACE_ORDER = Draft202012Validator(
    {**OPENAPI["components"]["schemas"]["PlaceOrderRequest"], "components": OPENAPI["components"]}
)
_OPERATIONS = {
    (path, method, operation["operationId"]): operation
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
}


def example(path: str, method: str) -> Any:
    body = resolved(OPENAPI["paths"][path][method]["requestBody"])
    return body["content"]["application/json"]["example"]


def test_document_is_valid_and_up_to_date() -> None:
    assert OPENAPI["openapi"].startswith("3.1")
    validate(OPENAPI)
    assert openapi.document() == OPENAPI, "run `make openapi`"
    assert "placed_by" not in json.dumps(OPENAPI)


@pytest.mark.usefixtures("client")
def test_routes_and_authorizers_are_documented() -> None:
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    routes = {
        (path, method.lower(), route.view_name): route.authorizer is not None
        for path, methods in app.routes.items()
        for method, route in methods.items()
    }
    assert _OPERATIONS.keys() == routes.keys()
    for route, operation in _OPERATIONS.items():
        assert operation["security"] == ([{"IdToken": []}] if routes[route] else [])
        assert ("401" in operation["responses"]) == routes[route]


@pytest.mark.parametrize(
    ("path", "query"), [("/order", Key), ("/orders", ListQuery), ("/shop", ShopQuery)]
)
def test_query_parameters_are_those_of_the_service(path: str, query: type[Struct]) -> None:
    fields = {field.encode_name: field.required for field in structs.fields(query)}
    for operation in OPENAPI["paths"][path].values():
        parameters = map(resolved, operation.get("parameters", []))
        in_query = {each["name"]: each["required"] for each in parameters if each["in"] == "query"}
        assert in_query in (fields, {})


def test_document_names_the_address_of_the_request(send: Send) -> None:
    response = send("GET", "/openapi.json", headers={"Host": "coffee.example"})
    assert response.json_body == {**OPENAPI, "servers": response.json_body["servers"]}
    assert response.json_body["servers"][0]["url"] == "http://coffee.example"
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_examples_are_accepted(api: Api) -> None:
    response = api.send("POST", "/order", api.customer, body=example("/order", "post"))
    assert response.status_code in {200, 201}
    assert api.publish(example("/shop", "put")["shop"]).status_code == 201
    assert api.change_shop(**example("/shop", "patch")).status_code == 200


_VALID: dict[str, list[Any]] = {
    "unitprice": [0, 0.1, 0.3, 4.35, 19.99, 100_000_000, "4.50", "0.0001"],
    "quantity": [1, 2.0, 1000, "7"],
}
_INVALID: dict[str, list[Any]] = {
    "unitprice": [-1, 100_000_001, "-1", "1e2", "", None, True],
    "quantity": [0, 1001, 1.5, "0", "01", "", None, True],
    "coffeetype": ["", " a", "a ", "a\nb", "x" * 65, 1, None],
    "milk": ["oat"],
}


@pytest.mark.parametrize(("values", "is_valid"), [(_VALID, True), (_INVALID, False)])
def test_schema_allows_what_the_service_accepts(
    api: Api, values: dict[str, list[Any]], is_valid: bool
) -> None:
    for details in ({field: each} for field, allowed in values.items() for each in allowed):
        assert _PLACE_ORDER.is_valid({"order": order(**details)}) == is_valid, details
        assert (api.place("", **details).status_code < 300) == is_valid, details
