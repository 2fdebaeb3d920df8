"""Of many requests that name the same version, over HTTP, exactly one changes the order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests

from tests.conftest import AddToReport
from tests.hardening.target import Target, User
from tests.samples import order

_PROMISE = "Nobody changes an order that they have not seen"
_RACERS = 12
_numbers = count()
Send = Callable[[], requests.Response]


def race(sends: list[Send]) -> list[requests.Response]:
    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(lambda send: send(), sends))


@pytest.fixture(scope="module")
def vendorid() -> str:
    return f"races {next(_numbers)}"


@pytest.fixture(scope="module")
def customer(target: Target) -> User:
    return target.sign_in()


@pytest.fixture(scope="module")
def barista(target: Target, vendorid: str) -> User:
    return target.sign_in(vendorid)


@pytest.fixture
def key(vendorid: str) -> dict[str, str]:
    return {"accountid": f"racer {next(_numbers)}", "vendorid": vendorid}


def place(target: Target, customer: User, key: dict[str, str], coffee: str, **headers: str) -> Any:
    body = {"order": order(**key, orderdate="", coffeetype=coffee)}
    return target.request("POST", "/order", customer, body, headers=headers)


def expect_one_winner(
    target: Target, key: dict[str, str], responses: list[requests.Response]
) -> None:
    """Fail unless one request has succeeded, and the others say what the order is now."""
    winner, *others = sorted(responses, key=lambda response: response.status_code)
    assert winner.ok, winner.text
    stored = target.request("GET", "/order", **key).json()["order"]
    assert winner.json() == {"order": stored}
    details = stored["details"]
    now = f"{details['quantity']} x {details['coffeesize']} {details['coffeetype']}"
    for response in others:
        assert response.status_code == 412, response.text
        assert response.json()["Message"] == f"The order is now {now}, {stored['status']}"


@pytest.mark.parametrize(
    ("statuses", "to"), [((), "preparing"), (("preparing", "ready", "collected"), "ready")]
)
def test_one_of_12_baristas_wins(
    target: Target,
    customer: User,
    barista: User,
    key: dict[str, str],
    statuses: tuple[str, ...],
    to: str,
    add_to_report: AddToReport,
) -> None:
    current = place(target, customer, key, "Mocha").json()
    for status in statuses:
        current = target.succeed("PATCH", "/order", barista, {"status": status}, **key)
    headers = {"If-Match": f'"{current["order"]["version"]}"'}

    def step() -> requests.Response:
        return target.request("PATCH", "/order", barista, {"status": to}, headers, **key)

    expect_one_winner(target, key, race([step] * _RACERS))
    add_to_report(_PROMISE, f"{_RACERS} baristas with one ETag, {target.name}", _RACERS)


def test_one_of_12_corrections_wins(target: Target, customer: User, key: dict[str, str]) -> None:
    version = place(target, customer, key, "Mocha").json()["order"]["version"]

    def correct(coffee: str) -> Send:
        return lambda: place(target, customer, key, coffee, **{"If-Match": f'"{version}"'})

    expect_one_winner(target, key, race([correct(f"Latte {n}") for n in range(_RACERS)]))


def test_one_of_12_first_orders_wins(target: Target, customer: User, key: dict[str, str]) -> None:
    def order_coffee(coffee: str) -> Send:
        return lambda: place(target, customer, key, coffee, **{"If-None-Match": "*"})

    expect_one_winner(target, key, race([order_coffee(f"Latte {n}") for n in range(_RACERS)]))


def test_customer_and_barista_do_not_undo_each_other(
    target: Target, customer: User, barista: User, key: dict[str, str]
) -> None:
    """A correction, a cancellation and a start of the same order: one of them happens."""
    version = place(target, customer, key, "Mocha").json()["order"]["version"]
    headers = {"If-Match": f'"{version}"'}
    start = {"status": "preparing"}
    sends: list[Send] = [
        lambda: place(target, customer, key, "Latte", **headers),
        lambda: target.request("DELETE", "/order", customer, headers=headers, **key),
        lambda: target.request("PATCH", "/order", barista, start, headers, **key),
    ]
    expect_one_winner(target, key, race(sends * 4))
