"""The customer's list and the shop's queue: who sees what, in which order, page by page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer, log_in_new_customer
from tests.samples import order, placed


@pytest.fixture
def customer(cloud: Cloud) -> Customer:
    return log_in_new_customer(cloud.cognito, cloud.pool_id, cloud.client_id)


@pytest.fixture
def barista(barista_of: Callable[[str], Customer], vendorid: str) -> Customer:
    return barista_of(vendorid)


@pytest.fixture
def place(send: Send, customer: Customer, vendorid: str) -> Callable[..., None]:
    """Return a function that places an order of the customer's for an account at the shop."""

    def place(accountid: str, at: str = vendorid, who: Customer = customer) -> None:
        assert send("POST", "/order", who, body={"order": order(accountid, at)}).status_code == 201

    return place


Place = Callable[..., None]


def pages(send: Send, who: Customer, **query: str) -> list[list[str]]:
    """Follow the cursors to the end; return the account ids of each page."""
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = send("GET", "/orders", who, **query, **cursor)
        assert answer.status_code == 200, answer.body
        found.append([each["accountid"] for each in answer.json_body["orders"]])
        if "cursor" not in answer.json_body:
            return found
        cursor = {"cursor": answer.json_body["cursor"]}


def joined(found: list[list[str]]) -> list[str]:
    return [accountid for page in found for accountid in page]


def advance(send: Send, barista: Customer, accountid: str, vendorid: str, *steps: str) -> None:
    key = {"accountid": accountid, "vendorid": vendorid}
    for step in steps:
        answer = send("PATCH", "/order", barista, body={"status": step}, **key)
        assert answer.status_code == 200


def test_own_orders_newest_first(
    send: Send, place: Place, customer: Customer, vendorid: str, accountid: str
) -> None:
    for number in range(3):
        place(f"{accountid}-{number}", at=f"{vendorid}-{number}")
    answer = send("GET", "/orders", customer)
    assert answer.json_body == {
        "orders": [placed(f"{accountid}-{n}", f"{vendorid}-{n}") for n in (2, 1, 0)]
    }


def test_list_has_no_orders_of_others(
    send: Send, place: Place, second_customer: Customer, accountid: str
) -> None:
    place(accountid)
    assert accountid not in joined(pages(send, second_customer))


def test_empty_list(send: Send, customer: Customer) -> None:
    assert send("GET", "/orders", customer).json_body == {"orders": []}


def test_queue_has_open_orders_oldest_first(
    send: Send, place: Place, barista: Customer, vendorid: str, second_customer: Customer
) -> None:
    for number in range(6):
        place(f"a{number}-{vendorid}", who=second_customer)
    place("elsewhere", at=f"{vendorid} next door")
    advance(send, barista, f"a1-{vendorid}", vendorid, "preparing")
    advance(send, barista, f"a2-{vendorid}", vendorid, "preparing", "ready")
    advance(send, barista, f"a3-{vendorid}", vendorid, "preparing", "ready", "collected")
    advance(send, barista, f"a4-{vendorid}", vendorid, "cancelled")
    listed = send("GET", "/orders", barista, vendorid=vendorid).json_body["orders"]
    assert [(each["accountid"][:2], each["status"]) for each in listed] == [
        ("a0", "placed"),
        ("a1", "preparing"),
        ("a2", "ready"),
        ("a5", "placed"),
    ]


def test_lists_are_sorted_by_arrival(
    send: Send, customer: Customer, barista: Customer, vendorid: str
) -> None:
    for accountid, date in (("first", "2024-01-01T00:00:00Z"), ("second", "2020-01-01T00:00:00Z")):
        body = {**order(f"{accountid}-{vendorid}", vendorid), "orderdate": date}
        send("POST", "/order", customer, body={"order": body})
    queue = pages(send, barista, vendorid=vendorid)
    assert queue == [[f"first-{vendorid}", f"second-{vendorid}"]]
    assert pages(send, customer) == [[f"second-{vendorid}", f"first-{vendorid}"]]


def test_replaced_order_moves_to_the_end(
    send: Send, place: Place, customer: Customer, barista: Customer, vendorid: str
) -> None:
    place(f"a0-{vendorid}")
    place(f"a1-{vendorid}")
    another = order(f"a0-{vendorid}", vendorid, coffeetype="Long Black")
    assert send("POST", "/order", customer, body={"order": another}).status_code == 200
    assert pages(send, barista, vendorid=vendorid) == [[f"a1-{vendorid}", f"a0-{vendorid}"]]


