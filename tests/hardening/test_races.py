"""Of many requests that name the same version, over HTTP, exactly one changes the order or shop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import pytest
import requests

from tests.conftest import AddToReport
from tests.hardening.target import Target, expect_status
from tests.samples import order, shop_content

_PROMISE = "Nobody changes an order that they have not seen"
_RACERS = 12
_FIRST = {"If-None-Match": "*"}
_numbers = count()

Send = Callable[[int], requests.Response]


def race(send: Send) -> list[requests.Response]:
    """Send twelve requests at once; return the response of the winner, and the others."""
    with ThreadPoolExecutor(_RACERS) as pool:
        responses = list(pool.map(send, range(_RACERS)))
    winner, *others = sorted(responses, key=lambda response: response.status_code)
    expect_status(winner, 200, 201)
    for response in others:
        expect_status(response, 412)
    return [winner, *others]


class Order:
    """An order of a customer, at a vendor with one member of staff."""

    def __init__(self, target: Target) -> None:
        self.key = {"accountid": f"racer {next(_numbers)}", "vendorid": f"races {next(_numbers)}"}
        self._target, self._customer = target, target.sign_in()
        self._barista = target.sign_in(self.key["vendorid"])

    def change(self, action: str, headers: Any = None, number: int = 0) -> requests.Response:
        """Place or cancel it as the customer, or give it a status as the barista."""
        send, key = self._target.request, self.key
        if action == "place":
            body = {"order": order(**key, orderdate="", coffeetype=f"Latte {number}")}
            return send("POST", "/order", self._customer, body, headers)
        if action == "cancel":
            return send("DELETE", "/order", self._customer, None, headers, **key)
        return send("PATCH", "/order", self._barista, {"status": action}, headers, **key)


@pytest.mark.parametrize(
    ("earlier", "racing"),
    [
        ([], ["place"]),
        (["place"], ["place"]),
        (["place"], ["preparing"]),
        (["place", "preparing", "ready", "collected"], ["ready"]),
        (["place"], ["place", "cancel", "preparing"]),
    ],
    ids=["first orders", "corrections", "baristas", "steps back", "customer and barista"],
)
def test_one_of_12_changes_of_an_order_wins(
    target: Target, earlier: list[str], racing: list[str], add_to_report: AddToReport
) -> None:
    order, headers = Order(target), _FIRST
    for action in earlier:
        version = order.change(action).json()["order"]["version"]
        headers = {"If-Match": f'"{version}"'}
    winner, *others = race(lambda n: order.change(racing[n % len(racing)], headers, n))
    stored = target.request("GET", "/order", **order.key).json()["order"]
    assert winner.json() == {"order": stored}
    details = stored["details"]
    now = f"{details['quantity']} x {details['coffeesize']} {details['coffeetype']}"
    messages = {response.json()["Message"] for response in others}
    assert messages == {f"The order is now {now}, {stored['status']}"}
    add_to_report(_PROMISE, f"changes of an order with one ETag, {target.name}", _RACERS)


def test_one_of_12_changes_of_a_shop_wins(target: Target, add_to_report: AddToReport) -> None:
    vendorid = f"races {next(_numbers)}"
    barista = target.sign_in(vendorid)

    def publish(name: str, headers: Any, number: int) -> requests.Response:
        body = {"shop": shop_content(f"{name} {number}")}
        return target.request("PUT", "/shop", barista, body, headers, vendorid=vendorid)

    def close(headers: Any, number: int) -> requests.Response:
        body = {"open": False, "note": f"Note {number}"}
        return target.request("PATCH", "/shop", barista, body, headers, vendorid=vendorid)

    changes: list[Callable[[Any, int], requests.Response]] = [
        partial(publish, "First"),
        partial(publish, "Edited"),  # the same content would not change the ETag
        close,
    ]
    headers = _FIRST
    for change in changes:
        winner, *_ = race(partial(change, headers))
        headers = {"If-Match": winner.headers["ETag"]}
    add_to_report(_PROMISE, f"changes of a shop with one ETag, {target.name}", 3 * _RACERS)
