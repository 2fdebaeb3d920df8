"""A shop and a customer, with the client that openapi-python-client has generated.

The arguments are the API's URL and a vendor; the tokens of its staff and of a customer are in the
environment.
"""

import os
import sys

from coffee_orders import AuthenticatedClient, Client
from coffee_orders.api.orders import get_order, list_orders, patch_order, post_order
from coffee_orders.api.shops import get_shop, get_shop_qr, put_shop
from coffee_orders.models import (
    Coffee,
    OrderListResponse,
    OrderResponse,
    PlaceOrderRequest,
    PublishShopRequest,
    RequestedDetails,
    RequestedOrder,
    RequestedSize,
    ServiceError,
    ShopContent,
    ShopResponse,
    Status,
    StatusUpdateRequest,
)
from coffee_orders.types import UNSET, File, Unset

url, vendorid = sys.argv[1:]
anybody = Client(base_url=url)
staff = AuthenticatedClient(base_url=url, token=os.environ["STAFF_TOKEN"])
customer = AuthenticatedClient(base_url=url, token=os.environ["CUSTOMER_TOKEN"])

menu = [Coffee("Mocha", [RequestedSize("Small", "4.50")])]
content = PublishShopRequest(ShopContent("Harbour Coffee", "EUR", menu))
assert isinstance(put_shop.sync(client=staff, vendorid=vendorid, body=content), ShopResponse)
found = get_shop.sync(client=anybody, vendorid=vendorid)
assert isinstance(found, ShopResponse)
price: str = found.shop.menu[0].sizes[0].unitprice
assert (price, found.shop.waiting) == ("4.50", 0)
qr_code = get_shop_qr.sync(client=anybody, vendorid=vendorid)
assert isinstance(qr_code, File)
assert qr_code.payload.read().startswith(b"<svg")

for accountid in ("a", "b", "c"):
    details = RequestedDetails("Mocha", "Small", 2, unitprice=4.5)
    body = PlaceOrderRequest(RequestedOrder(accountid, vendorid, details))
    placed = post_order.sync(client=customer, body=body)
    assert isinstance(placed, OrderResponse)
    assert (placed.order.details.unitprice, placed.order.details.quantity) == ("4.5", "2")
    etag = f'"{placed.order.version}"'
pages = 0
cursor: str | Unset = UNSET
while pages == 0 or not isinstance(cursor, Unset):
    page = list_orders.sync(client=customer, limit=2, cursor=cursor)
    assert isinstance(page, OrderListResponse)
    pages, cursor = pages + 1, page.cursor
assert pages == 2

for expected in (OrderResponse, ServiceError):  # the second time the order has changed
    response = patch_order.sync(
        client=staff,
        accountid="c",
        vendorid=vendorid,
        body=StatusUpdateRequest(Status.PREPARING),
        if_match=etag,
    )
    assert isinstance(response, expected)
changed = get_order.sync(client=anybody, accountid="c", vendorid=vendorid)
assert isinstance(changed, OrderResponse)
assert changed.order.since.tzinfo is not None
