"""Random traffic of customers and staff, with a history of requests and responses.

There are three kinds of customers: their orders have a date with an offset, a date without one (as
in the notebook), or none. They retry failed and old orders, and try to change each other's. Some
requests name the version that their sender has seen last, which may be old.
"""

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from tests.hardening.one_order import BACK
from tests.hardening.request import Key, Request
from tests.hardening.target import Target, User

_ZONES = [timezone(timedelta(hours=hours)) for hours in (0, 5.5, -11)]
DATES: dict[str, Callable[[], str | None]] = {
    "dated": lambda: datetime.now(random.choice(_ZONES)).isoformat(),
    "notebook": lambda: str(datetime.now()),
    "undated": lambda: None,
}
BARISTA = "barista"
_WEIGHTS = {
    **{"order": 24, "repeat_order": 14, "correct_order": 3, "look_up": 26},
    **{"change_status": 18, "step_back": 5, "cancel": 7, "list_own": 4, "list_queue": 4},
}


def sign_in_users(target: Target, *vendors: str) -> dict[str, User]:
    """Sign in a customer of each kind, and staff of all vendors. Return them by name."""
    return {kind: target.sign_in() for kind in DATES} | {BARISTA: target.sign_in(*vendors)}


@dataclass
class Traffic:
    """Traffic on the service at `api_url`. `history` has all requests so far."""

    api_url: str
    users: dict[str, User]  # of sign_in_users
    keys: list[Key]
    history: list[Request] = field(default_factory=list)
    http: requests.Session = field(default_factory=requests.Session)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    orders: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by customer
    seen: dict[Key, dict[str, Any]] = field(default_factory=dict)  # the order in the last response

    def run(self, seed: int, workers: int, *, count: int, per_second: float = math.inf) -> None:
        """Let workers send this many random requests, at most so many per second."""
        start = time.monotonic()

        def send(number: int) -> None:
            time.sleep(max(0, start + number / per_second - time.monotonic()))
            _Worker(self, random.Random(f"{seed}-{number}")).send_random()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(send, range(count)))

    def look_up_all(self) -> None:
        """Look up every order, so that its history ends with its final state."""
        worker = _Worker(self, random.Random(0))
        for key in self.keys:
            worker.request("GET", BARISTA, key)


class _Worker:
    """Sends a random request, and records it in the history."""

    def __init__(self, traffic: Traffic, generator: random.Random) -> None:
        self._traffic, self._random = traffic, generator

    def send_random(self) -> None:
        (action,) = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        getattr(self, action)(self._random.choice(self._traffic.keys))

    def order(self, key: Key) -> None:
        customer = self._customer(key)
        self._post(customer, self._new_order(key, DATES[customer]()))

    def repeat_order(self, key: Key) -> None:
        customer = self._customer(key)
        if orders := self._traffic.orders.get(customer):
            self._post(customer, self._random.choice(orders[-40:]))

    def correct_order(self, key: Key) -> None:
        customer = self._customer(key)
        if orders := self._traffic.orders.get(customer):
            latest = orders[-1]
            key = latest["accountid"], latest["vendorid"]
            self._post(customer, self._new_order(key, latest.get("orderdate")))

    def look_up(self, key: Key) -> None:
        self.request("GET", self._customer(key), key)

    def cancel(self, key: Key) -> None:
        self.request("DELETE", self._customer(key), key, if_match=self._seen_version(key))

    def change_status(self, key: Key) -> None:
        statuses, weights = ("preparing", "ready", "collected", "cancelled"), (4, 4, 4, 1)
        (status,) = self._random.choices(statuses, weights)
        if_match = self._seen_version(key)
        self.request("PATCH", BARISTA, key, if_match=if_match, status=status)

    def step_back(self, key: Key) -> None:
        seen = self._traffic.seen.get(key)
        if seen and seen["status"] in BACK:
            status, if_match = BACK[seen["status"]], seen["version"]
            self.request("PATCH", BARISTA, key, if_match=if_match, status=status)

    def list_own(self, key: Key) -> None:
        self.request("LIST", self._customer(key), ("", ""))

    def list_queue(self, key: Key) -> None:
        self.request("QUEUE", BARISTA, ("", key[1]))

    def _seen_version(self, key: Key) -> str | None:
        """Return the version that was seen last, for two requests of five."""
        seen = self._traffic.seen.get(key)
        return seen["version"] if seen and self._random.random() < 0.4 else None

    def request(
        self,
        method: Any,
        user: str,
        key: Key,
        *,
        if_match: str | None = None,
        if_none_match: bool = False,
        **body: Any,
    ) -> Request:
        """Send a request with an `order`, a `status` or no body. Record it with its response."""
        preconditions = {
            "If-Match": if_match and f'"{if_match}"',
            "If-None-Match": "*" if if_none_match else None,
        }
        query = {"accountid": key[0] or None, "vendorid": key[1] or None}  # None is left out
        verb, path = ("GET", "orders") if method in {"LIST", "QUEUE"} else (method, "order")
        start = time.time_ns()
        response = self._traffic.http.request(
            verb,
            f"{self._traffic.api_url}/{path}",
            params={} if "order" in body else query,
            json=body or None,
            headers={"Authorization": self._traffic.users[user].id_token, **preconditions},
            timeout=60,
        )
        end = time.time_ns()
        content: dict[str, Any] = response.json()
        request = Request(
            *(method, user, key, start, end, response.status_code),
            sent_order=body.get("order"),
            new_status=body.get("status"),
            if_match=if_match,
            if_none_match=if_none_match,
            orders=[content["order"]] if "order" in content else content.get("orders", []),
            message=str(content.get("Message", "")),
            retry_after=response.headers.get("Retry-After"),
        )
        self._traffic.history.append(request)
        self._traffic.seen |= {
            (order["accountid"], order["vendorid"]): order for order in request.orders
        }
        return request

    def _customer(self, key: Key) -> str:
        """Return the kind of customer who owns the key, or sometimes another."""
        kinds = list(DATES)
        owner = kinds[self._traffic.keys.index(key) % len(kinds)]
        return owner if self._random.random() < 0.95 else self._random.choice(kinds)

    def _new_order(self, key: Key, date: str | None) -> dict[str, Any]:
        details = {
            "coffeetype": f"Coffee {next(self._traffic.numbers)}",
            "coffeesize": self._random.choice(("Small", "Large")),
            "unitprice": f"{self._random.randrange(1000) / 100:.2f}",
            "quantity": str(self._random.randint(1, 9)),
        }
        dated = {} if date is None else {"orderdate": date}
        return {"accountid": key[0], "vendorid": key[1], **dated, "details": details}

    def _post(self, customer: str, order: dict[str, Any]) -> None:
        self._traffic.orders.setdefault(customer, []).append(order)
        key = order["accountid"], order["vendorid"]
        if_match = self._seen_version(key)
        if_none_match = if_match is None and self._random.random() < 0.2
        for _ in range(2):
            request = self.request(
                *("POST", customer, key),
                if_match=if_match,
                if_none_match=if_none_match,
                order=order,
            )
            if not request.may_fail:
                return
