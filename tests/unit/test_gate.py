"""The gate in front of the local cloud: which requests pass, and which are refused."""

from typing import Any

import pytest

from local.gate import OWNER_KEY_HEADER, Gate

_SIGN_UP = {"x-amz-target": "AWSCognitoIdentityProviderService.SignUp"}
_ADMIN = {
    "x-amz-target": "AWSCognitoIdentityProviderService.AdminGetUser",
    "authorization": "AWS4-HMAC-SHA256 Credential=test/…",
}
_PUT_ITEM = {"x-amz-target": "DynamoDB_20120810.PutItem"}
_PAGE = {"origin": "http://127.0.0.1:8000"}
_OWNER = {OWNER_KEY_HEADER: "key"}


async def _unreachable(*_: Any) -> Any:
    raise AssertionError("The gate handed a refused request on")


def answer(scope: dict[str, Any], gate: Gate) -> list[dict[str, Any]]:
    """Return the events that the gate itself answers with."""
    sent: list[dict[str, Any]] = []

    async def send(event: Any) -> None:
        sent.append(event)

    # The gate waits for nothing, so no event loop is needed: Playwright's may be running.
    with pytest.raises(StopIteration):
        gate(scope, _unreachable, send).__await__().__next__()
    return sent


def gate(owner_key: str | None = "key") -> Gate:
    gate = Gate(_unreachable, port=4566, owner_key=owner_key)
    assert answer(request("PUT", "/_gate/pages/8000"), gate)[0]["status"] == 204
    return gate


def request(
    method: str = "GET",
    target: str = "/_ministack/ready",
    headers: dict[str, str] | None = None,
    *more: tuple[str, str],
    host: str | None = "127.0.0.1:4566",
) -> dict[str, Any]:
    """Return a request as ASGI describes it; `more` are headers that are sent again."""
    path, _, query = target.partition("?")
    sent = [("host", host)] if host is not None else []
    sent += [*(headers or {}).items(), *more]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent],
    }


def test_a_page_may_be_added_by_a_program_only() -> None:
    foreign = {"origin": "http://127.0.0.1:3000"}
    assert not passes(request("PUT", "/_gate/pages/3000", foreign))
    assert not passes(request("GET", "/_gate/pages/3000"))
    with_two_pages = gate()
    answer(request("PUT", "/_gate/pages/3000"), with_two_pages)
    for headers in (_PAGE, foreign):
        assert with_two_pages.refusal(request("POST", "/", _SIGN_UP | headers)) is None


def passes(scope: dict[str, Any]) -> bool:
    return gate().refusal(scope) is None


@pytest.mark.parametrize(
    "scope",
    [
        request(),
        request(host="localhost:4566"),
        request("GET", "/_ministack/ses/messages"),
        request("GET", "/_ministack/ses/messages", {"sec-fetch-site": "none"}),
        request("GET", "/ap-southeast-2_pool/.well-known/jwks.json"),
        request("POST", "/", _SIGN_UP),
        request("POST", "/", _ADMIN),
        request("POST", "/", _PUT_ITEM),
        request("POST", "/", _SIGN_UP | _PAGE | {"sec-fetch-site": "same-site"}),
        request("POST", "/", _SIGN_UP | {"origin": "http://localhost:8000"}),
        request("OPTIONS", "/", _PAGE | {"access-control-request-method": "POST"}),
        request("POST", "/", _OWNER),
        request("POST", "/_ministack/reset", _OWNER),
    ],
)
def test_the_service_its_customers_and_the_owner_pass(scope: dict[str, Any]) -> None:
    assert passes(scope)


@pytest.mark.parametrize(
    "host",
    [
        *(None, "", "127.0.0.1", "localhost", "localhost:80", "evil.example", "evil.example:4566"),
        *("127.0.0.1.evil.example:4566", "evil.localhost:4566", "localhost.:4566", "[::1]:4566"),
    ],
)
def test_a_foreign_host_is_refused(host: str | None) -> None:
    assert not passes(request(host=host))


