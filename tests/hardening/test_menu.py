"""While the menu changes, no order is stored at a price that was on no menu in the last 5 seconds.

Staff publish another price repeatedly, and close and reopen the shop, while customers order: at
the price they see, at an old one, at a wrong one, or without one.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import requests

from tests.conftest import AddToReport
from tests.hardening.fault_proxy import FaultyTable
from tests.hardening.target import Target, User, expect_status

_SHOP = "harbour"
_CACHE_SECONDS = 5.0  # how long the service may use an older menu
_TOLERANCE = 0.2  # seconds that two clock readings may be apart on a busy machine


@dataclass
class Period:
    """A price, or "closed", and between which times it may have been valid."""

    value: str
    start: float
    end: float = float("inf")


@dataclass
class Shop:
    """The shop as its staff see it: every price that it has had, and when it was open."""

    target: Target
    barista: User
    prices: list[Period] = field(default_factory=list)
    states: list[Period] = field(default_factory=list)

    def publish(self, price: str) -> bool:
        sizes = [{"coffeesize": "Small", "unitprice": price}]
        menu = [{"coffeetype": "Flat White", "sizes": sizes}]
        body = {"shop": {"name": "Harbour", "currency": "EUR", "menu": menu}}
        return self._change("PUT", body, self.prices, price)

    def set_open(self, is_open: bool) -> bool:
        state = "open" if is_open else "closed"
        return self._change("PATCH", {"open": is_open}, self.states, state)

    def _change(self, method: str, body: Any, periods: list[Period], value: str) -> bool:
        # The value may be valid from now on, even if the request fails.
        periods.append(Period(value, time.monotonic()))
        response = self.target.request(method, "/shop", self.barista, body, vendorid=_SHOP)
        for earlier in periods[:-1] if response.ok else ():
            earlier.end = min(earlier.end, time.monotonic())
        return response.ok

    def edit(self, generator: random.Random, finished: threading.Event) -> None:
        """Change the price and the state until the orders are done."""
        for number in range(2, 10_000):
            if finished.wait(generator.uniform(0.1, 2.0)):
                return
            if generator.random() < 0.7:
                self.publish(f"{number}.00")
            else:
                self.set_open(generator.random() < 0.7)


class Attempt(NamedTuple):
    """An order, and when it was sent and answered."""

    start: float
    end: float
    response: requests.Response

    def valid_values(self, periods: list[Period]) -> set[str]:
        """Return the values that the service may have used for this order."""
        earliest = self.start - _CACHE_SECONDS - _TOLERANCE
        return {each.value for each in periods if each.start <= self.end and each.end >= earliest}


def _order(shop: Shop, customer: User, seed: int, number: int) -> Attempt:
    generator = random.Random(f"{seed}-{number}")
    details = {"coffeetype": "Flat White", "coffeesize": "Small", "quantity": "1"}
    valid_price = generator.choice(shop.prices[-3:]).value  # now, or until recently
    if price := generator.choice([valid_price] * 7 + ["0.01", "", ""]):
        details["unitprice"] = price
    body = {"order": {"accountid": f"a{number}", "vendorid": _SHOP, "details": details}}
    start = time.monotonic()
    response = shop.target.request("POST", "/order", customer, body)
    return Attempt(start, time.monotonic(), response)


def test_price_was_valid_within_5_seconds(
    faulty_target: Target,
    faulty_table: FaultyTable,
    seed: int,
    full: bool,
    add_to_report: AddToReport,
) -> None:
    shop, customer = Shop(faulty_target, faulty_target.sign_in(_SHOP)), faulty_target.sign_in()
    assert shop.publish("1.00")
    assert shop.set_open(True)
    finished, count = threading.Event(), 2_000 if full else 150
    faulty_table.enabled = True
    with ThreadPoolExecutor(9) as pool:
        editing = pool.submit(shop.edit, random.Random(seed), finished)
        attempts = list(pool.map(partial(_order, shop, customer, seed), range(count)))
        finished.set()
        editing.result()
    faulty_table.stop_faults()

    for attempt in attempts:
        expect_status(attempt.response, 200, 201, 409, 429, 503)
    accepted = [attempt for attempt in attempts if attempt.response.ok]
    assert accepted
    for attempt in accepted:
        price = attempt.response.json()["order"]["details"]["unitprice"]
        assert price in attempt.valid_values(shop.prices), (seed, attempt.start, shop.prices)
        assert "open" in attempt.valid_values(shop.states), (seed, attempt.start, shop.states)
    description = f"orders as the menu changes and tables fail; {len(accepted)} were accepted"
    add_to_report("At a shop with a menu, every order has the menu's price", description, count)
