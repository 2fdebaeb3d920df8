"""A repeated order never undoes a change, however late it arrives."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from coffee_client import Session
from local.service import Service
from tests.conftest import Tried
from tests.hardening.one_order import IN_PROGRESS, NEXT, instant
from tests.hardening.traffic import BARISTA, sign_in_users
from tests.samples import order

_PROGRESS = {"placed": 0, "preparing": 1, "ready": 2, "collected": 3, "cancelled": 3}


class OneKey(RuleBasedStateMachine):
    """Orders of one customer with one vendor, repeated and changed in random sequences."""

    api_url: ClassVar[str]
    users: ClassVar[dict[str, Session]]
    requests_sent: ClassVar[int] = 0
    customers: ClassVar[int] = 0

    sent = Bundle("sent")

    @initialize(offset=st.sampled_from([None, "Z", "+00:00", "+05:30", "-11:00"]))
    def begin(self, offset: str | None) -> None:
        OneKey.customers += 1
        self.key = {"accountid": f"late{OneKey.customers}", "vendorid": "v0"}
        self.offset, self.newest = offset, datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
        self.seen: tuple[int, int] | None = None
        self.status: str | None = None

    @rule(target=sent, later=st.integers(1, 10**7))
    def order(self, later: int) -> dict[str, Any]:
        self.newest += timedelta(microseconds=later)
        date = self.newest.replace(tzinfo=None).isoformat() + (self.offset or "")
        new_order = order(orderdate=date, **self.key, coffeetype=f"Coffee {later}")
        expected = 201 if self.status is None else 409 if self.status in IN_PROGRESS else 200
        assert self.request("POST", "customer", {"order": new_order}).status_code == expected
        return new_order

    @rule(order=sent)
    def send_again(self, order: dict[str, Any]) -> None:
        before = self.stored()
        response = self.request("POST", "customer", {"order": order})
        if {**before, **order} == before and _PROGRESS[before["status"]] < 3:
            assert (response.status_code, response.json()["order"]) == (200, before)
        elif response.status_code != 200:  # 200: newer, but rejected before
            assert response.status_code == 409
            assert self.stored() == before

    @rule(status=st.sampled_from(list(NEXT)))
    def move_on(self, status: str) -> None:
        self.request("PATCH", BARISTA, {"status": status})

    @rule()
    def cancel(self) -> None:
        self.request("DELETE", "customer")

    @invariant()
    def nothing_is_undone(self) -> None:
        if (stored := self.stored()) is None:
            assert self.seen is None
            return
        now = (instant(stored["orderdate"])[1], _PROGRESS[stored["status"]])
        assert self.seen is None or now >= self.seen
        self.seen, self.status = now, stored["status"]

    def stored(self) -> Any:
        """Return the order at the key, or None."""
        response = self.request("GET", "customer")
        return response.json()["order"] if response.ok else None

    def request(self, method: str, who: str, body: Any = None) -> requests.Response:
        OneKey.requests_sent += 1
        kind = who if who == BARISTA else "notebook" if self.offset is None else "dated"
        return requests.request(
            method,
            f"{self.api_url}/order",
            params={} if method == "POST" else self.key,
            json=body,
            headers={"Authorization": self.users[kind].id_token()},
            timeout=30,
        )


def test_late_retries_undo_nothing(service: Service, full: bool, tried: Tried) -> None:
    stack = service.stack
    OneKey.api_url = stack.api_url
    OneKey.users = sign_in_users(service.cloud, stack, ["v0"])
    run_state_machine_as_test(
        OneKey,
        settings=settings(
            max_examples=100 if full else 10,
            stateful_step_count=50 if full else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    how = f"late duplicates of {OneKey.customers} customers' POSTs among newer ones and changes"
    tried("A late retry turns nothing back", how, OneKey.requests_sent)
