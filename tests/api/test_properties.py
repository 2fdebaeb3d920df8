"""Random requests: accepted orders are returned as sent, rejected ones change nothing."""

from typing import Any

import pytest

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer
from tests.properties import given, settings, st
from tests.samples import order_response

_TEXT = st.text(max_size=140) | st.sampled_from(["a0", "v0", " a", "a\n", "\x00", "☕", "é" * 128])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(_TEXT, children, max_size=3),
    max_leaves=6,
)
_PRICES = st.decimals(-1, 100_001, places=4).map(str) | st.floats(-1, 100_001) | st.integers(-1, 9)
_QUANTITIES = st.integers(-1, 1001) | st.integers(-1, 1001).map(str)
_DATES = st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(str) | _TEXT


def usually(valid: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw from `valid` four times of five, and else any JSON."""
    return st.one_of(valid, valid, valid, valid, _JSON)


_DETAILS = {
    "coffeetype": usually(_TEXT),
    "coffeesize": usually(_TEXT),
    "unitprice": usually(_PRICES),
    "quantity": usually(_QUANTITIES),
}
_ORDERS = st.fixed_dictionaries(
    {
        "accountid": usually(_TEXT),
        "vendorid": usually(_TEXT),
        "details": usually(st.fixed_dictionaries(_DETAILS)),
    },
    optional={"orderdate": usually(_DATES)},
)


def delete_orders(cloud: Cloud) -> int:
    """Delete all orders; return how many there were."""
    items = cloud.dynamodb.scan(TableName="orders", ConsistentRead=True)["Items"]
    for item in items:
        key = {name: item[name] for name in ("accountid", "vendorid")}
        cloud.dynamodb.delete_item(TableName="orders", Key=key)
    return len(items)


@pytest.fixture(scope="module", autouse=True)
def _empty_table(cloud: Cloud) -> None:
    delete_orders(cloud)


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


@settings(max_examples=300)
@given(body=_ORDERS)
def test_random_order_is_returned_as_sent_or_rejected(
    cloud: Cloud, send: Send, signed_in_customer: Customer, body: dict[str, Any]
) -> None:
    response = send("POST", "/order", signed_in_customer, body={"order": body})
    if response.status_code in {200, 201}:
        assert_returned_as_sent(body, response.json_body["order"])
        key = {"accountid": body["accountid"], "vendorid": body["vendorid"]}
        assert send("GET", "/order", **key).json_body == response.json_body
        assert delete_orders(cloud) == 1
    else:
        assert response.status_code == 400
        assert response.json_body["Message"]
        assert delete_orders(cloud) == 0
