"""Security headers, which every answer has."""

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, PostOrder, Send

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


def test_answers_with_orders_are_private(api: Api) -> None:
    assert_private(api.place(), 201)
    assert_private(api.send("GET", "/order", **api.key), 200)
    assert_private(api.send("GET", "/orders", api.customer), 200)


def test_errors_are_private(api: Api, post_order: PostOrder) -> None:
    assert_private(post_order({}), 400)
    assert_private(post_order(content_type="text/plain"), 415)
    assert_private(api.send("GET", "/order", **api.key), 404)
    assert_private(api.send("GET", "/orders", api.customer, vendorid="v0"), 403)


def test_gateway_errors_are_private(post_order: PostOrder) -> None:
    answer = post_order({}, authorization=None)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "no-store"
    for name in ("Strict-Transport-Security", "X-Content-Type-Options"):
        assert answer.headers[name] == _ALWAYS[name]


def test_unexpected_failures_are_private(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.orders_table.place", lambda *_, **__: 1 / 0)
    assert_private(api.place(), 500)


def test_cache_control_of_a_route_is_kept(send: Send) -> None:
    answer = send("GET", "/openapi.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers.items() >= _ALWAYS.items()
