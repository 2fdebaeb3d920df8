"""Random requests: accepted orders are returned as sent, rejected ones change nothing."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer
from tests.samples import order_response

_TEXT = st.text(max_size=140) | st.sampled_from(["a0", "v0", " a", "a\n", "\x00", "☕", "é" * 128])
_PRICES = st.decimals(-1, 100_001, places=4).map(str) | st.floats(-1, 100_001) | st.integers(-1, 9)
_QUANTITIES = st.integers(-1, 1001) | st.integers(-1, 1001).map(str)
_DATES = st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(str)
_DETAILS = {
    "coffeetype": _TEXT,
    "coffeesize": _TEXT,
    "unitprice": _PRICES | _TEXT,
    "quantity": _QUANTITIES,
}
_ORDERS = st.fixed_dictionaries(
    {"accountid": _TEXT, "vendorid": _TEXT, "details": st.fixed_dictionaries(_DETAILS)},
    optional={"orderdate": _DATES},
)


def count_orders(cloud: Cloud) -> int:
    count: int = cloud.dynamodb.describe_table(TableName="orders")["Table"]["ItemCount"]
    return count


def assert_returned_as_sent(sent_order: dict[str, Any], returned_order: dict[str, Any]) -> None:
    """Compare an order with the response: numbers become decimal strings."""
    for field in ("unitprice", "quantity"):
        number, text = sent_order["details"][field], returned_order["details"][field]
        if not isinstance(number, str):
            assert float(text) == number
            assert "e" not in text.lower()
            sent_order["details"][field] = text
    date = {"orderdate": returned_order["orderdate"]}
    assert returned_order == order_response({**date, **sent_order})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=_ORDERS)
def test_random_order_is_returned_as_sent_or_rejected(
    cloud: Cloud, send: Send, signed_in_customer: Customer, body: dict[str, Any]
) -> None:
    count = count_orders(cloud)
    response = send("POST", "/order", signed_in_customer, body={"order": body})
    if response.status_code in {200, 201}:
        assert_returned_as_sent(body, response.json_body["order"])
        key = {"accountid": body["accountid"], "vendorid": body["vendorid"]}
        assert send("GET", "/order", **key).json_body == response.json_body
    else:
        # A repeated key may have a newer order.
        assert response.status_code in {400, 409}
        assert count_orders(cloud) == count
