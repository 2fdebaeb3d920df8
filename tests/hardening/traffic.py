"""Customers and staff who keep a service busy, and record their requests and the answers.

There are three kinds of customers: their orders have a date with an offset, a date without one (as
in the notebook), or none. They order, correct, cancel, look up and list. They repeat a failed order
at once and an old one now and then, and try each other's orders. Each worker waits for an answer
before its next request.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from coffee_client import Session
from tests.hardening.request import FAILED, Request

DATES: dict[str, Callable[[], str | None]] = {
    "dated": lambda: datetime.now(UTC).isoformat(),
    "notebook": lambda: str(datetime.now()),
    "undated": lambda: None,
}
BARISTA = "barista"
_WEIGHTS = {
    **{"order": 26, "order_again": 10, "correct": 3, "look_up": 26},
    **{"move_on": 18, "cancel": 7, "list_own": 5, "list_queue": 5, "look_at_shop": 5},
}


@dataclass
class Traffic:
    """Traffic on the service at `api_url`. `history` has all requests so far."""

    api_url: str
    people: dict[str, Session]  # a customer of each kind in DATES, and staff of all vendors
    keys: list[tuple[str, str]]
    history: list[Request] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    placed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def run(
        self,
        seed: int,
        workers: int,
        *,
        requests: int,
        seconds: float = 3600,
        per_second: float = float("inf"),
    ) -> None:
        """Send this many requests, for at most so many seconds, at most so many per second."""
        began = time.monotonic()
        numbers = iter(range(requests))
        lock = threading.Lock()

        def more() -> bool:
            with lock:
                number = next(numbers, None)
            if number is None:
                return False
            time.sleep(max(0, began + number / per_second - time.monotonic()))
            return time.monotonic() < began + seconds

        def work(number: int) -> None:
            worker = _Worker(self, random.Random(f"{seed}-{number}"))
            while more():
                worker.step()

        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(work, number) for number in range(workers)]:
                done.result()

    def look_everywhere(self) -> None:
        """Look up every order, so that its history ends with its final state."""
        worker = _Worker(self, random.Random(0))
        for key in self.keys:
            worker.ask("GET", BARISTA, key)


class _Worker:
    def __init__(self, traffic: Traffic, dice: random.Random) -> None:
        self._traffic, self._dice = traffic, dice
        self._http = requests.Session()

    def step(self) -> None:
        """Send a random request."""
        (action,) = self._dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        getattr(self, action)(self._dice.choice(self._traffic.keys))

    def order(self, key: tuple[str, str]) -> None:
        who = self._customer(key)
        date = DATES[who]()
        self._post(who, self._new_order(key, date))

    def order_again(self, key: tuple[str, str]) -> None:
        who = self._customer(key)
        if sent := self._traffic.placed.get(who):
            self._post(who, self._dice.choice(sent[-40:]))

    def correct(self, key: tuple[str, str]) -> None:
        who = self._customer(key)
        if sent := self._traffic.placed.get(who):
            wrong = sent[-1]
            key = wrong["accountid"], wrong["vendorid"]
            self._post(who, self._new_order(key, wrong.get("orderdate")))

    def look_up(self, key: tuple[str, str]) -> None:
        self.ask("GET", self._customer(key), key)

    def cancel(self, key: tuple[str, str]) -> None:
        self.ask("DELETE", self._customer(key), key)

    def move_on(self, key: tuple[str, str]) -> None:
        steps, weights = ("preparing", "ready", "collected", "cancelled"), (4, 4, 4, 1)
        (to,) = self._dice.choices(steps, weights)
        self.ask("PATCH", BARISTA, key, to=to)

    def list_own(self, key: tuple[str, str]) -> None:
        self.ask("LIST", self._customer(key), ("", ""))

    def list_queue(self, key: tuple[str, str]) -> None:
        self.ask("QUEUE", BARISTA, ("", key[1]))

    def look_at_shop(self, key: tuple[str, str]) -> None:
        """Look for a menu, which no vendor here has."""
        url = f"{self._traffic.api_url}/shop"
        answer = self._http.get(url, params={"vendorid": key[1]}, timeout=60)
        assert answer.status_code == 404 or answer.status_code in FAILED

    def ask(
        self,
        method: Any,
        who: str,
        key: tuple[str, str],
        *,
        sent: dict[str, Any] | None = None,
        to: str | None = None,
    ) -> Request:
        """Send a request; record and return it with its answer."""
        query = {
            name: value for name, value in zip(("accountid", "vendorid"), key, strict=True) if value
        }
        body = {"order": sent} if sent else {"status": to} if to else None
        verb, path = ("GET", "orders") if method in {"LIST", "QUEUE"} else (method, "order")
        url = f"{self._traffic.api_url}/{path}"
        headers = {"Authorization": self._traffic.people[who].id_token()}
        params = {} if sent else query
        start = time.time_ns()
        answer = self._http.request(
            verb, url, params=params, json=body, headers=headers, timeout=60
        )
        end = time.time_ns()
        content: dict[str, Any] = answer.json()
        recorded = Request(
            *(method, who, key, start, end, answer.status_code),
            sent=sent,
            to=to,
            orders=[content["order"]] if "order" in content else content.get("orders", []),
            message=str(content.get("Message", "")),
            retry_after=answer.headers.get("Retry-After"),
        )
        self._traffic.history.append(recorded)
        return recorded

    def _customer(self, key: tuple[str, str]) -> str:
        """Return the kind of customer who owns the key, or sometimes another."""
        kinds = list(DATES)
        mine = kinds[self._traffic.keys.index(key) % len(kinds)]
        return mine if self._dice.random() < 0.95 else self._dice.choice(kinds)

    def _new_order(self, key: tuple[str, str], date: str | None) -> dict[str, Any]:
        details = {
            "coffeetype": f"Coffee {next(self._traffic.numbers)}",
            "coffeesize": self._dice.choice(("Small", "Large")),
            "unitprice": f"{self._dice.randrange(1000) / 100:.2f}",
            "quantity": str(self._dice.randint(1, 9)),
        }
        dated = {} if date is None else {"orderdate": date}
        return {"accountid": key[0], "vendorid": key[1], **dated, "details": details}

    def _post(self, who: str, order: dict[str, Any]) -> None:
        self._traffic.placed.setdefault(who, []).append(order)
        answer = self.ask("POST", who, (order["accountid"], order["vendorid"]), sent=order)
        if answer.status in FAILED:
            self.ask("POST", who, answer.key, sent=order)
