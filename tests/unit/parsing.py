"""Parse an order as POST /order does: return the answer's order, or the error's message."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib import messages
from chalicelib.errors import BadRequestError
from chalicelib.orders import PlacedOrder, RequestedOrder
from chalicelib.shops import accept


def parsed(body: str) -> RequestedOrder:
    """Return the order of a valid body."""
    return messages.parse(body.encode(), messages.PlaceOrderRequest).order


def answered(order: dict[str, Any]) -> dict[str, Any]:
    """Return the order of the answer to a valid order."""
    accepted = accept(parsed(json.dumps({"order": order})), None)
    placed = PlacedOrder(**msgspec.structs.asdict(accepted), status="placed")
    answer: dict[str, Any] = json.loads(messages.to_json(messages.OrderResponse(placed)))["order"]
    assert answer.pop("status") == "placed"
    return answer


def body_error(body: str) -> str:
    """Return the error message for an invalid body."""
    with pytest.raises(BadRequestError) as error:
        parsed(body)
    return str(error.value)


def order_error(order: dict[str, Any]) -> str:
    """Return the error message for an invalid order."""
    return body_error(json.dumps({"order": order}))
