"""PUT /order/push: who may subscribe to news of an order, where to, and when this ends."""

from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.messages import PushEndpoint
from tests.api.conftest import Api, Send, error
from tests.fixtures import Cloud, Customer

_ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA"
_NOT_A_PUSH_SERVICE = (400, "endpoint: must be an https URL of a browser's push service")


def subscribe(api: Api, endpoint: Any = _ENDPOINT, user: Customer | None = None) -> HTTPResponse:
    body = {"endpoint": endpoint}
    return api.send("PUT", "/order/push", user or api.customer, body=body, **api.key)


def stored_endpoint(api: Api, cloud: Cloud) -> str | None:
    key = {name: {"S": value} for name, value in api.key.items()}
    item = cloud.dynamodb.get_item(TableName="orders", Key=key)["Item"]
    return str(item["push"]["S"]) if "push" in item else None


@pytest.mark.parametrize("status", ["placed", "preparing", "ready", "collected", "cancelled"])
def test_only_an_order_that_waits_for_the_shop_takes_a_subscription(
    api: Api, cloud: Cloud, status: str
) -> None:
    api.place_with_status(status)
    order = api.get()
    response = subscribe(api)
    if status in {"placed", "preparing"}:
        assert (response.status_code, stored_endpoint(api, cloud)) == (200, _ENDPOINT)
    else:
        assert error(response) == (409, f"The order is {status}")
        assert stored_endpoint(api, cloud) is None
    assert api.get() == order  # the endpoint is in no response, and the version stays


def test_only_the_customer_who_placed_the_order_subscribes(
    api: Api, cloud: Cloud, second_customer: Customer
) -> None:
    assert error(subscribe(api)) == (404, "There is no order at this key")
    api.place()
    for other_user in (second_customer, api.barista):
        rejection = error(subscribe(api, user=other_user))
        assert rejection == (403, "This is another customer's order")
    assert stored_endpoint(api, cloud) is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/a:b",
        "https://web.push.apple.com/Q",
        "https://wns2-par02p.notify.windows.com/w/?token=B",
        "http://127.0.0.1:9000/push/1",  # this machine, on the local cloud
    ],
)
@pytest.mark.usefixtures("cloud")
def test_known_push_services_are_accepted(endpoint: str) -> None:
    assert PushEndpoint.parse(endpoint) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        *[
            "http://fcm.googleapis.com/a",
            "https://fcm.googleapis.com",
            "https://fcm-googleapis.com/a",
        ],
        *["https://fcm.googleapis.com.example.com/a", "https://afcm.googleapis.com/a"],
        *["https://push.apple.com/a", "https://a.push.apple.com@example.com/"],
        *["https://user@fcm.googleapis.com/a", "https://fcm.googleapis.com:8443/a"],
        *["https://fcm.googleapis.com/a\n", "https://fcm.googleapis.com/\u20ac", None],
        *["http://127.0.0.1.example.com:9000/a", "http://169.254.169.254/latest/meta-data"],
        "https://fcm.googleapis.com/" + "a" * 1001,
    ],
)
def test_every_other_endpoint_is_rejected(api: Api, endpoint: Any) -> None:
    assert error(subscribe(api, endpoint)) == _NOT_A_PUSH_SERVICE


def test_this_machine_is_no_push_service_on_aws(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.settings.required", lambda _: "dev")
    assert error(subscribe(api, "http://127.0.0.1:8000/a")) == _NOT_A_PUSH_SERVICE


def test_a_subscription_lasts_until_the_customer_knows(api: Api, cloud: Cloud) -> None:
    api.place("2026-03-01 08:00:00")
    subscribe(api)
    api.place("2026-03-01 08:10:00")  # another order at the key
    assert stored_endpoint(api, cloud) is None
    subscribe(api)
    for status, endpoint in (("preparing", _ENDPOINT), ("ready", _ENDPOINT), ("collected", None)):
        api.set_status(status)
        assert stored_endpoint(api, cloud) == endpoint


@pytest.mark.parametrize("by_shop", [True, False])
def test_a_subscription_ends_when_the_customer_cancels(
    api: Api, cloud: Cloud, by_shop: bool
) -> None:
    """The notifier tells a customer that the shop has cancelled."""
    api.place()
    subscribe(api)
    response = api.set_status("cancelled") if by_shop else api.cancel()
    assert response.status_code == 200
    assert stored_endpoint(api, cloud) == (_ENDPOINT if by_shop else None)


def test_the_worker_may_send_requests_to_the_service_only(send: Send) -> None:
    response = send("GET", "/sw.js")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, no-cache"
    policy = response.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; connect-src 'self'"
