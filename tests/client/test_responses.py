"""How the client handles responses of the service, the gateway, Cognito and other servers."""

import gzip
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug import Response

from coffee_client import (
    AccountError,
    Accounts,
    CoffeeClient,
    Details,
    Order,
    OrderError,
    Session,
    Tokens,
    UnreachableError,
)
from tests.client.fake_service import FakeService
from tests.samples import placed_order, shop_response

_LOGIN_PAGE = "<html>Welcome on board! Log in to use the Wi-Fi.</html>"
_ORDER = Order("a0", "v0", Details("Flat White", "Small", "4.5", "1"))
_EXPIRED = {"__type": "NotAuthorizedException", "message": "Refresh Token has expired"}


@pytest.fixture
def fake_accounts(fake_service: FakeService) -> Accounts:
    """Return accounts whose login cannot be refreshed."""
    fake_service.cognito = (400, _EXPIRED)
    return Accounts("c", region="eu-west-1", endpoint_url=fake_service.url)


def client_with(accounts: Accounts, service: FakeService, stale_at: float) -> CoffeeClient:
    return CoffeeClient(service.url, Session(accounts, Tokens("old", "refresh", stale_at)))


@pytest.mark.parametrize("status", [200, 302, 304, 404, 502])
@pytest.mark.parametrize(
    "body",
    [
        *[_LOGIN_PAGE, "", "[]", "null", "[" * 20_000, '{"order": {"accountid": "a0"}}'],
        *[json.dumps({"order": placed_order() | {"status": s}}) for s in (5, "\ud83d")],
        *[json.dumps({"order": placed_order(unitprice=p)}) for p in ("1e999999", "NaN", "-1", "")],
    ],
)
def test_response_of_another_server_is_an_error(
    client: CoffeeClient, fake_service: FakeService, status: int, body: str
) -> None:
    headers = {"Location": "/login"} if status == 302 else {}
    fake_service.response = lambda: Response("" if status == 304 else body, status, headers)
    with pytest.raises(UnreachableError, match="Something other than the service answered"):
        client.get("a0", "v0")


def test_field_of_another_type_is_an_error(client: CoffeeClient, fake_service: FakeService) -> None:
    for field in ({"open": "no"}, {"waiting": "1"}, {"menu": [{"coffeetype": 5, "sizes": []}]}):
        fake_service.shop = shop_response("v0") | field
        with pytest.raises(UnreachableError, match="Something other than the service answered"):
            client.shop("v0")


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65_536


def test_size_of_a_response_is_limited(client: CoffeeClient, fake_service: FakeService) -> None:
    bomb, headers = gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"}
    for response in (lambda: Response(endless(), 503), lambda: Response(bomb, headers=headers)):
        fake_service.response = response
        with pytest.raises(UnreachableError, match="is too large"):
            client.advance("a0", "v0", "ready")


def drip() -> Iterator[bytes]:
    for _ in range(300):
        time.sleep(0.01)
        yield b"H"


def test_time_of_a_request_is_limited(
    client: CoffeeClient, fake_service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coffee_client.connection._TOTAL_TIMEOUT", 0.5)
    fake_service.response = lambda: Response(drip())
    with pytest.raises(UnreachableError, match="did not answer in time"):
        client.get("a0", "v0")


def test_number_of_pages_is_limited(
    client: CoffeeClient, fake_service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coffee_client.client._MAX_PAGES", 5)
    fake_service.response = lambda: Response('{"orders": [], "cursor": "again"}')
    with pytest.raises(UnreachableError, match="The list has no end"):
        list(client.orders())
    assert len(fake_service.requests) == 5


def test_unknown_fields_are_ignored(client: CoffeeClient, fake_service: FakeService) -> None:
    fake_service.order = {**placed_order(milk="oat"), "tip": "1.00"}
    assert client.get("a0", "v0").to_json() == placed_order()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ('{"Code": "ConflictError", "Message": "It is ready"}', "ConflictError", "It is ready"),
        ('{"message": "Unauthorized"}', None, "Unauthorized"),
        ('{"Message": "An explicit deny"}', None, "An explicit deny"),
    ],
)
def test_rejection_has_status_code_and_message(
    client: CoffeeClient, fake_service: FakeService, body: str, code: str | None, message: str
) -> None:
    fake_service.response = lambda: Response(body, 409)
    with pytest.raises(OrderError) as error:
        client.get("a0", "v0")
    assert (error.value.status, error.value.code, error.value.message) == (409, code, message)


def test_public_requests_send_no_token(fake_service: FakeService, fake_accounts: Accounts) -> None:
    client = client_with(fake_accounts, fake_service, stale_at=0)
    client.get("a0", "v0")
    client.shop("v0")
    assert not any("Authorization" in request.headers for request in fake_service.requests)


def test_rejected_token_is_refreshed_once(
    fake_service: FakeService, fake_accounts: Accounts
) -> None:
    client = client_with(fake_accounts, fake_service, stale_at=9e9)
    fake_service.tokens("new")
    fake_service.statuses = [401, 200]
    client.place(_ORDER)
    assert [request.path for request in fake_service.requests] == ["/order", "/", "/order"]
    sent = [fake_service.requests[number].headers["Authorization"] for number in (0, 2)]
    assert sent == ["Bearer old", "Bearer new"]
    fake_service.statuses = [401, 401]
    with pytest.raises(OrderError, match="401"):
        client.place(_ORDER)


def test_expired_login_is_an_account_error(
    fake_service: FakeService, fake_accounts: Accounts
) -> None:
    fake_service.statuses = [401]
    for stale_at in (0, 9e9):
        with pytest.raises(AccountError, match="expired"):
            client_with(fake_accounts, fake_service, stale_at).place(_ORDER)


_NEVER = '{"AuthenticationResult": {"IdToken": "x", "RefreshToken": "y", "ExpiresIn": 1e999}}'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *[(200, _LOGIN_PAGE), (200, "{}"), (200, "[]"), (200, _NEVER), (403, _LOGIN_PAGE)],
        (500, '{"__type": "InternalErrorException", "message": "x"}'),
    ],
)
def test_invalid_response_of_cognito_is_an_error(
    fake_service: FakeService, fake_accounts: Accounts, status: int, body: str
) -> None:
    fake_service.response = lambda: Response(body, status)
    with pytest.raises(UnreachableError, match="Cognito"):
        fake_accounts.log_in("Paul", "Pa$$word1")


def test_redirect_confirms_nothing(fake_service: FakeService, fake_accounts: Accounts) -> None:
    fake_service.response = lambda: Response("", 302, {"Location": "/login"})
    with pytest.raises(UnreachableError, match="Something other than Cognito answered"):
        fake_accounts.confirm("Paul", "123456")


def test_stale_token_is_refreshed_once_for_all_threads(
    fake_service: FakeService, fake_accounts: Accounts
) -> None:
    session = Session(fake_accounts, Tokens("old", "refresh", time.time()))
    fake_service.tokens("new")
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: session.id_token(), range(8)))
    assert (tokens, len(fake_service.requests)) == (["new"] * 8, 1)
    assert "new" not in f"{session!r}{session.tokens!r}"
