"""One account orders as fast as it can: the others still order, and staff see their orders."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from local.emulator import free_port
from local.service import local_service
from tests.conftest import AddToReport
from tests.hardening.target import LocalTarget, Target, User
from tests.samples import order

_PER_MINUTE = 30  # the default of ORDERS_PER_MINUTE


@pytest.fixture
def limited_target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Return a service with the default limit, which other tests do not have."""
    monkeypatch.delenv("ORDERS_PER_MINUTE")
    with local_service(free_port()) as service:
        yield LocalTarget(service)


def test_flood_by_one_account(
    limited_target: Target, full: bool, add_to_report: AddToReport
) -> None:
    target, count = limited_target, 700 if full else 100
    barista, flooder, customer = target.sign_in("flooded"), target.sign_in(), target.sign_in()

    def place(user: User, accountid: str) -> requests.Response:
        body = {"order": order(accountid, "flooded", orderdate="")}
        return target.request("POST", "/order", user, body)

    with ThreadPoolExecutor(8) as pool:
        flood = [pool.submit(place, flooder, f"flood {number}") for number in range(count)]
        assert place(customer, "customer").status_code == 201  # meanwhile
        statuses = Counter(each.result().status_code for each in flood)
    assert statuses == {201: _PER_MINUTE, 429: count - _PER_MINUTE}

    queue = target.request("GET", "/orders", barista, vendorid="flooded", limit="100").json()
    names = [each["accountid"] for each in queue["orders"]]
    assert len(names) == _PER_MINUTE + 1
    assert "customer" in names
    attack = f"POST by one account: {_PER_MINUTE} reach the queue, and so does another's order"
    add_to_report("Nobody can close a shop by ordering", attack, count)
