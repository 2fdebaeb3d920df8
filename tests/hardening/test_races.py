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

    def place(self, headers: Any, number: int = 0) -> requests.Response:
        body = {"order": order(**self.key, orderdate="", coffeetype=f"Latte {number}")}
        return self._target.request("POST", "/order", self._customer, body, headers)

    def advance(self, status: str, headers: Any = None, _: int = 0) -> requests.Response:
        body = {"status": status}
        return self._target.request("PATCH", "/order", self._barista, body, headers, **self.key)

    def cancel(self, headers: Any, _: int = 0) -> requests.Response:
        return self._target.request("DELETE", "/order", self._customer, None, headers, **self.key)


@pytest.mark.parametrize(
    ("statuses", "racers"),
    [
        (None, lambda order, version: [partial(order.place, version)]),
        ((), lambda order, version: [partial(order.place, version)]),
        ((), lambda order, version: [partial(order.advance, "preparing", version)]),
        (
            ("preparing", "ready", "collected"),
            lambda order, version: [partial(order.advance, "ready", version)],
        ),
        (
            (),
            lambda order, version: [
                partial(order.place, version),
                partial(order.cancel, version),
                partial(order.advance, "preparing", version),
            ],
        ),
    ],
    ids=["first orders", "corrections", "baristas", "steps back", "customer and barista"],
)
def test_one_of_12_changes_of_an_order_wins(
    target: Target,
    statuses: tuple[str, ...] | None,
    racers: Callable[[Order, Any], list[Send]],
    add_to_report: AddToReport,
) -> None:
    order, version = Order(target), _FIRST
    if statuses is not None:
        placed = order.place(None)
        responses = [placed, *[order.advance(status) for status in statuses]]
        version = {"If-Match": f'"{responses[-1].json()["order"]["version"]}"'}
    sends = racers(order, version)
    winner, *others = race(lambda number: sends[number % len(sends)](number))
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
