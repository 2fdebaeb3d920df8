"""A rush: many orders become ready at once, and each customer's phone gets its push."""

from concurrent.futures import ThreadPoolExecutor

from pytest_httpserver import HTTPServer

from tests.conftest import AddToReport
from tests.hardening.target import Target, User
from tests.samples import order


def test_burst_of_ready_orders(
    local_target: Target, httpserver: HTTPServer, full: bool, add_to_report: AddToReport
) -> None:
    target, names = local_target, [f"rush{number}" for number in range(500 if full else 50)]
    customer, barista = target.sign_in(), target.sign_in("rush")

    def change(name: str, method: str, path: str, user: User, **body: str) -> None:
        target.succeed(method, path, user, body, accountid=name, vendorid="rush")

    def advance(name: str, status: str = "ready") -> None:
        change(name, "PATCH", "/order", barista, status=status)

    def prepare(name: str) -> None:
        httpserver.expect_oneshot_request(f"/{name}").respond_with_data(status=201)
        target.succeed("POST", "/order", customer, {"order": order(name, "rush")})
        change(name, "PUT", "/order/push", customer, endpoint=httpserver.url_for(f"/{name}"))
        advance(name, "preparing")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(prepare, names))
        with httpserver.wait(timeout=60, stop_on_nohandler=False) as rush:
            list(pool.map(advance, names))
    attack = f"orders that become ready at once, all told in {rush.elapsed_time:.1f} s"
    add_to_report("Every customer is told", attack, len(names))