def test_repeated_order_keeps_its_place(
    send: Send, place: Place, customer: Customer, barista: Customer, vendorid: str
) -> None:
    place(f"a0-{vendorid}")
    place(f"a1-{vendorid}")
    again = order(f"a0-{vendorid}", vendorid)
    assert send("POST", "/order", customer, body={"order": again}).status_code == 200
    assert pages(send, barista, vendorid=vendorid) == [[f"a0-{vendorid}", f"a1-{vendorid}"]]


@pytest.mark.parametrize("status", ["placed", "preparing", "ready", "collected", "cancelled"])
def test_filter_by_status(
    send: Send, place: Place, customer: Customer, barista: Customer, vendorid: str, status: str
) -> None:
    life = ["preparing", "ready", "collected"]
    for number in range(4):
        place(f"{number}-{vendorid}")
        advance(send, barista, f"{number}-{vendorid}", vendorid, *life[:number])
    place(f"4-{vendorid}")
    advance(send, barista, f"4-{vendorid}", vendorid, "cancelled")
    number = ["placed", *life, "cancelled"].index(status)
    expected = [f"{number}-{vendorid}"]
    assert joined(pages(send, customer, status=status)) == expected
    assert joined(pages(send, barista, vendorid=vendorid, status=status)) == expected


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [("1", [1] * 6), ("2", [2, 2, 2]), ("4", [4, 2]), ("5", [5, 1]), ("6", [6]), ("100", [6])],
)
def test_pages_are_full_and_disjoint(
    send: Send,
    place: Place,
    customer: Customer,
    barista: Customer,
    vendorid: str,
    limit: str,
    sizes: list[int],
) -> None:
    accounts = [f"{number}-{vendorid}" for number in range(6)]
    for accountid in accounts:
        place(accountid)
    mine = pages(send, customer, limit=limit)
    assert [len(page) for page in mine] == sizes
    assert joined(mine) == accounts[::-1]
    queue = pages(send, barista, limit=limit, vendorid=vendorid)
    assert [len(page) for page in queue] == sizes
    assert joined(queue) == accounts


def test_pages_of_one_status_are_complete(
    send: Send, place: Place, customer: Customer, barista: Customer, vendorid: str
) -> None:
    for number in range(9):
        place(f"{number}-{vendorid}")
        if number % 3:
            advance(send, barista, f"{number}-{vendorid}", vendorid, "preparing")
    for limit in ("1", "2", "3", "100"):
        mine = pages(send, customer, status="placed", limit=limit)
        assert joined(mine) == [f"{number}-{vendorid}" for number in (6, 3, 0)]
        queue = pages(send, barista, vendorid=vendorid, status="placed", limit=limit)
        assert joined(queue) == [f"{number}-{vendorid}" for number in (0, 3, 6)]


def test_default_page_size(send: Send, place: Place, customer: Customer, vendorid: str) -> None:
    for number in range(21):
        place(f"{number}-{vendorid}")
    assert [len(page) for page in pages(send, customer)] == [20, 1]


@pytest.mark.parametrize(
    "name", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "x,vendor-y", "[x]"]
)
def test_awkward_vendor_ids(
    send: Send,
    place: Place,
    barista_of: Callable[[str], Customer],
    accountid: str,
    vendorid: str,
    name: str,
) -> None:
    vendorid = f"{name} {vendorid}"
    place(accountid, at=vendorid)
    barista = barista_of(vendorid)
    assert pages(send, barista, vendorid=vendorid) == [[accountid]]
    advance(send, barista, accountid, vendorid, "preparing")


def test_queue_is_for_staff_only(
    send: Send, customer: Customer, barista_of: Callable[[str], Customer], vendorid: str
) -> None:
    for stranger in (customer, barista_of(f"{vendorid},vendor-x"), barista_of(f"{vendorid}x")):
        answer = send("GET", "/orders", stranger, vendorid=vendorid)
        assert (answer.status_code, answer.json_body["Code"]) == (403, "ForbiddenError")


