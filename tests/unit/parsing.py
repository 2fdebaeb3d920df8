"""Parse an order as POST /order does: return the order of the response, or the error message."""

import json
from typing import Any

import msgspec
import pytest
from chalice import BadRequestError

from chalicelib import messages
from chalicelib.orders import PlacedOrder
from chalicelib.shops import accept


def parse_body(body: str) -> dict[str, Any]:
    """Return the order of the response to a valid body."""
    requested_order = messages.parse(body.encode(), messages.PlaceOrderRequest).order
    fields = msgspec.structs.asdict(accept(requested_order, None))
    added: dict[str, Any] = {"status": "placed", "since": "now", "version": "1"}
    response = messages.OrderResponse(PlacedOrder(**fields, **added))
    order: dict[str, Any] = json.loads(messages.to_json(response))["order"]
    return {field: value for field, value in order.items() if field not in added}


def parse_order(order: dict[str, Any]) -> dict[str, Any]:
    """Return the order of the response to a valid order."""
    return parse_body(json.dumps({"order": order}))


def body_error(body: str) -> str:
    """Return the error message for an invalid body."""
    with pytest.raises(BadRequestError) as error:
        parse_body(body)
    return str(error.value)


def order_error(order: dict[str, Any]) -> str:
    """Return the error message for an invalid order."""
    return body_error(json.dumps({"order": order}))
