"""The HTTP contract, row by row."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import pytest
from chalice.test import Client

from tests.api.conftest import GetOrder, PostOrder
from tests.fixtures import Cloud, Customer
from tests.samples import order, placed, with_field


def test_new_order_is_returned_as_sent(post_order: PostOrder, accountid: str) -> None:
    answer = post_order(order(accountid))
    assert answer.status_code == 201
    assert answer.json_body == {"order": placed(accountid)}


def test_anybody_can_get_an_order(
    post_order: PostOrder, get_order: GetOrder, accountid: str
) -> None:
    post_order(order(accountid))
    answer = get_order(f"accountid={accountid}&vendorid=v0")
    assert answer.status_code == 200
    assert answer.json_body == {"order": placed(accountid)}


@pytest.mark.parametrize("vendorid", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "v?#;"])
def test_location_resolves_to_the_order(
    post_order: PostOrder, get_order: GetOrder, accountid: str, vendorid: str
) -> None:
    location = post_order(order(accountid, vendorid)).headers["Location"]
    assert parse_qs(urlsplit(location).query) == {"accountid": [accountid], "vendorid": [vendorid]}
    for base in ("https://host/order", "https://host/prod/order", "https://host/cafe/v1/order/"):
        assert urljoin(base, location) == f"{base}?{urlsplit(location).query}"
    answer = get_order(urlsplit(location).query)
    assert answer.json_body == {"order": placed(accountid, vendorid)}


@pytest.mark.parametrize("path", ["/order", "/order/"])
def test_location_resolves_from_every_path_of_the_route(
    client: Client, signed_in_customer: Customer, accountid: str, path: str
) -> None:
    headers = {"Authorization": signed_in_customer.id_token, "Content-Type": "application/json"}
    body = json.dumps({"order": order(accountid)}).encode()
    created = client.http.post(path, headers=headers, body=body)
    assert created.status_code == 201
    url = urlsplit(urljoin(f"https://host{path}", created.headers["Location"]))
    found = client.http.get(f"{url.path}?{url.query}")
    assert found.json_body == {"order": placed(accountid)}


def test_outcome_of_a_post_is_told(post_order: PostOrder, accountid: str) -> None:
    def outcome(**details: str) -> tuple[int, str]:
        answer = post_order(order(accountid, **details))
        assert "Order-Outcome" in answer.headers["Access-Control-Expose-Headers"]
        return answer.status_code, answer.headers["Order-Outcome"]

    assert outcome() == (201, "placed")
    assert outcome() == (200, "unchanged")
    assert outcome(quantity="2") == (200, "replaced")


def test_own_order_is_replaced(post_order: PostOrder, get_order: GetOrder, accountid: str) -> None:
    post_order(order(accountid))
    answer = post_order(order(accountid, coffeetype="Long Black"))
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    stored = get_order(f"accountid={accountid}&vendorid=v0").json_body["order"]
    assert stored["details"]["coffeetype"] == "Long Black"


def test_stranger_cannot_replace_an_order(
    post_order: PostOrder, get_order: GetOrder, second_customer: Customer, accountid: str
) -> None:
    post_order(order(accountid))
    answer = post_order(
        order(accountid, coffeetype="Decaf"), authorization=second_customer.id_token
    )
    assert answer.status_code == 403
    assert answer.json_body["Code"] == "ForbiddenError"
    assert get_order(f"accountid={accountid}&vendorid=v0").json_body == {"order": placed(accountid)}


def test_no_answer_shows_who_placed_an_order(
    post_order: PostOrder,
    get_order: GetOrder,
    signed_in_customer: Customer,
    second_customer: Customer,
    accountid: str,
) -> None:
    answers = [
        post_order(order(accountid)),
        post_order(order(accountid)),
        post_order(order(accountid), authorization=second_customer.id_token),
        get_order(f"accountid={accountid}&vendorid=v0"),
    ]
    for answer in answers:
        assert signed_in_customer.sub not in answer.body.decode() + json.dumps(answer.headers)


def test_order_without_owner_cannot_be_replaced(
    cloud: Cloud, post_order: PostOrder, get_order: GetOrder, accountid: str
) -> None:
    details = {name: {"S": value} for name, value in order()["details"].items()}
    keys = {"accountid": {"S": accountid}, "vendorid": {"S": "v0"}}
    item = {**keys, "orderdate": {"S": order()["orderdate"]}, "details": {"M": details}}
    cloud.dynamodb.put_item(TableName="orders", Item=item)
    legacy = {**order(accountid), "status": "placed"}
    assert get_order(f"accountid={accountid}&vendorid=v0").json_body == {"order": legacy}
    assert post_order(order(accountid)).status_code == 403


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "BEARER  "])
def test_token_with_or_without_bearer(
    post_order: PostOrder, signed_in_customer: Customer, accountid: str, scheme: str
) -> None:
    token = scheme + signed_in_customer.id_token
    assert post_order(order(accountid), authorization=token).status_code == 201


@pytest.mark.parametrize(
    ("bent", "field"),
    [
        (with_field("accountid", ""), "order.accountid"),
        (with_field("orderdate", "noon"), "order.orderdate"),
        (with_field("details.unitprice", "-1"), "order.details.unitprice"),
        (with_field("details.quantity", 0), "order.details.quantity"),
        (with_field("milk", "oat"), "order.milk"),
    ],
)
def test_error_names_the_field(post_order: PostOrder, bent: dict[str, Any], field: str) -> None:
    answer = post_order(bent)
    assert answer.status_code == 400
    assert answer.json_body["Code"] == "BadRequestError"
    assert answer.json_body["Message"].startswith(f"{field}: ")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 16_000])
def test_invalid_bodies(post_order: PostOrder, body: bytes) -> None:
    answer = post_order(body=body)
    assert answer.status_code == 400
    assert answer.json_body["Code"] == "BadRequestError"


def test_body_limit_is_16_kib(post_order: PostOrder, accountid: str) -> None:
    body = json.dumps({"order": order(accountid)}).encode()
    assert post_order(body=body.ljust(16 * 1024)).status_code == 201
    assert post_order(body=body.ljust(16 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "content_type",
    [
        *["text/plain", "application/xml", "multipart/form-data", "*/*", "application/*", ""],
        *["text/plain, application/json", "application/json, */*", "text/plain; application/json"],
    ],
)
def test_rejected_content_types(post_order: PostOrder, content_type: str) -> None:
    assert post_order(order(), content_type=content_type).status_code == 415


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", None]
)
def test_accepted_content_types(
    post_order: PostOrder, accountid: str, content_type: str | None
) -> None:
    assert post_order(order(accountid), content_type=content_type).status_code == 201


@pytest.mark.usefixtures("client")
def test_base64_body_is_decoded(signed_in_customer: Customer, accountid: str) -> None:
    """API Gateway hands a body of a binary media type on as base64."""
    from app import app  # noqa: PLC0415

    claims = {"sub": signed_in_customer.sub, "token_use": "id"}
    event = {
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": "/order",
            "authorizer": {"claims": claims},
        },
        "headers": {"content-type": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": base64.b64encode(json.dumps({"order": order(accountid)}).encode()).decode(),
        "isBase64Encoded": True,
    }
    assert app(event, None)["statusCode"] == 201


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "accountid: is missing"),
        ("accountid=a0", "vendorid: is missing"),
        ("vendorid=v0", "accountid: is missing"),
        ("accountid=&vendorid=v0", "accountid: expected str of length >= 1"),
        ("accountid=a0&vendorid=v0&vendorid=v1", "vendorid: is given more than once"),
        ("accountid=a0&vendorid=v0&x=1", "x: is not a known field"),
        ("accountid=" + "a" * 129 + "&vendorid=v0", "accountid: expected str of length <= 128"),
        ("accountid=%00&vendorid=v0", "accountid: must have no control characters"),
    ],
)
def test_invalid_queries(get_order: GetOrder, query: str, message: str) -> None:
    answer = get_order(query)
    assert answer.status_code == 400
    assert answer.json_body["Message"].startswith(message)


def test_missing_order_is_404(get_order: GetOrder) -> None:
    answer = get_order(urlencode({"accountid": "nobody", "vendorid": "nowhere"}))
    assert answer.status_code == 404
    assert answer.json_body["Code"] == "NotFoundError"


def test_ids_of_a_key_are_kept_apart(
    post_order: PostOrder, get_order: GetOrder, accountid: str
) -> None:
    post_order(order(accountid, "b:c"))
    assert get_order(f"accountid={quote(accountid + ':b')}&vendorid=c").status_code == 404


@pytest.mark.parametrize("query", ["accountid=a0&vendorid=v0", "accountid=a0"])
def test_cors_headers_of_get(get_order: GetOrder, query: str) -> None:
    assert get_order(query).headers["Access-Control-Allow-Origin"] == "*"


def test_cors_headers_of_post(post_order: PostOrder, accountid: str) -> None:
    for answer in (post_order(order(accountid)), post_order({}), post_order(content_type="x/y")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Location" in answer.headers["Access-Control-Expose-Headers"]


def test_one_dynamodb_request_each(
    post_order: PostOrder,
    get_order: GetOrder,
    second_customer: Customer,
    accountid: str,
    dynamodb_requests: list[str],
) -> None:
    def asked() -> list[str]:
        operations = dynamodb_requests.copy()
        dynamodb_requests.clear()
        return operations

    post_order(order(accountid))
    assert asked() == ["PutItem"]
    post_order(order(accountid))
    assert asked() == ["PutItem"]
    post_order(order(accountid), authorization=second_customer.id_token)
    assert asked() == ["PutItem"]
    get_order(f"accountid={accountid}&vendorid=v0")
    assert asked() == ["GetItem"]
    get_order("accountid=nobody&vendorid=v0")
    assert asked() == ["GetItem"]
    post_order({})
    post_order(order(accountid), authorization="junk")
    get_order("")
    assert asked() == []


def test_other_routes_send_no_dynamodb_request(
    client: Client, dynamodb_requests: list[str]
) -> None:
    """The routes of orders have tests of their own, here and beside each route's."""
    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    others = [path for path in app.routes if path not in {"/order", "/orders"}]
    assert "/openapi.json" in others
    for path in others:
        client.http.get(re.sub(r"\{.*?\}", "x", path))
    assert dynamodb_requests == []
