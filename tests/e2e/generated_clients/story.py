"""A shop and a customer, with the client that openapi-python-client has generated.

The arguments are the API's URL and a vendor; the tokens of its staff and of a customer are in the
environment.
"""

import os
import sys

from coffee_orders import AuthenticatedClient, Client, models
from coffee_orders.api.orders import get_order, list_orders, patch_order, post_order
from coffee_orders.api.shops import get_shop, get_shop_qr, put_shop
from coffee_orders.types import UNSET, File, Unset

url, vendorid = sys.argv[1:]
anybody = Client(base_url=url)
staff = AuthenticatedClient(base_url=url, token=os.environ["STAFF_TOKEN"])
customer = AuthenticatedClient(base_url=url, token=os.environ["CUSTOMER_TOKEN"])

menu = [models.Coffee("Mocha", [models.RequestedSize("Small", "4.50")])]
content = models.PublishShopRequest(models.ShopContent("Harbour Coffee", "EUR", menu))
published = put_shop.sync(client=staff, vendorid=vendorid, body=content)
assert isinstance(published, models.ShopResponse)
found = get_shop.sync(client=anybody, vendorid=vendorid)
assert isinstance(found, models.ShopResponse)
price: str = found.shop.menu[0].sizes[0].unitprice
assert (price, found.shop.waiting) == ("4.50", 0)
qr_code = get_shop_qr.sync(client=anybody, vendorid=vendorid)
assert isinstance(qr_code, File)

for accountid in ("a", "b", "c"):
    details = models.RequestedDetails("Mocha", "Small", 2, unitprice=4.5)
    body = models.PlaceOrderRequest(models.RequestedOrder(accountid, vendorid, details))
    placed = post_order.sync(client=customer, body=body)
    assert isinstance(placed, models.OrderResponse)
    etag = f'"{placed.order.version}"'
accounts: list[str] = []
cursor: str | Unset = UNSET
while not accounts or cursor:
    page = list_orders.sync(client=customer, limit=2, cursor=cursor)
    assert isinstance(page, models.OrderListResponse)
    accounts += [order.accountid for order in page.orders]
    cursor = page.cursor
assert accounts == ["c", "b", "a"]

step = models.StatusUpdateRequest(models.Status.PREPARING)
for expected in (models.OrderResponse, models.ServiceError):  # the second time it has changed
    response = patch_order.sync(
        client=staff, accountid="c", vendorid=vendorid, body=step, if_match=etag
    )
    assert isinstance(response, expected)
changed = get_order.sync(client=anybody, accountid="c", vendorid=vendorid)
assert isinstance(changed, models.OrderResponse)
assert changed.order.since.tzinfo is not None
