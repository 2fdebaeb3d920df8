"""How the client handles responses of the service, the gateway, Cognito and other servers."""

import json

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
from tests.fake_service import FakeService
from tests.samples import placed_order, shop_response

_LOGIN_PAGE = "<html>Welcome on board! Log in to use the Wi-Fi.</html>"


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


@pytest.fixture
def expired_client(service: FakeService, accounts: Accounts) -> CoffeeClient:
    return CoffeeClient(service.url, Session(accounts, Tokens("stale", "refresh", stale_at=0)))


@pytest.mark.parametrize("status", [200, 302, 304])
@pytest.mark.parametrize(
    "body",
    [
        *[_LOGIN_PAGE, "", "[]", "null", "[" * 20_000],
        *['{"order": null}', '{"order": {"accountid": "a0"}}'],
        json.dumps({"order": placed_order() | {"status": 5}}),
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


def test_unknown_fields_are_ignored(client: CoffeeClient, httpserver: HTTPServer) -> None:
    order = {name: value for name, value in placed_order().items() if name != "version"}
    details = {**order["details"], "milk": "oat"}
    body = {"order": {**order, "details": details, "tip": "1.00"}, "etag": "x"}
    httpserver.expect_request("/prod/order").respond_with_json(body)
    assert client.get("a0", "v0").to_json() == order


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


def test_public_requests_send_no_token(service: FakeService, expired_client: CoffeeClient) -> None:
    service.shop = shop_response("v0")
    expired_client.get("a0", "v0")
    expired_client.shop("v0")
    assert not any("Authorization" in request.headers for request in service.requests)


def test_expired_login_is_an_account_error(expired_client: CoffeeClient) -> None:
    with pytest.raises(AccountError, match="expired"):
        expired_client.place(Order("a0", "v0", Details("Flat White", "Small", "4.5", "1")))
    with pytest.raises(AccountError, match="expired"):
        next(expired_client.orders())


def test_invalid_api_url_is_a_settings_error() -> None:
    with pytest.raises(SettingsError):
        CoffeeClient("127.0.0.1:8000")


@pytest.mark.parametrize(
    ("region", "endpoint_url"),
    [("", None), ("eu west 1", None), ("eu-west-1/x", None), ("eu-west-1", "ftp://x")],
)
def test_invalid_address_of_cognito_is_a_settings_error(
    region: str, endpoint_url: str | None
) -> None:
    with pytest.raises(SettingsError):
        Accounts("c", region=region, endpoint_url=endpoint_url).resend("Paul")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *[(200, _LOGIN_PAGE), (200, "{}"), (200, "[]"), (503, _LOGIN_PAGE), (403, _LOGIN_PAGE)],
        (500, '{"__type": "InternalErrorException", "message": "x"}'),
    ],
)
def test_invalid_response_of_cognito_is_an_error(
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
