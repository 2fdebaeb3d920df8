"""While the menu changes, no order is stored at a price that was on no menu in the last 5 seconds.

Staff publish another price again and again, and close and reopen the shop, while customers order:
at the price they see, at an old one, at a wrong one, or without one.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from coffee_client import Session
from tests.conftest import Tried
from tests.hardening.people import signed_in
from tests.hardening.test_faults import Starved, seed, starved
from tests.hardening.traffic import BARISTA

__all__ = ["seed", "starved"]

_SHOP = "harbour"
_KNOWN_FOR = 5.0  # seconds that the service may go by an older menu
_CLOCKS = 0.2  # seconds that two readings may be apart on a busy machine


@dataclass
class Period:
    """A price, or "closed", and between which times it may have been in force."""

    value: str
    start: float
    end: float = float("inf")


@dataclass
class Shop:
    """The shop as its staff see it: every price that it has had, and when it was open."""

    api_url: str
    staff: Session
    prices: list[Period] = field(default_factory=list)
    states: list[Period] = field(default_factory=list)

    def publish(self, price: str) -> bool:
        sizes = [{"coffeesize": "Small", "unitprice": price}]
        menu = [{"coffeetype": "Flat White", "sizes": sizes}]
        body = {"shop": {"name": "Harbour", "currency": "EUR", "menu": menu}}
        return self._note("PUT", body, self.prices, price)

    def set_open(self, is_open: bool) -> bool:
        state = "open" if is_open else "closed"
        return self._note("PATCH", {"open": is_open}, self.states, state)

    def _note(self, method: str, body: Any, periods: list[Period], value: str) -> bool:
        start = time.monotonic()
        new = Period(value, start)
        periods.append(new)  # it may be in force from now on, also if the request fails
        answer = requests.request(
            method,
            f"{self.api_url}/shop",
            params={"vendorid": _SHOP},
            json=body,
            headers={"Authorization": self.staff.id_token()},
            timeout=60,
        )
        if answer.ok:  # then every other has ended
            end = time.monotonic()
            for period in periods:
                if period is not new:
                    period.end = min(period.end, end)
        return answer.ok


def _in_force(periods: list[Period], start: float, end: float) -> set[str]:
    since = start - _KNOWN_FOR - _CLOCKS
    return {each.value for each in periods if each.start <= end and each.end >= since}


@pytest.mark.slow
def test_orders_keep_to_a_menu_of_the_last_seconds(
    starved: Starved, seed: int, full: bool, tried: Tried
) -> None:
    stack, table = starved.stack, starved.table
    people = signed_in(starved.cloud, stack.user_pool_id, stack.client_id, [_SHOP])
    shop = Shop(stack.api_url, people[BARISTA])
    assert shop.publish("1.00")
    assert shop.set_open(True)
    done = threading.Event()
    table.calm = False

    def edit() -> None:
        dice = random.Random(seed)
        for number in range(2, 10_000):
            if done.wait(dice.uniform(0.1, 2.0)):
                return
            if dice.random() < 0.7:
                shop.publish(f"{number}.00")
            else:
                shop.set_open(dice.random() < 0.7)

    def order(number: int) -> tuple[float, float, requests.Response]:
        dice = random.Random(f"{seed}-{number}")
        details = {"coffeetype": "Flat White", "coffeesize": "Small", "quantity": "1"}
        choice = dice.random()
        if choice < 0.7:  # a price that is in force, or was a moment ago
            details["unitprice"] = dice.choice(shop.prices[-3:]).value
        elif choice < 0.8:
            details["unitprice"] = "0.01"
        sent = {"accountid": f"a{number}", "vendorid": _SHOP, "details": details}
        start = time.monotonic()
        answer = requests.post(
            f"{stack.api_url}/order",
            json={"order": sent},
            headers={"Authorization": people["dated"].id_token()},
            timeout=60,
        )
        return start, time.monotonic(), answer

    with ThreadPoolExecutor(9) as pool:
        editing = pool.submit(edit)
        answers = list(pool.map(order, range(2_000 if full else 150)))
        done.set()
        editing.result()
    table.calm_down()
    accepted = 0
    for start, end, answer in answers:
        assert answer.status_code in {200, 201, 409, 429, 503}
        if answer.ok:
            accepted += 1
            price = answer.json()["order"]["details"]["unitprice"]
            assert price in _in_force(shop.prices, start, end), (seed, start, shop.prices)
            assert "open" in _in_force(shop.states, start, end), (seed, start, shop.states)
    assert accepted
    how = f"orders while the menu changes and the tables fail; {accepted} were accepted"
    tried("Orders keep to the menu", how, len(answers))
