"""Parse an order as POST /order does: return the order of the response, or the error message.

Both functions take an order, or the text of a body.
"""

import json
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from chalice import BadRequestError

from chalicelib import messages
from chalicelib.shops import accept


def parse(order: dict[str, Any] | str | bytes) -> dict[str, Any]:
    """Return the order of the response to a valid order."""
    body = json.dumps({"order": order}) if isinstance(order, dict) else order
    raw_body = body.encode() if isinstance(body, str) else body
    request: Any = SimpleNamespace(headers={}, raw_body=raw_body)
    parsed = messages.read_body(request, messages.PlaceOrderRequest).order
    accept(parsed, None)
    response: dict[str, Any] = json.loads(msgspec.json.encode(parsed, enc_hook=str))
    return response


def error_of(order: dict[str, Any] | str | bytes) -> str:
    """Return the error message for an invalid order."""
    with pytest.raises(BadRequestError) as error:
        parse(order)
    return str(error.value)
