"""One customer floods a shop with orders: what is accepted, and what staff see meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.server import free_port
from local.service import local_service
from tests.conftest import AddToReport
from tests.hardening.target import Target
from tests.samples import order

_LIMIT, _FLOOD = 30, 200


def test_flood_leaves_the_queue_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, add_to_report: AddToReport
) -> None:
    monkeypatch.setenv("ORDERS_PER_MINUTE", str(_LIMIT))
    with local_service(tmp_path, free_port()) as service:
        target = Target("make run", service.stack, service.stack.api_url, service.cloud)
        attacker, customer, barista = target.sign_in(), target.sign_in(), target.sign_in("v0")

        def flood(number: int) -> int:
            body = {"order": order(f"flood {number}")}
            response = target.request("POST", "/order", attacker, body)
            assert response.ok or 1 <= int(response.headers["Retry-After"]) <= 60
            return response.status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = Counter(pool.map(flood, range(_FLOOD)))
        assert statuses == {201: _LIMIT, 429: _FLOOD - _LIMIT}
        target.succeed("POST", "/order", customer, {"order": order("Ann")})
        query = {"vendorid": "v0", "limit": "100"}
        queue = target.request("GET", "/orders", barista, **query).json()["orders"]
        names = [each["accountid"] for each in queue]
        assert len(names) == _LIMIT + 1
        assert names[-1] == "Ann"
    add_to_report("Nobody can close a shop by ordering", "one customer's orders", _FLOOD)
