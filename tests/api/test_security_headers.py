"""What every answer tells a browser, whatever became of the request."""

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import PostOrder, Send
from tests.fixtures import Customer
from tests.samples import order

_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def assert_private(answer: HTTPResponse, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers.items() >= {**_ALWAYS, "Cache-Control": "no-store"}.items()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_answers_with_orders_are_private(
    send: Send, signed_in_customer: Customer, accountid: str
) -> None:
    sent = order(accountid)
    assert_private(send("POST", "/order", signed_in_customer, body={"order": sent}), 201)
    assert_private(send("GET", "/order", accountid=accountid, vendorid="v0"), 200)
    assert_private(send("GET", "/orders", signed_in_customer), 200)


def test_a_refusal_is_private(
    post_order: PostOrder, send: Send, signed_in_customer: Customer, accountid: str
) -> None:
    assert_private(post_order({}), 400)
    assert_private(post_order(content_type="text/plain"), 415)
    assert_private(send("GET", "/order", accountid=accountid, vendorid="v0"), 404)
    assert_private(send("GET", "/orders", signed_in_customer, vendorid="v0"), 403)


def test_gateway_errors_are_private(post_order: PostOrder) -> None:
    answer = post_order(order(), authorization=None)
    assert answer.status_code == 401
    named = ("Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options")
    expected = {**_ALWAYS, "Cache-Control": "no-store"}
    assert {name: answer.headers[name] for name in named} == {
        name: expected[name] for name in named
    }


def test_a_failure_is_private(
    post_order: PostOrder, accountid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.orders_table.place", lambda *_, **__: 1 / 0)
    assert_private(post_order(order(accountid)), 500)


def test_cache_control_of_a_route_is_kept(send: Send) -> None:
    answer = send("GET", "/openapi.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers.items() >= _ALWAYS.items()