def test_a_second_host_is_refused() -> None:
    assert not passes(request("GET", "/_ministack/ready", {}, ("host", "evil.example")))


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://evil.example", "https://127.0.0.1:8000", "http://127.0.0.1:80000"),
        *("http://127.0.0.1:3000", "http://127.0.0.1", "http://evil.example:8000"),
        "http://localhost:8000.evil.example",
    ],
)
@pytest.mark.parametrize("extra", [{}, _OWNER])
def test_a_foreign_origin_is_refused(origin: str, extra: dict[str, str]) -> None:
    headers = {"origin": origin, **extra}
    assert not passes(request("POST", "/", _SIGN_UP | headers))
    assert not passes(request("OPTIONS", "/", headers))
    assert not passes(request("GET", "/_ministack/ses/messages", headers))


def test_a_second_origin_is_refused() -> None:
    foreign = ("origin", "http://evil.example")
    assert not passes(request("POST", "/", _SIGN_UP | _PAGE, foreign))
    assert not passes(request("GET", "/_ministack/ready", {}, foreign, *_PAGE.items()))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_another_site_embeds_or_links_to_is_refused(site: str) -> None:
    assert not passes(request("GET", "/_ministack/ses/messages", {"sec-fetch-site": site}))


@pytest.mark.parametrize(
    "scope",
    [
        request("GET", "/_ministack/ses/messages", _PAGE),
        request("POST", "/_ministack/reset", _PAGE),
        request("PUT", "/_gate/pages/3000", _PAGE),
        request("OPTIONS", "/2015-03-31/functions", _PAGE),
        request("POST", "/", _PUT_ITEM | _PAGE),
        request("POST", "/", _ADMIN | _PAGE),
        request("POST", "/?Action=CreateStack", _SIGN_UP | _PAGE),
    ],
)
def test_the_page_may_only_call_cognito(scope: dict[str, Any]) -> None:
    assert not passes(scope)


@pytest.mark.parametrize(
    "scope",
    [
        request("POST", "/_ministack/reset"),
        request("POST", "/_ministack/config"),
        request("POST", "/?Action=CreateStack"),
        request("GET", "/?Action=CreateStack"),
        request("POST", "/"),
        request("POST", "/2015-03-31/functions"),
        request("POST", "/", {"x-amz-target": "AWSLambda.Invoke"}),
        request("POST", "/", _SIGN_UP, ("x-amz-target", "AWSLambda.Invoke")),
        request("POST", "/2015-03-31/functions", _SIGN_UP),
        request("PUT", "/bucket"),
        request("PUT", "/_gate/pages/8000/evil.example"),
        request("GET", "/_aws/execute-api/id/stage"),
        request("POST", "/_ministack/reset", {OWNER_KEY_HEADER: "guess"}),
        request("POST", "/_ministack/reset", {OWNER_KEY_HEADER: ""}),
    ],
)
def test_only_the_owner_reaches_other_services(scope: dict[str, Any]) -> None:
    assert not passes(scope)


def test_without_an_owners_key_every_service_is_open_but_not_to_foreign_pages() -> None:
    everything = gate(owner_key=None)
    assert everything.refusal(request("POST", "/2015-03-31/functions")) is None
    own_page = {"origin": "http://127.0.0.1:4566", "sec-fetch-site": "same-origin"}
    assert everything.refusal(request("POST", "/_aws/execute-api/id/stage", own_page)) is None
    assert everything.refusal(request("POST", "/", {"origin": "http://evil.example"}))
    assert everything.refusal(request("POST", "/", host="evil.example:4566"))


def test_a_refused_request_gets_403_and_no_permission_to_read_it() -> None:
    start, body = answer(request("OPTIONS", "/", {"origin": "http://evil.example"}), gate())
    assert start["status"] == 403
    assert not any(name.startswith(b"access-control") for name, _ in start["headers"])
    assert b"answers only the page" in body["body"]


def test_a_refused_websocket_is_closed() -> None:
    socket = request() | {"type": "websocket"}
    del socket["method"]
    assert [event["type"] for event in answer(socket, gate())] == ["websocket.close"]
