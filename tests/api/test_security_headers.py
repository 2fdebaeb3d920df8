"""Security headers, which every response has."""

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


def assert_private(response: HTTPResponse, status: int) -> None:
    assert response.status_code == status
    assert response.headers.items() >= {**_ALWAYS, "Cache-Control": "no-store"}.items()
    assert response.headers["Access-Control-Allow-Origin"] == "*"


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
    response = post_order({}, authorization=None)
    assert response.status_code == 401
    assert response.headers["Cache-Control"] == "no-store"
    for name in ("Strict-Transport-Security", "X-Content-Type-Options"):
        assert response.headers[name] == _ALWAYS[name]


def test_unexpected_failures_are_private(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.orders_table.place", lambda *_, **__: 1 / 0)
    assert_private(api.place(), 500)


def test_cache_control_of_a_route_is_kept(send: Send) -> None:
    response = send("GET", "/openapi.json")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers.items() >= _ALWAYS.items()
