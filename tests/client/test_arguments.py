"""Arguments that cannot be sent: nothing is sent, and the error names the argument."""

from decimal import Decimal
from typing import Any

import pytest

from coffee_client import ArgumentError, CoffeeClient, Details, Order
from tests.client.fake_service import FakeService

_HALF = "\ud83d"  # of a surrogate pair
_BAD_ETAG = "must be an ETag in straight double quotes"


def order(price: Any = "4.50", quantity: Any = "1", vendorid: str = "v0") -> Order:
    return Order("a0", vendorid, Details("Flat White", "Small", price, quantity))


@pytest.mark.parametrize(
    ("price", "quantity", "sent"),
    [
        ("4.50", "2", ["4.50", "2"]),
        (Decimal("4.50"), Decimal(2), ["4.50", "2"]),
        (Decimal("1E+3"), 2, ["1000", 2]),
    ],
)
def test_number_may_be_a_text_an_int_or_a_decimal(
    client: CoffeeClient, fake_service: FakeService, price: Any, quantity: Any, sent: list[Any]
) -> None:
    client.place(order(price, quantity))
    details = fake_service.last_body["order"]["details"]
    assert [details["unitprice"], details["quantity"]] == sent


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.place(order(4.35)), "order.details.unitprice: .* a float is not exact"),
        (lambda c: c.place(order(quantity=object())), "order.details.quantity: must be"),
        (lambda c: c.publish("v0", {"menu": [{"price": 4.5}]}), r"shop.menu\[0\].price: must be"),
        (lambda c: c.update_shop("v0", soldout={"Mocha": {1}}), "soldout.Mocha: must be"),
        (lambda c: c.place(order(vendorid=_HALF)), "order.vendorid: is not valid text"),
        (lambda c: c.get("a0", _HALF), "vendorid: is not valid text"),
        (lambda c: c.cancel("a0", "v0", if_match="\u201c1\u201d"), f"if_match: {_BAD_ETAG}"),
        (lambda c: c.advance("a0", "v0", "ready", if_match='"1\n"'), f"if_match: {_BAD_ETAG}"),
        (lambda c: c.publish("v0", {}, if_none_match=""), f"if_none_match: {_BAD_ETAG}"),
    ],
)
def test_argument_that_cannot_be_sent_is_named(
    client: CoffeeClient, fake_service: FakeService, call: Any, message: str
) -> None:
    with pytest.raises(ArgumentError, match=f"^{message}"):
        call(client)
    assert fake_service.requests == []


def test_preconditions_are_headers(client: CoffeeClient, fake_service: FakeService) -> None:
    client.place(order(), if_none_match="*")
    client.place(order(), if_match='"1a"')
    client.cancel("a0", "v0", if_match='"1a"')
    client.advance("a0", "v0", "ready", if_match='"1a"')
    headers = [request.headers for request in fake_service.requests]
    assert [header.get("If-None-Match") for header in headers] == ["*", None, None, None]
    assert [header.get("If-Match") for header in headers] == [None, '"1a"', '"1a"', '"1a"']
