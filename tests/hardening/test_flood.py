"""One account orders as fast as it can: the others still order, and staff see their orders."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from local.server import free_port
from local.service import local_service
from tests.conftest import AddToReport
from tests.hardening.target import Target, User
from tests.samples import order

_PER_MINUTE = 30  # the default of ORDERS_PER_MINUTE


@pytest.fixture
def limited_target(monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    """Return a service with the default limit, which other tests do not have."""
    monkeypatch.delenv("ORDERS_PER_MINUTE")
    with local_service(free_port()) as service:
        yield Target("chalice local", service.stack, service.stack.api_url, service.cloud)


def test_flood_by_one_account(
    limited_target: Target, full: bool, add_to_report: AddToReport
) -> None:
    target, count = limited_target, 700 if full else 100
    barista = target.sign_in("flooded")
    flooder, *others = [target.sign_in() for _ in range(4)]

    def place(user: User, accountid: str) -> requests.Response:
        body = {"order": order(accountid, "flooded", orderdate="")}
        return target.request("POST", "/order", user, body)

    def flood(number: int) -> requests.Response:
        if number and number % (count // len(others)) == 0:  # the others order meanwhile
            position = number // (count // len(others)) - 1
            assert place(others[position], f"customer {position}").status_code == 201
        return place(flooder, f"flood {number}")

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(flood, range(count)))
    statuses = Counter(response.status_code for response in responses)
    assert statuses == {201: _PER_MINUTE, 429: count - _PER_MINUTE}
    for response in responses:
        if response.status_code == 429:
            assert 1 <= int(response.headers["Retry-After"]) <= 60

    queue = target.request("GET", "/orders", barista, vendorid="flooded", limit="100").json()
    names = [each["accountid"] for each in queue["orders"]]
    assert len(names) == _PER_MINUTE + sum(name.startswith("customer") for name in names)
    assert {f"customer {number}" for number in range(len(others) - 1)} <= {*names}
    attack = f"POST by one account: {_PER_MINUTE} orders reach the queue, those of others all do"
    add_to_report("Nobody can close a shop by ordering", attack, count)
