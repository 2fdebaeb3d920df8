"""PUT /order/push: who may subscribe to news of an order, where to, and when this ends."""

from collections.abc import Callable

import pytest
from chalice.test import HTTPResponse

from chalicelib.messages import PushEndpoint
from tests.api.conftest import Api, error
from tests.fixtures import Cloud, Customer

_ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA"


def subscribe(api: Api, user: Customer | None = None, endpoint: str = _ENDPOINT) -> HTTPResponse:
    body = {"endpoint": endpoint}
    return api.send("PUT", "/order/push", user or api.customer, body=body, **api.key)


def stored_endpoint(api: Api, cloud: Cloud) -> str | None:
    key = {name: {"S": value} for name, value in api.key.items()}
    item = cloud.dynamodb.get_item(TableName="orders", Key=key)["Item"]
    return str(item["push"]["S"]) if "push" in item else None


def test_only_the_customer_subscribes(api: Api, cloud: Cloud, second_customer: Customer) -> None:
    assert error(subscribe(api)) == (404, "There is no order at this key")
    api.place()
    for other_user in (second_customer, api.barista):
        assert error(subscribe(api, other_user)) == (403, "This is another customer's order")
    assert subscribe(api, endpoint="https://example.com/a").status_code == 400
    assert stored_endpoint(api, cloud) is None


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_endpoint_is_at_a_known_push_service(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    accepted: list[object] = [
        "https://fcm.googleapis.com/fcm/send/a:b",
        "https://web.push.apple.com/Q",
        "https://wns2-par02p.notify.windows.com/w/?token=B",
    ]
    rejected: list[object] = [
        *["http://fcm.googleapis.com/a", "https://fcm.googleapis.com", "https://example.com/a"],
        *["https://fcm-googleapis.com/a", "https://fcm.googleapis.com.example.com/a"],
        *["https://afcm.googleapis.com/a", "https://a.push.apple.com@example.com/"],
        *["https://push.apple.com/a", "https://example.com/.push.apple.com/a"],
        *["https://user@fcm.googleapis.com/a", "https://fcm.googleapis.com:8443/a"],
        *["https://fcm.googleapis.com/a\n", "https://fcm.googleapis.com/\u20ac", None],
        *["http://127.0.0.1.example.com:9000/a", "http://169.254.169.254/latest/meta-data"],
        "https://fcm.googleapis.com/" + "a" * 1001,
    ]
    (accepted if stage == "local" else rejected).append("http://127.0.0.1:9000/push/1")
    monkeypatch.setenv("STAGE", stage)
    for endpoint in accepted:
        assert PushEndpoint.parse(endpoint) == endpoint
    for endpoint in rejected:
        with pytest.raises(ValueError, match="must be an https URL of a browser's push service"):
            PushEndpoint.parse(endpoint)


def test_a_subscription_lasts_until_the_customer_knows(api: Api, cloud: Cloud) -> None:
    """The notifier tells a customer that the shop has cancelled."""
    # A change, the endpoint after it, and the answer to another subscription.
    steps: list[tuple[Callable[[], HTTPResponse], str | None, int]] = [
        (lambda: api.place(""), None, 200),
        (lambda: api.place("", quantity="2"), None, 200),
        (lambda: api.set_status("preparing"), _ENDPOINT, 200),
        (lambda: api.set_status("ready"), _ENDPOINT, 409),
        (lambda: api.set_status("collected"), None, 409),
        (lambda: api.place(""), None, 200),
        (api.cancel, None, 409),
        (lambda: api.place(""), None, 200),
        (lambda: api.set_status("cancelled"), _ENDPOINT, 409),
    ]
    for change, endpoint, status_code in steps:
        change()
        assert stored_endpoint(api, cloud) == endpoint
        order = api.get()
        assert subscribe(api).status_code == status_code
        assert api.get() == order  # no response has the endpoint, and the version stays
