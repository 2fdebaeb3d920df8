"""Whatever staff send, their shop can be read, and accepts orders or gives a reason."""

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest

from tests.api.conftest import Send
from tests.fixtures import Customer
from tests.properties import given, settings, st
from tests.samples import order, shop_content

_TEXT = st.text(max_size=140) | st.sampled_from([" a", "\x00", "é" * 128, "__proto__"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=5,
)
_COFFEE: list[str | int] = ["shop", "menu", 0]
_PATHS = [
    *[["shop"], ["shop", "name"], ["shop", "currency"], ["shop", "menu"]],
    *[_COFFEE, [*_COFFEE, "coffeetype"], [*_COFFEE, "soldout"], [*_COFFEE, "sizes"]],
    *[[*_COFFEE, "sizes", 1, "coffeesize"], [*_COFFEE, "sizes", 1, "unitprice"]],
]


def _with_value(path: list[str | int], value: Any) -> tuple[str, Any]:
    """Return a publication in which the value at this path is another one."""
    body: Any = {"shop": shop_content()}
    *parents, last = path
    reduce(operator.getitem, parents, body)[last] = value
    return "PUT", body


_REQUESTS = st.builds(_with_value, st.sampled_from(_PATHS), _VALUES) | st.builds(
    lambda field, value: ("PATCH", {field: value}),
    st.sampled_from(["open", "note", "soldout", "name"]),
    _VALUES | st.dictionaries(st.sampled_from(["Flat White", "Latte"]), st.booleans()),
)


@pytest.fixture(scope="module")
def barista(send: Send, barista_of: Callable[[str], Customer]) -> Customer:
    barista = barista_of("random")
    body = {"shop": shop_content()}
    assert send("PUT", "/shop", barista, body=body, vendorid="random").status_code == 201
    return barista


@settings(max_examples=150)
@given(request=_REQUESTS)
def test_random_change_leaves_a_readable_shop(
    send: Send, barista: Customer, request: tuple[str, Any]
) -> None:
    method, body = request
    response = send(method, "/shop", barista, body=body, vendorid="random")
    assert response.status_code in {200, 400, 409}
    shop = send("GET", "/shop", vendorid="random")
    assert shop.status_code == 200
    if response.status_code == 200:
        assert shop.json_body["shop"].items() >= response.json_body["shop"].items()
    order_response = send("POST", "/order", barista, body={"order": order("a0", "random")})
    assert order_response.status_code in {200, 201, 409}
