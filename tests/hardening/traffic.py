"""Random traffic of customers and staff, with a history of requests and responses.

There are three kinds of customers: their orders have a date with an offset, a date without one (as
in the notebook), or none. They retry failed and old orders, and try to change each other's. Some
requests name the version that their sender has seen last, which may be old.
"""

import itertools
import math
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.hardening.one_order import BACK
from tests.hardening.request import Key, Request
from tests.hardening.target import Target

_WORKERS = 8
_ZONES = [timezone(timedelta(hours=hours)) for hours in (0, 5.5, -11)]
_DATES: dict[str, Callable[[], str | None]] = {
    "dated": lambda: datetime.now(random.choice(_ZONES)).isoformat(),
    "notebook": lambda: str(datetime.now()),
    "undated": lambda: None,
}
_BARISTA = "barista"
_WEIGHTS = {
    **{"order": 24, "repeat_order": 14, "correct_order": 3, "look_up": 26},
    **{"change_status": 18, "step_back": 5, "cancel": 7, "list_own": 4, "list_queue": 4},
}


class Traffic:
    """Traffic on a service, about the orders with these keys. `history` has all requests so far."""

    def __init__(self, target: Target, keys: list[Key]) -> None:
        self.target, self.keys = target, keys
        self.users = {kind: target.sign_in() for kind in _DATES}
        self.users[_BARISTA] = target.sign_in(*{vendorid for _, vendorid in keys})
        self.history: list[Request] = []
        self.numbers = itertools.count()
        self.orders: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _DATES}
        self.seen: dict[Key, dict[str, Any]] = {}  # the order in the last response

    def run(self, seed: int, *, count: int, per_second: float = math.inf) -> None:
        """Send this many random requests, several at a time, at most so many per second."""
        start = time.monotonic()

        def send(number: int) -> None:
            time.sleep(max(0, start + number / per_second - time.monotonic()))
            _Worker(self, random.Random(f"{seed}-{number}")).send_random()

        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(send, range(count)))

    def look_up_all(self) -> None:
        """Look up every order, so that its history ends with its final state."""
        for key in self.keys:
            self.request("GET", _BARISTA, key)

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
        verb, path = ("GET", "/orders") if method in {"LIST", "QUEUE"} else (method, "/order")
        accountid, vendorid = (None, None) if "order" in body else key
        preconditions = {
            "If-Match": if_match and f'"{if_match}"',
            "If-None-Match": "*" if if_none_match else None,
        }
        start = time.time_ns()
        response = self.target.request(
            *(verb, path, self.users[user], body or None, preconditions),
            accountid=accountid or None,
            vendorid=vendorid or None,
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
        self.history.append(request)
        for order in request.orders:
            self.seen[order["accountid"], order["vendorid"]] = order
        return request


class _Worker:
    """Sends a random request."""

    def __init__(self, traffic: Traffic, generator: random.Random) -> None:
        self._traffic, self._random = traffic, generator

    def send_random(self) -> None:
        (action,) = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        key = self._random.choice(self._traffic.keys)
        getattr(self, action)(key, self._customer(key))

    def order(self, key: Key, customer: str) -> None:
        self._post(customer, self._new_order(key, _DATES[customer]()))

    def repeat_order(self, _: Key, customer: str) -> None:
        if orders := self._traffic.orders[customer]:
            self._post(customer, self._random.choice(orders[-40:]))

    def correct_order(self, _: Key, customer: str) -> None:
        if orders := self._traffic.orders[customer]:
            key = orders[-1]["accountid"], orders[-1]["vendorid"]
            self._post(customer, self._new_order(key, orders[-1].get("orderdate")))

    def look_up(self, key: Key, customer: str) -> None:
        self._traffic.request("GET", customer, key)

    def cancel(self, key: Key, customer: str) -> None:
        self._traffic.request("DELETE", customer, key, if_match=self._seen_version(key))

    def change_status(self, key: Key, _: str) -> None:
        statuses, weights = ("preparing", "ready", "collected", "cancelled"), (4, 4, 4, 1)
        (status,) = self._random.choices(statuses, weights)
        if_match = self._seen_version(key)
        self._traffic.request("PATCH", _BARISTA, key, if_match=if_match, status=status)

    def step_back(self, key: Key, _: str) -> None:
        seen = self._traffic.seen.get(key)
        if seen and seen["status"] in BACK:
            status, if_match = BACK[seen["status"]], seen["version"]
            self._traffic.request("PATCH", _BARISTA, key, if_match=if_match, status=status)

    def list_own(self, _: Key, customer: str) -> None:
        self._traffic.request("LIST", customer, ("", ""))

    def list_queue(self, key: Key, _: str) -> None:
        self._traffic.request("QUEUE", _BARISTA, ("", key[1]))

    def _seen_version(self, key: Key) -> str | None:
        """Return the version that was seen last, for two requests of five."""
        seen = self._traffic.seen.get(key)
        return seen["version"] if seen and self._random.random() < 0.4 else None

    def _customer(self, key: Key) -> str:
        """Return the kind of customer who owns the key, or sometimes another."""
        kinds = list(_DATES)
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
        self._traffic.orders[customer].append(order)
        key = order["accountid"], order["vendorid"]
        if_match = self._seen_version(key)
        preconditions: dict[str, Any] = {
            "if_match": if_match,
            "if_none_match": if_match is None and self._random.random() < 0.2,
        }
        for _ in range(2):
            request = self._traffic.request("POST", customer, key, order=order, **preconditions)
            if not request.may_fail:
                return
