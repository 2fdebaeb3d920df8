"""The OpenAPI document: valid, fresh, complete, and served as it is.

That it tells the truth is shown by every other test here: each answer is held against it.
"""

import json
from typing import Any

import pytest
from chalice.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from chalicelib.orders import Price, Quantity
from tests.api.conftest import OPENAPI, Send
from tests.fixtures import Customer
from tests.samples import order
from tools import openapi


def test_it_is_valid() -> None:
    assert OPENAPI["openapi"].startswith("3.1")
    validate(OPENAPI)


def test_document_is_up_to_date(client: Client) -> None:
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    assert client
    assert openapi.document(app) == OPENAPI, "run `make openapi`"


def test_document_has_exactly_the_routes_of_the_app(client: Client) -> None:
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    assert client
    routes = {(path, method.lower()) for path in app.routes for method in app.routes[path]}
    documented = {
        (path, method) for path, methods in OPENAPI["paths"].items() for method in methods
    }
    assert documented == routes


def test_security_matches_the_authorizers(client: Client) -> None:
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    assert client
    for path, methods in app.routes.items():
        for method, route in methods.items():
            documented = OPENAPI["paths"][path][method.lower()]
            assert ("security" in documented) == (route.authorizer is not None)
            assert ("401" in documented["responses"]) == (route.authorizer is not None)


def test_document_is_public(send: Send) -> None:
    answer = send("GET", "/openapi.json")
    assert answer.status_code == 200
    assert answer.json_body == OPENAPI
    assert answer.headers["Content-Type"] == "application/json"
    assert "max-age" in answer.headers["Cache-Control"]


def test_document_is_rendered_once(send: Send, dynamodb_requests: list[str]) -> None:
    from chalicelib import page  # noqa: PLC0415 - after the environment is set

    assert send("GET", "/openapi.json").status_code == 200
    assert page.openapi() is page.openapi()
    assert dynamodb_requests == []


def test_example_is_accepted(send: Send, signed_in_customer: Customer) -> None:
    content = OPENAPI["paths"]["/order"]["post"]["requestBody"]["content"]
    example = content["application/json"]["example"]
    assert example == {"order": order()}
    answer = send("POST", "/order", signed_in_customer, body=example)
    assert answer.status_code in {200, 201}


def test_schemas_match_the_service() -> None:
    details = OPENAPI["components"]["schemas"]["RequestedDetails"]["properties"]
    assert details["unitprice"]["anyOf"][0]["pattern"] == f"^({Price.rule.pattern})$"
    assert details["quantity"]["anyOf"][0]["pattern"] == f"^({Quantity.rule.pattern})$"
    assert OPENAPI["components"]["schemas"]["RequestedOrder"]["additionalProperties"] is False
    assert json.dumps(OPENAPI).count("placed_by") == 0


@pytest.mark.parametrize("price", [0, 0.1, 0.3, 4.35, 19.99, 100_000, "4.50", "0.0001"])
@pytest.mark.parametrize("quantity", [1, 2.0, 1000, "7"])
def test_what_it_allows_is_accepted(
    send: Send, signed_in_customer: Customer, price: Any, quantity: Any
) -> None:
    body = {"order": order("documented", unitprice=price, quantity=quantity)}
    schema = {
        **OPENAPI["components"]["schemas"]["PlaceOrderRequest"],
        "components": OPENAPI["components"],
    }
    Draft202012Validator(schema).validate(body)
    assert send("POST", "/order", signed_in_customer, body=body).status_code in {200, 201}


@pytest.mark.parametrize(
    "bent",
    [
        *[{"unitprice": bad} for bad in (-1, 100_001, "-1", "1e2", "", None, True)],
        *[{"quantity": bad} for bad in (0, 1001, 1.5, "0", "01", "", None, True)],
        *[{"coffeetype": bad} for bad in ("", " a", "a\n", "x" * 65, 1, None)],
        {"milk": "oat"},
    ],
)
def test_what_it_forbids_is_refused(
    send: Send, signed_in_customer: Customer, bent: dict[str, Any]
) -> None:
    body = {"order": order("documented", **bent)}
    schema = {
        **OPENAPI["components"]["schemas"]["PlaceOrderRequest"],
        "components": OPENAPI["components"],
    }
    assert not Draft202012Validator(schema).is_valid(body)
    assert send("POST", "/order", signed_in_customer, body=body).status_code == 400
