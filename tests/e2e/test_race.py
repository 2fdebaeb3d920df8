"""Two customers race for one key on the local cloud, whose table is no simulation in process."""

import threading
from concurrent.futures import ThreadPoolExecutor

from coffee_client import CoffeeClient, Details, Order, OrderError
from local.service import Service
from tests.e2e.conftest import NewCustomer


def test_exactly_one_of_two_racing_customers_wins(
    service: Service, new_customer: NewCustomer, accountid: str
) -> None:
    racers = [CoffeeClient(service.stack.api_url, new_customer()) for _ in range(2)]
    for round_ in range(20):
        vendorid = f"v{round_}"
        start = threading.Barrier(len(racers))

        def race(number: int, vendorid: str = vendorid, start: threading.Barrier = start) -> int:
            order = Order(accountid, vendorid, Details(f"Racer {number}", "Small", "4.5", "1"))
            start.wait()
            try:
                return 201 if racers[number].place(order).is_new else 200
            except OrderError as error:
                return error.status

        with ThreadPoolExecutor(len(racers)) as pool:
            statuses = list(pool.map(race, range(len(racers))))
        assert sorted(statuses) == [201, 403]
        winner = racers[0].get(accountid, vendorid).details.coffeetype
        assert winner == f"Racer {statuses.index(201)}"
