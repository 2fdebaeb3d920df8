"""Parse an order as POST /order does: return the order of the response, or the error message."""

import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from chalice import BadRequestError

from chalicelib import messages
from chalicelib.orders import RequestedOrder
from chalicelib.shops import accept


def request_order(body: bytes) -> RequestedOrder:
    """Return the order of a request with this body."""
    request: Any = SimpleNamespace(headers={}, raw_body=body)
    return messages.read_body(request, messages.PlaceOrderRequest).order


def parse_body(body: str) -> dict[str, Any]:
    """Return the order of a valid body, as a response has it."""
    order = request_order(body.encode())
    accept(order, None)
    parsed: dict[str, Any] = json.loads(msgspec.json.encode(order, enc_hook=str))
    return parsed


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
