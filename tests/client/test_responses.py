"""How the client handles responses of the service, the gateway, Cognito and other servers.

It also shows which requests it repeats, and the delays between them.
"""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from coffee_client import (
    AccountError,
    Accounts,
    CoffeeClient,
    Details,
    Order,
    OrderError,
    Session,
    SettingsError,
    Tokens,
    UnreachableError,
)
from tests.client.fake_service import FakeService
from tests.samples import placed_order, shop_response

_LOGIN_PAGE = "<html>Welcome on board! Log in to use the Wi-Fi.</html>"
_ORDER = Order("a0", "v0", Details("Flat White", "Small", "4.5", "1"))


@pytest.fixture
def client(httpserver: HTTPServer) -> CoffeeClient:
    return CoffeeClient(httpserver.url_for("/prod/"))


@pytest.fixture
def accounts(httpserver: HTTPServer) -> Accounts:
    return Accounts("c", region="eu-west-1", endpoint_url=httpserver.url_for("/"))


@pytest.fixture
def service(httpserver: HTTPServer) -> FakeService:
    """Return a service whose Cognito does not refresh a login."""
    service = FakeService(httpserver)
    error = {"__type": "NotAuthorizedException", "message": "Refresh Token has expired"}
    service.cognito = (400, error)
    return service


def client_with(service: FakeService, accounts: Accounts, stale_at: float) -> CoffeeClient:
    return CoffeeClient(service.url, Session(accounts, Tokens("old", "refresh", stale_at)))


@pytest.mark.parametrize("status", [200, 302, 304])
@pytest.mark.parametrize(
    "body",
    [
        *[_LOGIN_PAGE, "", "[]", "null", "[" * 20_000],
        *['{"order": null}', '{"order": {"accountid": "a0"}}'],
        json.dumps({"order": placed_order() | {"status": 5}}),
        *[json.dumps({"order": placed_order(unitprice=p)}) for p in ("1e999999", "NaN", "-1", "")],
        json.dumps({"order": placed_order(quantity="1e9")}),
    ],
)
def test_response_of_another_server_is_an_error(
    client: CoffeeClient, httpserver: HTTPServer, status: int, body: str
) -> None:
    headers = {"Location": "/login"} if status == 302 else {}
    response = Response(body if status != 304 else "", status, headers)
    httpserver.expect_request("/prod/order").respond_with_response(response)
    with pytest.raises(UnreachableError, match="Something other than the service answered"):
        client.get("a0", "v0")


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


