"""How the client reads answers of the service, the gateway, Cognito and other servers."""

import json
import re
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

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
from tests.samples import placed_order

_LOGIN_PAGE = "<html>Welcome on board! Log in to use the Wi-Fi.</html>"
_SHOP = {"vendorid": "v0", "name": "x", "currency": "EUR", "menu": [], "open": True}
_ORDER = Order("a0", "v0", Details("Flat White", "Small", "4.5", "1"))


@pytest.fixture
def client(httpserver: HTTPServer) -> CoffeeClient:
    return CoffeeClient(httpserver.url_for("/prod/"))


@pytest.fixture
def accounts(httpserver: HTTPServer) -> Accounts:
    return Accounts("c", region="eu-west-1", endpoint_url=httpserver.url_for("/"))


@pytest.fixture
def expired_session(httpserver: HTTPServer, accounts: Accounts) -> Session:
    """Return a login that Cognito no longer refreshes."""
    error = {"__type": "NotAuthorizedException", "message": "Refresh Token has expired"}
    httpserver.expect_request("/", method="POST").respond_with_json(error, status=400)
    return Session(accounts, Tokens("stale", "refresh", stale_at=0))


@pytest.mark.parametrize("status", [200, 302, 304])
@pytest.mark.parametrize(
    "body",
    [
        *[_LOGIN_PAGE, "", "[]", "null", "[" * 20_000],
        *['{"order": null}', '{"order": {"accountid": "a0"}}'],
        json.dumps({"order": placed_order() | {"status": 5}}),
    ],
)
def test_answer_of_another_server_is_an_error(
    client: CoffeeClient, httpserver: HTTPServer, status: int, body: str
) -> None:
    headers = {"Location": "/login"} if status == 302 else {}
    answer = Response(body if status != 304 else "", status, headers)
    httpserver.expect_request("/prod/order").respond_with_response(answer)
    with pytest.raises(UnreachableError, match="Something other than the service answered"):
        client.get("a0", "v0")


def test_unknown_fields_are_ignored(client: CoffeeClient, httpserver: HTTPServer) -> None:
    later: dict[str, Any] = {**placed_order(milk="oat"), "tip": "1.00"}
    httpserver.expect_request("/prod/order").respond_with_json({"order": later, "etag": "x"})
    assert client.get("a0", "v0").to_json() == placed_order()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            '{"Code": "ConflictError", "Message": "The order is ready"}',
            "ConflictError",
            "The order is ready",
        ),
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


def test_public_requests_send_no_token(httpserver: HTTPServer, expired_session: Session) -> None:
    def respond(request: Request) -> Response:
        status = 500 if "Authorization" in request.headers else 200
        return Response(json.dumps({"order": placed_order(), "shop": _SHOP}), status)

    httpserver.expect_request(re.compile("/(order|shop)")).respond_with_handler(respond)
    client = CoffeeClient(httpserver.url_for(""), expired_session)
    assert client.get("a0", "v0").status == "placed"
    assert client.shop("v0").menu == ()


def test_expired_login_is_an_account_error(
    httpserver: HTTPServer, expired_session: Session
) -> None:
    client = CoffeeClient(httpserver.url_for(""), expired_session)
    for call in (lambda: client.place(_ORDER), lambda: list(client.orders())):
        with pytest.raises(AccountError, match="expired"):
            call()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "http://[bad"),
        ("HTTPS_PROXY", "nonsense://x"),
        ("REQUESTS_CA_BUNDLE", "/no/such/file"),
    ],
)
def test_invalid_network_settings_are_an_error(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UnreachableError, match="can't be reached: "):
        CoffeeClient("https://service.invalid").get("a0", "v0")
    with pytest.raises(UnreachableError, match="Cognito can't be reached: "):
        Accounts("c", region="eu-west-1", endpoint_url="https://cognito.invalid").resend("Paul")


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "", "ftp://x", "http://", "http://x:99999"])
def test_invalid_url_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError):
        CoffeeClient(url)
    with pytest.raises(SettingsError):
        Accounts("c", region="eu-west-1", endpoint_url=url).resend("Paul")


@pytest.mark.parametrize("region", ["", "eu west 1", "eu-west-1/x"])
def test_invalid_region_is_a_settings_error(region: str) -> None:
    with pytest.raises(SettingsError):
        Accounts("c", region=region).resend("Paul")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, _LOGIN_PAGE),
        (200, "{}"),
        (200, "[]"),
        (503, _LOGIN_PAGE),
        (403, _LOGIN_PAGE),
        (500, '{"__type": "InternalErrorException", "message": "x"}'),
    ],
)
def test_invalid_answer_of_cognito_is_an_error(
    httpserver: HTTPServer,
    accounts: Accounts,
    status: int,
    body: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    httpserver.expect_request("/").respond_with_data(body, status)
    with pytest.raises(UnreachableError, match="Cognito"):
        accounts.log_in("Paul", "Pa$$word1")