def test_lists_do_not_show_who_placed_an_order(
    send: Send, place: Place, customer: Customer, barista: Customer, vendorid: str
) -> None:
    place(f"a-{vendorid}")
    for answer in (
        send("GET", "/orders", customer),
        send("GET", "/orders", barista, vendorid=vendorid),
    ):
        assert set(answer.json_body["orders"][0]) == {*order(), "status", "since"}
        assert customer.sub not in answer.body.decode()


def test_token_is_required(send: Send) -> None:
    assert send("GET", "/orders").status_code == 401
    assert send("GET", "/orders", vendorid="v0").status_code == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"status": "brewed"}, "status"),
        ({"status": ""}, "status"),
        ({"vendorid": ""}, "vendorid"),
        ({"vendorid": " x"}, "vendorid"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 5000}, "cursor"),
        ({"accountid": "a0"}, "accountid"),
    ],
)
def test_a_bad_query_names_the_field(
    send: Send, customer: Customer, query: dict[str, str], field: str
) -> None:
    answer = send("GET", "/orders", customer, **query)
    assert answer.status_code == 400
    assert answer.json_body["Message"].startswith(f"{field}: ")


def test_cursor_works_in_its_own_list_only(
    send: Send,
    place: Place,
    customer: Customer,
    second_customer: Customer,
    barista: Customer,
    vendorid: str,
) -> None:
    for number in range(3):
        place(f"{number}-{vendorid}")
    mine = send("GET", "/orders", customer, limit="1").json_body["cursor"]
    queue = send("GET", "/orders", barista, limit="1", vendorid=vendorid).json_body["cursor"]
    foreign: list[tuple[Customer, dict[str, str]]] = [
        (second_customer, {"cursor": mine}),
        (customer, {"cursor": mine, "status": "placed"}),
        (customer, {"cursor": queue}),
        (barista, {"cursor": mine, "vendorid": vendorid}),
        (barista, {"cursor": queue}),
        (barista, {"cursor": queue, "vendorid": vendorid, "status": "placed"}),
        (customer, {"cursor": mine[:-1]}),
        (customer, {"cursor": mine + "A"}),
        (customer, {"cursor": "A" + mine}),
        (customer, {"cursor": mine.swapcase()}),
        (customer, {"cursor": "☕"}),
    ]
    for who, query in foreign:
        answer = send("GET", "/orders", who, **query)
        assert answer.status_code == 400, query
        assert answer.json_body["Message"] == "cursor: does not belong to this list"
    # Another page size is no other list.
    assert send("GET", "/orders", customer, cursor=mine, limit="2").status_code == 200


def test_one_dynamodb_request_per_page(
    send: Send,
    place: Place,
    customer: Customer,
    barista: Customer,
    vendorid: str,
    dynamodb_requests: list[str],
) -> None:
    for number in range(3):
        place(f"{number}-{vendorid}")
    queries: list[tuple[Customer, dict[str, Any]]] = [
        (customer, {}),
        (customer, {"limit": "1"}),
        (customer, {"status": "ready"}),
        (barista, {"vendorid": vendorid}),
        (barista, {"vendorid": vendorid, "status": "collected"}),
    ]
    for who, query in queries:
        dynamodb_requests.clear()
        send("GET", "/orders", who, **query)
        assert dynamodb_requests == ["Query"]
    dynamodb_requests.clear()
    send("GET", "/orders", customer, vendorid=vendorid)
    send("GET", "/orders", customer, cursor="junk")
    assert dynamodb_requests == []


def test_queue_does_not_read_closed_orders(
    cloud: Cloud, send: Send, place: Place, barista: Customer, vendorid: str
) -> None:
    for number in range(5):
        place(f"done{number}-{vendorid}")
        advance(
            send, barista, f"done{number}-{vendorid}", vendorid, "preparing", "ready", "collected"
        )
    place(f"open-{vendorid}")
    scanned = cloud.dynamodb.query(
        TableName="orders",
        IndexName="by_shop",
        KeyConditionExpression="shop_queue = :queue",
        ExpressionAttributeValues={":queue": {"S": f"open:{vendorid}"}},
    )
    assert (scanned["ScannedCount"], scanned["Count"]) == (1, 1)
    assert pages(send, barista, vendorid=vendorid, limit="1") == [[f"open-{vendorid}"]]
