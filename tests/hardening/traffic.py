"""Random traffic of customers and staff, with a history of requests and responses.

There are three kinds of customers: their orders have a date with an offset, a date without one (as
in the notebook), or none. They order, correct, cancel, look up and list. They retry a failed order
at once and an old one sometimes, and try each other's orders. Each worker waits for a response
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

from coffee_client import Accounts, Session
from deploy.stack import StackOutputs
from local.emulator import REGION, LocalCloud
from local.state import LocalStack
from tests.e2e.people import add_staff, sign_in_new_customer, sign_up
from tests.hardening.request import FAILED, Key, Request
from tests.samples import PASSWORD

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


def sign_in_users(
    cloud: LocalCloud, stack: LocalStack | StackOutputs, vendors: list[str]
) -> dict[str, Session]:
    """Sign up and log in a customer of each kind, and staff of all vendors; return them by name."""
    accounts = Accounts(stack.client_id, region=REGION, endpoint_url=cloud.endpoint_url)
    users = {kind: sign_in_new_customer(accounts, cloud) for kind in DATES}
    sign_up(accounts, cloud, BARISTA)
    for vendorid in vendors:
        add_staff(cloud, stack.user_pool_id, vendorid, BARISTA)
    return users | {BARISTA: accounts.log_in(BARISTA, PASSWORD)}


@dataclass
class Traffic:
    """Traffic on the service at `api_url`. `history` has all requests so far."""

    api_url: str
    users: dict[str, Session]  # of sign_in_users
    keys: list[Key]
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
        start = time.monotonic()
        numbers = iter(range(requests))
        lock = threading.Lock()

        def wait_for_turn() -> bool:
            """Wait until it is time for another request; return False if there is none."""
            with lock:
                number = next(numbers, None)
            if number is None:
                return False
            time.sleep(max(0, start + number / per_second - time.monotonic()))
            return time.monotonic() < start + seconds

        def work(number: int) -> None:
            worker = _Worker(self, random.Random(f"{seed}-{number}"))
            while wait_for_turn():
                worker.send_random()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))

    def look_up_all(self) -> None:
        """Look up every order, so that its history ends with its final state."""
        worker = _Worker(self, random.Random(0))
        for key in self.keys:
            worker.request("GET", BARISTA, key)


class _Worker:
    """A thread's user of the service, with its own random numbers."""

    def __init__(self, traffic: Traffic, generator: random.Random) -> None:
        self._traffic, self._random = traffic, generator
        self._http = requests.Session()

    def send_random(self) -> None:
        """Send a random request."""
        (action,) = self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
        getattr(self, action)(self._random.choice(self._traffic.keys))

    def order(self, key: Key) -> None:
        who = self._customer(key)
        date = DATES[who]()
        self._post(who, self._new_order(key, date))

    def order_again(self, key: Key) -> None:
        who = self._customer(key)
        if sent := self._traffic.placed.get(who):
            self._post(who, self._random.choice(sent[-40:]))

    def correct(self, key: Key) -> None:
        who = self._customer(key)
        if sent := self._traffic.placed.get(who):
            wrong = sent[-1]
            key = wrong["accountid"], wrong["vendorid"]
            self._post(who, self._new_order(key, wrong.get("orderdate")))

    def look_up(self, key: Key) -> None:
        self.request("GET", self._customer(key), key)

    def cancel(self, key: Key) -> None:
        self.request("DELETE", self._customer(key), key)

    def move_on(self, key: Key) -> None:
        statuses, weights = ("preparing", "ready", "collected", "cancelled"), (4, 4, 4, 1)
        (to,) = self._random.choices(statuses, weights)
        self.request("PATCH", BARISTA, key, to=to)

    def list_own(self, key: Key) -> None:
        self.request("LIST", self._customer(key), ("", ""))

    def list_queue(self, key: Key) -> None:
        self.request("QUEUE", BARISTA, ("", key[1]))

    def look_at_shop(self, key: Key) -> None:
        """Look for a menu, which no vendor here has."""
        url = f"{self._traffic.api_url}/shop"
        response = self._http.get(url, params={"vendorid": key[1]}, timeout=60)
        assert response.status_code in {404} | FAILED

    def request(
        self,
        method: Any,
        who: str,
        key: Key,
        *,
        sent: dict[str, Any] | None = None,
        to: str | None = None,
    ) -> Request:
        """Send a request; record and return it with its response."""
        query = {
            name: value for name, value in zip(("accountid", "vendorid"), key, strict=True) if value
        }
        body = {"order": sent} if sent else {"status": to} if to else None
        verb, path = ("GET", "orders") if method in {"LIST", "QUEUE"} else (method, "order")
        headers = {"Authorization": self._traffic.users[who].id_token()}
        start = time.time_ns()
        response = self._http.request(
            verb,
            f"{self._traffic.api_url}/{path}",
            params={} if sent else query,
            json=body,
            headers=headers,
            timeout=60,
        )
        end = time.time_ns()
        content: dict[str, Any] = response.json()
        recorded = Request(
            *(method, who, key, start, end, response.status_code),
            sent=sent,
            to=to,
            orders=[content["order"]] if "order" in content else content.get("orders", []),
            message=str(content.get("Message", "")),
            retry_after=response.headers.get("Retry-After"),
        )
        self._traffic.history.append(recorded)
        return recorded

    def _customer(self, key: Key) -> str:
        """Return the kind of customer who owns the key, or sometimes another."""
        kinds = list(DATES)
        mine = kinds[self._traffic.keys.index(key) % len(kinds)]
        return mine if self._random.random() < 0.95 else self._random.choice(kinds)

    def _new_order(self, key: Key, date: str | None) -> dict[str, Any]:
        details = {
            "coffeetype": f"Coffee {next(self._traffic.numbers)}",
            "coffeesize": self._random.choice(("Small", "Large")),
            "unitprice": f"{self._random.randrange(1000) / 100:.2f}",
            "quantity": str(self._random.randint(1, 9)),
        }
        dated = {} if date is None else {"orderdate": date}
        return {"accountid": key[0], "vendorid": key[1], **dated, "details": details}

    def _post(self, who: str, order: dict[str, Any]) -> None:
        self._traffic.placed.setdefault(who, []).append(order)
        key = order["accountid"], order["vendorid"]
        if self.request("POST", who, key, sent=order).may_fail:
            self.request("POST", who, key, sent=order)