@pytest.mark.parametrize(
    "response",
    [
        lambda: Response(endless()),
        lambda: Response(endless(), 503),
        lambda: Response(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["endless", "endless error", "gzip bomb"],
)
def test_size_of_a_response_is_limited(
    client: CoffeeClient, httpserver: HTTPServer, response: object
) -> None:
    httpserver.expect_request("/prod/order").respond_with_handler(lambda _: response())  # type: ignore[operator]
    with pytest.raises(UnreachableError, match="is too large"):
        client.advance("a0", "v0", "ready")


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"])
def test_time_of_a_request_is_limited(monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    """The server sends a byte of a header or of the body every few milliseconds, without end."""
    monkeypatch.setattr("coffee_client.connection._TOTAL_TIMEOUT", 0.5)
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(beginning)
            while not stop.wait(0.01):
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        client = CoffeeClient(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(UnreachableError, match="did not answer in time"):
            client.get("a0", "v0")
        stop.set()


def test_number_of_pages_is_limited(
    httpserver: HTTPServer, client: CoffeeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coffee_client.client._MAX_PAGES", 5)
    page = {"orders": [], "cursor": "again"}
    httpserver.expect_request("/prod/orders").respond_with_json(page)
    with pytest.raises(UnreachableError, match="The list has no end"):
        list(client.orders())
    assert len(httpserver.log) == 5


def test_unknown_fields_are_ignored(client: CoffeeClient, httpserver: HTTPServer) -> None:
    body = {"order": {**placed_order(milk="oat"), "tip": "1.00"}, "etag": "x"}
    httpserver.expect_request("/prod/order").respond_with_json(body)
    assert client.get("a0", "v0").to_json() == placed_order()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('{"Code": "ConflictError", "Message": "It is ready"}', "ConflictError", "It is ready"),
        ('{"message": "Unauthorized"}', None, "Unauthorized"),
        (_LOGIN_PAGE, None, "CONFLICT"),
        ("[]", None, "CONFLICT"),
        ('{"Code": "ConflictError"}', None, "CONFLICT"),
    ],
)
def test_rejection_has_status_code_and_message(
    client: CoffeeClient, httpserver: HTTPServer, body: str, code: str | None, message: str
) -> None:
    httpserver.expect_request("/prod/order").respond_with_data(body, 409)
    with pytest.raises(OrderError) as rejection:
        client.get("a0", "v0")
    error = rejection.value
    assert (error.status, error.code, error.message) == (409, code, message)


def test_public_requests_send_no_token(service: FakeService, accounts: Accounts) -> None:
    service.shop = shop_response("v0")
    client = client_with(service, accounts, stale_at=0)
    client.get("a0", "v0")
    client.shop("v0")
    assert not any("Authorization" in request.headers for request in service.requests)


def test_rejected_token_is_refreshed_once(service: FakeService, accounts: Accounts) -> None:
    client = client_with(service, accounts, stale_at=9e9)
    service.tokens("new")
    service.statuses = [401, 200]
    client.place(_ORDER)
    paths = [request.path for request in service.requests]
    assert paths == ["/order", "/", "/order"]
    sent = [service.requests[number].headers["Authorization"] for number in (0, 2)]
    assert sent == ["Bearer old", "Bearer new"]
    service.statuses = [401, 401]
    with pytest.raises(OrderError) as rejection:
        client.place(_ORDER)
    assert rejection.value.status == 401


@pytest.mark.parametrize("stale_at", [0, 9e9])
def test_expired_login_is_an_account_error(
    service: FakeService, accounts: Accounts, stale_at: float
) -> None:
    client = client_with(service, accounts, stale_at)
    for call in (lambda: client.place(_ORDER), lambda: next(client.orders())):
        service.statuses = [401]
        with pytest.raises(AccountError, match="expired"):
            call()


@pytest.mark.parametrize(
    ("region", "endpoint_url"),
    [
        *[("", None), ("eu west 1", None), ("eu-west-1/x", None), ("mars-1", None)],
        ("eu-west-1", "ftp://x"),
    ],
)
def test_invalid_address_of_cognito_is_a_settings_error(
    region: str, endpoint_url: str | None
) -> None:
    with pytest.raises(SettingsError):
        Accounts("c", region=region, endpoint_url=endpoint_url)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *[(200, _LOGIN_PAGE), (200, "{}"), (200, "[]"), (501, _LOGIN_PAGE), (403, _LOGIN_PAGE)],
        (500, '{"__type": "InternalErrorException", "message": "x"}'),
        (
            200,
            '{"AuthenticationResult": {"IdToken": "x", "RefreshToken": "y", "ExpiresIn": 1e999}}',
        ),
    ],
)
def test_invalid_response_of_cognito_is_an_error(
    httpserver: HTTPServer, accounts: Accounts, status: int, body: str
) -> None:
    httpserver.expect_request("/").respond_with_data(body, status)
    with pytest.raises(UnreachableError, match="Cognito"):
        accounts.log_in("Paul", "Pa$$word1")


def test_stale_token_is_refreshed_once_for_all_threads(
    service: FakeService, accounts: Accounts
) -> None:
    session = Session(accounts, Tokens("old", "refresh", time.time()))
    service.tokens("new")
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(session.id_token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tokens, len(service.requests)) == (["new"] * 8, 1)
    assert "new" not in f"{session!r}{session.tokens!r}"


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Skip the delays between the client's requests, and return them."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("status", [429, 503])
def test_get_and_place_wait_for_retry_after(
    service: FakeService, status: int, delays: list[float]
) -> None:
    client, service.retry_after = CoffeeClient(service.url), "2"
    service.statuses = [status, 200, status, 201]
    assert client.get("a0", "v0").status == "placed"
    assert client.place(_ORDER).outcome == "placed"
    assert delays == [2, 2]


@pytest.mark.parametrize(
    ("retry_after", "delay"),
    [
        ("2", 2),
        ("3600", 3),
        ("99999999999999999999999", 3),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_attempts_and_delays_are_limited(
    service: FakeService, delays: list[float], retry_after: str, delay: float | None
) -> None:
    service.retry_after = retry_after
    service.statuses = [429, 503, 503, 503]
    with pytest.raises(OrderError, match="503"):
        CoffeeClient(service.url).get("a0", "v0")
    # Without a usable header, the client has its own delays.
    assert delays == [delay] * 3 if delay else sum(delays) < 3


@pytest.mark.usefixtures("delays")
def test_get_without_a_response_is_repeated(service: FakeService) -> None:
    service.statuses = [0, 0, 200]
    assert CoffeeClient(service.url).get("a0", "v0").status == "placed"
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        *[("get", ("a0", "v0"), status) for status in (400, 403, 404, 409, 500, 502)],
        ("place", (_ORDER,), 0),
        *[("advance", ("a0", "v0", "ready"), status) for status in (0, 429, 503)],
        *[("cancel", ("a0", "v0"), status) for status in (0, 429, 503)],
    ],
)
def test_other_requests_are_not_repeated(
    service: FakeService, method: str, arguments: tuple[Any], status: int
) -> None:
    service.statuses = [status]
    with pytest.raises(OrderError if status else UnreachableError):
        getattr(CoffeeClient(service.url), method)(*arguments)
    assert len(service.requests) == 1
