"""An order as text, put through the rules: what comes back, or in which words it is refused."""

import json
from typing import Any, TypeVar

import msgspec
import pytest
from chalice.app import MultiDict

from chalicelib import messages
from chalicelib.errors import BadRequestError
from chalicelib.orders import PlacedOrder, RequestedOrder
from chalicelib.shops import accept

_T = TypeVar("_T")


def answer_to(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what comes back for an order of these fields."""
    accepted = accept(parsed(json.dumps({"order": fields})), None)
    placed = PlacedOrder(**msgspec.structs.asdict(accepted), status="placed")
    back: dict[str, Any] = json.loads(messages.to_json(messages.OrderResponse(placed)))["order"]
    assert back.pop("status") == "placed"
    return back


def parsed(text: str) -> RequestedOrder:
    """Return the order of a body that is accepted."""
    return messages.parse(text.encode(), messages.PlaceOrderRequest).order


def query(fields: dict[str, str], kind: type[_T]) -> _T:
    """Return the query with these parameters, each given once."""
    return messages.read_query(MultiDict({name: [value] for name, value in fields.items()}), kind)


def refusal(text: str) -> str:
    """Return what is said of a body that is not."""
    with pytest.raises(BadRequestError) as error:
        parsed(text)
    return str(error.value)


def refusal_of(fields: dict[str, Any]) -> str:
    """Return what is said of an order of these fields."""
    return refusal(json.dumps({"order": fields}))
