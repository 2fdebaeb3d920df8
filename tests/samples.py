"""The notebook's order with variations, and other values that several tests use."""

import re
from collections.abc import Collection
from typing import Any

from local.service import LocalStack

PASSWORD = "Pa$$word1"  # from the notebook
ORDER_DATE = "2026-03-01 08:30:00.123456"
LOCAL_STACK = LocalStack(
    api_url="http://127.0.0.1:8000",
    region="ap-southeast-2",
    aws_endpoint_url="http://127.0.0.1:4566",
    user_pool_id="pool",
    client_id="client",
    variables={},
)

# The headers of API Gateway's own errors, by gateway response type, as its API names them.
_ERROR_HEADERS = {
    "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
    "gatewayresponse.header.Cache-Control": "'no-store'",
    "gatewayresponse.header.Strict-Transport-Security": "'max-age=63072000'",
    "gatewayresponse.header.X-Content-Type-Options": "'nosniff'",
}
GATEWAY_ERROR_HEADERS = {
    "DEFAULT_4XX": _ERROR_HEADERS,
    "DEFAULT_5XX": _ERROR_HEADERS,
    "UNAUTHORIZED": {**_ERROR_HEADERS, "gatewayresponse.header.WWW-Authenticate": "'Bearer'"},
    "THROTTLED": {
        **_ERROR_HEADERS,
        "gatewayresponse.header.Access-Control-Expose-Headers": "'Retry-After'",
        "gatewayresponse.header.Retry-After": "'1'",
    },
}


def order(
    accountid: str = "a0", vendorid: str = "v0", *, orderdate: str = ORDER_DATE, **details: Any
) -> dict[str, Any]:
    """Return a valid order; without a date if it is empty. `details` overrides its details."""
    return {
        "accountid": accountid,
        "vendorid": vendorid,
        **({"orderdate": orderdate} if orderdate else {}),
        "details": {
            "coffeetype": "Short Black",
            "coffeesize": "Small",
            "unitprice": "4.5",
            "quantity": "1",
            **details,
        },
    }


class _Sample(str):
    """A time or a version: it equals every text with hexadecimal digits in the same places."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _shape(other) == _shape(self)

    __hash__ = str.__hash__


def _shape(text: str) -> str:
    return re.sub("[0-9a-f]", "0", text)


def order_response(order: dict[str, Any], status: str = "placed", **fields: str) -> dict[str, Any]:
    """Return an order as the service returns it."""
    since, version = _Sample("2026-03-01T08:30:01.234567+00:00"), _Sample("3f0c4d1e5b6a7980")
    return {**order, "status": status, "since": since, "version": version, **fields}


def placed_order(accountid: str = "a0", vendorid: str = "v0", **details: Any) -> dict[str, Any]:
    """Return a valid order as the service returns it when it is placed."""
    return order_response(order(accountid, vendorid, **details))


def shop_content(name: str = "Harbour Coffee") -> dict[str, Any]:
    """Return the content of a shop, as its staff publish it."""
    flat_white = [
        {"coffeesize": "Small", "unitprice": "4.50"},
        {"coffeesize": "Large", "unitprice": "5.20"},
    ]
    mocha = [{"coffeesize": "Small", "unitprice": "5"}]
    menu = [
        {"coffeetype": "Flat White", "sizes": flat_white},
        {"coffeetype": "Mocha", "sizes": mocha},
    ]
    return {"name": name, "currency": "EUR", "menu": menu}


def shop_response(vendorid: str, soldout: Collection[str] = (), **changes: Any) -> dict[str, Any]:
    """Return the shop of `shop_content` as the service returns it."""
    content = shop_content()
    menu = [{**coffee, "soldout": coffee["coffeetype"] in soldout} for coffee in content["menu"]]
    shop = {**content, "vendorid": vendorid, "open": True, "note": "", "menu": menu}
    return {**shop, **changes}


def with_field(path: str, value: Any) -> dict[str, Any]:
    """Return a valid order, except for this value of the field at `path`."""
    changed_order = order()
    *parents, name = path.split(".")
    (changed_order[parents[0]] if parents else changed_order)[name] = value
    return changed_order
