"""A rush: many orders become ready at once, and each customer's phone gets its push."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from pytest_httpserver import HTTPServer

from tests.conftest import AddToReport
from tests.hardening.target import Target
from tests.samples import order

_TIME = 60.0  # seconds for all pushes; the event source mapping gives up after ten minutes


def test_burst_of_ready_orders(
    local_target: Target, make_httpserver: HTTPServer, full: bool, add_to_report: AddToReport
) -> None:
    target, names = local_target, [f"rush{number}" for number in range(500 if full else 50)]
    customer, barista = target.sign_in(), target.sign_in("rush")
    make_httpserver.expect_request(re.compile("/rush.+")).respond_with_data(status=201)

    def advance(name: str, status: str) -> None:
        key = {"accountid": name, "vendorid": "rush"}
        target.succeed("PATCH", "/order", barista, {"status": status}, **key)

    def prepare(name: str) -> None:
        key = {"accountid": name, "vendorid": "rush"}
        target.succeed("POST", "/order", customer, {"order": order(**key)})
        endpoint = {"endpoint": make_httpserver.url_for(f"/{name}")}
        target.succeed("PUT", "/order/push", customer, endpoint, **key)
        advance(name, "preparing")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(prepare, names))
        started = time.monotonic()
        list(pool.map(lambda name: advance(name, "ready"), names))
    while missing := {*names} - {request.path[1:] for request, _ in make_httpserver.log}:
        assert time.monotonic() - started < _TIME, f"{len(missing)} pushes are missing"
        time.sleep(0.05)
    attack = f"orders that become ready at once, all told in {time.monotonic() - started:.1f} s"
    add_to_report("Every customer is told", attack, len(names))
