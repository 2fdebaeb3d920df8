"""A rush: many orders become ready at once, and each customer's phone gets its push."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.conftest import AddToReport
from tests.hardening.target import Target
from tests.samples import order

_TIME = 60.0  # seconds for all pushes; the event source mapping gives up after ten minutes


def test_burst_of_ready_orders(
    local_target: Target, make_httpserver: HTTPServer, full: bool, add_to_report: AddToReport
) -> None:
    target, count = local_target, 500 if full else 50
    customer, barista = target.sign_in(), target.sign_in("rush")
    pushed: list[str] = []

    def receive(request: Request) -> Response:
        pushed.append(request.path)
        return Response(status=201)

    def prepare(number: int) -> str:
        key = {"accountid": f"rush{number}", "vendorid": "rush"}
        endpoint = make_httpserver.url_for(f"/rush/{number}")
        target.succeed("POST", "/order", customer, {"order": order(**key)})
        target.succeed("PUT", "/order/push", customer, {"endpoint": endpoint}, **key)
        target.succeed("PATCH", "/order", barista, {"status": "preparing"}, **key)
        return f"/rush/{number}"

    def finish(number: int) -> None:
        key = {"accountid": f"rush{number}", "vendorid": "rush"}
        target.succeed("PATCH", "/order", barista, {"status": "ready"}, **key)

    make_httpserver.expect_request(re.compile("/rush/.+")).respond_with_handler(receive)
    with ThreadPoolExecutor(8) as pool:
        expected = {*pool.map(prepare, range(count))}
        started = time.monotonic()
        list(pool.map(finish, range(count)))
    while {*pushed} != expected:
        assert time.monotonic() - started < _TIME, f"{count - len({*pushed})} pushes are missing"
        time.sleep(0.05)
    attack = f"orders that become ready at once, all told in {time.monotonic() - started:.1f} s"
    add_to_report("Every customer is told", attack, count)
