"""PUT /order/push: who may subscribe to news of an order, where to, and when this ends."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, Send, error
from tests.fixtures import Customer

_ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA"
_NOT_A_PUSH_SERVICE = "endpoint: must be an https URL of a browser's push service"

Subscribe = Callable[..., HTTPResponse]
StoredEndpoint = Callable[[], str | None]


@pytest.fixture
def subscribe(api: Api) -> Subscribe:
    def put(user: Customer | None = None, endpoint: Any = _ENDPOINT) -> HTTPResponse:
        body = {"endpoint": endpoint}
        return api.send("PUT", "/order/push", user or api.customer, body=body, **api.key)

    return put


@pytest.fixture
def stored_endpoint(api: Api) -> StoredEndpoint:
    from chalicelib import dynamodb  # noqa: PLC0415 - reads its settings as it loads

    def read() -> str | None:
        key = {name: {"S": value} for name, value in api.key.items()}
        item = dynamodb.get_item(dynamodb.ORDERS_TABLE, key)
        return item["push"]["S"] if "push" in item else None

    return read


@pytest.mark.parametrize("status", ["placed", "preparing", "ready", "collected", "cancelled"])
def test_only_an_order_that_waits_for_the_shop_takes_a_subscription(
    api: Api, subscribe: Subscribe, stored_endpoint: StoredEndpoint, status: str
) -> None:
    api.place_with_status(status)
    order = api.get()
    response = subscribe()
    if status in ("placed", "preparing"):
        assert (response.status_code, stored_endpoint()) == (200, _ENDPOINT)
    else:
        assert error(response) == (409, f"The order is {status}")
        assert stored_endpoint() is None
    assert api.get() == order  # the endpoint is in no response, and the version stays


def test_only_the_customer_who_placed_the_order_subscribes(
    api: Api, subscribe: Subscribe, second_customer: Customer
) -> None:
    assert error(subscribe()) == (404, "There is no order at this key")
    api.place()
    for other_user in (second_customer, api.barista):
        assert error(subscribe(other_user)) == (403, "This is another customer's order")


@pytest.mark.parametrize(
    ("is_local", "accepted", "rejected"),
    [
        (
            False,
            [
                "https://fcm.googleapis.com/fcm/send/a:b",
                "https://web.push.apple.com/Q",
                "https://wns2-par02p.notify.windows.com/w/?token=B",
            ],
            [
                *["http://fcm.googleapis.com/a", "https://fcm.googleapis.com"],
                *["https://fcm.googleapis.com.example.com/a", "https://afcm.googleapis.com/a"],
                *["https://push.apple.com/a", "https://a.push.apple.com@example.com/"],
                *["https://user@fcm.googleapis.com/a", "https://fcm.googleapis.com:8443/a"],
                *["https://fcm.googleapis.com/a\n", "https://fcm.googleapis.com/\u20ac"],
                *["http://127.0.0.1:8000/a", "https://example.com/a", "", None, 7],
                "https://fcm.googleapis.com/" + "a" * 1001,
            ],
        ),
        (True, ["http://127.0.0.1:9000/push/1"], ["http://127.0.0.1.example.com:9000/a"]),
    ],
)
def test_the_notifier_sends_to_known_push_services_only(
    api: Api,
    subscribe: Subscribe,
    monkeypatch: pytest.MonkeyPatch,
    is_local: bool,
    accepted: list[str],
    rejected: list[Any],
) -> None:
    monkeypatch.setattr("chalicelib.settings.is_local", lambda: is_local)
    api.place()
    for endpoint in accepted:
        assert subscribe(endpoint=endpoint).status_code == 200
    for endpoint in rejected:
        assert error(subscribe(endpoint=endpoint)) == (400, _NOT_A_PUSH_SERVICE)


def test_a_subscription_ends_when_the_customer_knows(
    api: Api, subscribe: Subscribe, stored_endpoint: StoredEndpoint
) -> None:
    api.place("2026-03-01 08:00:00")
    subscribe()
    api.place("2026-03-01 08:10:00")  # another order at the key
    assert stored_endpoint() is None
    subscribe()
    api.cancel()
    assert stored_endpoint() is None


def test_a_subscription_lasts_until_the_order_has_ended(
    api: Api, subscribe: Subscribe, stored_endpoint: StoredEndpoint
) -> None:
    api.place("2026-03-01 08:00:00")
    subscribe()
    for status, endpoint in (("preparing", _ENDPOINT), ("ready", _ENDPOINT), ("collected", None)):
        api.set_status(status)
        assert stored_endpoint() == endpoint
    api.place("2026-03-01 08:10:00")
    subscribe()
    api.set_status("cancelled")  # by the shop, so the customer must learn of it
    assert stored_endpoint() == _ENDPOINT


def test_the_worker_may_send_requests_to_the_service_only(send: Send) -> None:
    headers = send("GET", "/sw.js").headers
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == "public, no-cache"
    assert headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
