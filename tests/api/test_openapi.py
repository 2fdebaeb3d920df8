"""The OpenAPI document: it is valid, up to date and complete.

Every other test in this folder checks its responses against it.
"""

import json
from typing import Any

import pytest
from chalice import Chalice
from jsonschema import Draft202012Validator
from msgspec import Struct, structs
from openapi_spec_validator import validate

from chalicelib.messages import ListQuery, ShopQuery
from chalicelib.orders import Key
from tests.api.conftest import OPENAPI, Api, Send, resolved
from tests.fixtures import Cloud
from tests.samples import order
from tools import openapi

_PLACE_ORDER = Draft202012Validator(
    {**OPENAPI["components"]["schemas"]["PlaceOrderRequest"], "components": OPENAPI["components"]}
)


@pytest.fixture(name="app")
def chalice_app(cloud: Cloud) -> Chalice:  # noqa: ARG001 - it sets the environment
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    return app


def example(path: str, method: str) -> Any:
    body = resolved(OPENAPI["paths"][path][method]["requestBody"])
    return body["content"]["application/json"]["example"]


def test_document_is_valid() -> None:
    assert OPENAPI["openapi"].startswith("3.1")
    validate(OPENAPI)


def test_document_is_up_to_date() -> None:
    assert openapi.document() == OPENAPI, "run `make openapi`"


def test_routes_and_authorizers_are_documented(app: Chalice) -> None:
    routes = {
        (path, method.lower(), route.view_name): route.authorizer is not None
        for path, methods in app.routes.items()
        for method, route in methods.items()
    }
    operations = {
        (path, method, operation["operationId"]): operation
        for path, methods in OPENAPI["paths"].items()
        for method, operation in methods.items()
    }
    assert operations.keys() == routes.keys()
    for route, operation in operations.items():
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
    body = example("/order", "post")
    assert body == {"order": order()}
    response = api.send("POST", "/order", api.customer, body=body)
    assert response.status_code in {200, 201}
    for method, status in (("put", 201), ("patch", 200)):
        body = example("/shop", method)
        response = api.send(method.upper(), "/shop", api.barista, body=body, vendorid=api.vendorid)
        assert response.status_code == status


def test_schemas_match_the_service() -> None:
    assert OPENAPI["components"]["schemas"]["RequestedOrder"]["additionalProperties"] is False
    assert json.dumps(OPENAPI).count("placed_by") == 0


def test_document_suits_generators() -> None:
    """No null, no lookaround in a pattern, no text with indentation, no unnamed enumeration."""
    text = json.dumps(OPENAPI)
    for unsuitable in ("null", "(?", "  ", "anyOf"):
        assert unsuitable not in text
    assert text.count('"enum"') == len({"Status", "Outcome", "FileName"})


def test_every_parameter_and_body_has_an_example() -> None:
    operations = [each for path in OPENAPI["paths"].values() for each in path.values()]
    parameters = [each for operation in operations for each in operation.get("parameters", [])]
    bodies = OPENAPI["components"]["requestBodies"].values()
    parts = [body["content"]["application/json"] for body in bodies]
    for part in (*map(resolved, parameters), *parts):
        assert "example" in part, part


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


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        *[(field, value, 201) for field, values in _VALID.items() for value in values],
        *[(field, value, 400) for field, values in _INVALID.items() for value in values],
    ],
)
def test_schema_allows_what_the_service_accepts(
    api: Api, field: str, value: Any, status: int
) -> None:
    body = {"order": order(**api.key, **{field: value})}
    assert _PLACE_ORDER.is_valid(body) == (status == 201)
    assert api.place(**{field: value}).status_code == status
