"""The requests and responses of each route, for the OpenAPI document.

Tests compare every response with the document.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib import page
from chalicelib.messages import (
    ListQuery,
    OrderListResponse,
    OrderResponse,
    PlaceOrderRequest,
    PublishShopRequest,
    ShopQuery,
    ShopResponse,
    StatusUpdateRequest,
    UpdateShopRequest,
)
from chalicelib.orders import Key


class Operation(NamedTuple):
    """A route's requests and responses: a type for JSON, or the media types of a file."""

    responses: Mapping[int, type | tuple[str, ...]]
    errors: tuple[int, ...]
    query: type | None = None
    body: type | None = None
    path: Mapping[str, Mapping[str, Any]] = {}
    headers: Mapping[int, Mapping[str, str]] = {}
    request_headers: Mapping[str, str] = {}


_ETAG = {"ETag": "Send it in `If-None-Match`. The response is 304 if nothing has changed."}
_FILE_HEADERS = {200: _ETAG, 304: _ETAG}
_SHOP_ETAG = {"ETag": "Send it in `If-Match` to publish only over the menu that you have read."}
_ORDER_ETAG = {"ETag": "The order's `version` in double quotes."}
_IF_MATCH = {
    "If-Match": "The ETag of the order as you read it. If it has changed since, the response is 412"
    " and nothing changes. PATCH needs it for a step back."
}
_REPLACE = {
    "If-Match": "The ETag of the order to replace. If it has changed since, the response is 412.",
    "If-None-Match": "`*`: there must be no open order at the key, or the response is 412.",
}
_IF_NONE_MATCH = {"If-None-Match": "An ETag that you have. The response is 304 if it is current."}
_OUTCOME = {
    "Order-Outcome": "What the request did: `placed` a new order, `replaced` an earlier order of"
    " the same customer, or left the same order `unchanged`."
}
_ALWAYS = (400, 415, 429, 503)
OPERATIONS = {
    "post_order": Operation(
        {201: OrderResponse, 200: OrderResponse},
        (*_ALWAYS, 401, 403, 409, 412, 413),
        body=PlaceOrderRequest,
        headers={
            201: {
                **_ORDER_ETAG,
                **_OUTCOME,
                "Location": "The order's URL, relative to the request's.",
            },
            200: {**_ORDER_ETAG, **_OUTCOME},
        },
        request_headers=_REPLACE,
    ),
    "get_order": Operation(
        {200: OrderResponse, 304: ()},
        (*_ALWAYS, 404, 412),
        query=Key,
        headers={200: _ORDER_ETAG, 304: _ORDER_ETAG},
        request_headers=_IF_NONE_MATCH,
    ),
    "delete_order": Operation(
        {200: OrderResponse},
        (*_ALWAYS, 401, 403, 404, 409, 412),
        query=Key,
        headers={200: _ORDER_ETAG},
        request_headers=_IF_MATCH,
    ),
    "patch_order": Operation(
        {200: OrderResponse},
        (*_ALWAYS, 401, 403, 404, 409, 412, 413),
        query=Key,
        body=StatusUpdateRequest,
        headers={200: _ORDER_ETAG},
        request_headers=_IF_MATCH,
    ),
    "list_orders": Operation({200: OrderListResponse}, (*_ALWAYS, 401, 403), query=ListQuery),
    "get_shop": Operation(
        {200: ShopResponse, 304: ()},
        (*_ALWAYS, 404, 412),
        query=ShopQuery,
        headers={200: _SHOP_ETAG, 304: _SHOP_ETAG},
        request_headers=_IF_NONE_MATCH,
    ),
    "put_shop": Operation(
        {201: ShopResponse, 200: ShopResponse},
        (*_ALWAYS, 401, 403, 409, 412, 413),
        query=ShopQuery,
        body=PublishShopRequest,
        headers={201: _SHOP_ETAG, 200: _SHOP_ETAG},
        request_headers={
            "If-Match": "The ETag of the shop as you read it. If somebody has published another"
            " menu since, the response is 412 and nothing changes."
        },
    ),
    "patch_shop": Operation(
        {200: ShopResponse},
        (*_ALWAYS, 401, 403, 404, 409, 413),
        query=ShopQuery,
        body=UpdateShopRequest,
        headers={200: _SHOP_ETAG},
    ),
    "get_shop_qr": Operation({200: ("image/svg+xml",)}, (400, 415), query=ShopQuery),
    "get_openapi": Operation({200: dict}, (415,)),
    "get_page": Operation({200: ("text/html",), 304: ()}, (400, 412, 415), headers=_FILE_HEADERS),
    "get_static": Operation(
        {200: ("image/svg+xml", "text/css", "text/javascript"), 304: ()},
        (400, 404, 412, 415),
        path={"version": {"type": "string"}, "name": {"enum": page.names()}},
        headers=_FILE_HEADERS,
    ),
}
# The headers of errors, for every operation.
_RETRY_AFTER = {"Retry-After": "The seconds to wait before the next attempt."}
HEADERS = {429: _RETRY_AFTER, 503: _RETRY_AFTER}
# Links from a new order to its operations.
LINKS: dict[tuple[type, int], Any] = {
    (OrderResponse, 201): {
        operation: {
            "operationId": operation,
            "parameters": {name: f"$response.body#/order/{name}" for name in Key.__struct_fields__},
        }
        for operation in ("get_order", "delete_order", "patch_order")
    }
}
# The first order of the notebook.
EXAMPLE = {
    "order": {
        "accountid": "a0",
        "vendorid": "v0",
        "orderdate": "2026-03-01 08:30:00.123456",
        "details": {
            "coffeetype": "Short Black",
            "coffeesize": "Small",
            "unitprice": "4.5",
            "quantity": "1",
        },
    }
}
_PLACED = {
    **EXAMPLE["order"],
    "status": "placed",
    "since": "2026-03-01T08:30:01.234567+00:00",
    "version": "3f0c4d1e5b6a7980",
}
_SMALL = {"coffeesize": "Small", "unitprice": "4.50"}
EXAMPLES: dict[type, Any] = {
    PlaceOrderRequest: EXAMPLE,
    StatusUpdateRequest: {"status": "preparing"},
    OrderResponse: {"order": _PLACED},
    OrderListResponse: {"orders": [_PLACED]},
    PublishShopRequest: {
        "shop": {
            "name": "Harbour Coffee",
            "currency": "EUR",
            "menu": [{"coffeetype": "Flat White", "sizes": [_SMALL]}],
        }
    },
    UpdateShopRequest: {"open": False, "note": "Back at 2", "soldout": ["Flat White"]},
    ShopResponse: {
        "shop": {
            "vendorid": "harbour",
            "name": "Harbour Coffee",
            "currency": "EUR",
            "open": True,
            "note": "",
            "menu": [{"coffeetype": "Flat White", "soldout": False, "sizes": [_SMALL]}],
        }
    },
}

# Schemas of errors.
ERROR = {
    "type": "object",
    "description": "An error response of the service.",
    "properties": {
        "Code": {"type": "string"},
        "Message": {"type": "string", "description": "Names the field, or says what to do."},
    },
    "required": ["Code", "Message"],
    "additionalProperties": False,
    "example": {
        "Code": "BadRequestError",
        "Message": "order.details.quantity: must be a whole number from 1 to 1000",
    },
}
GATEWAY_ERROR = {
    "type": "object",
    "description": "An error response of API Gateway. The service did not receive the request.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
    "example": {"message": "Unauthorized"},
}
ID_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The IdToken of a login with Cognito; the word `Bearer` may be left out.",
}
