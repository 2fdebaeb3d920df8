"""What a client hears when the table is busy, broken or gone: 429 or 503, and when to retry."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from chalice.test import Client, HTTPResponse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.api.conftest import GetOrder, Send
from tests.broken_table import (
    Behaviour,
    BrokenTable,
    HoldsUp,
    answers,
    forgets_its_first_answer,
    forward,
    hangs_up,
    never_answers,
    stops_half_way,
)
from tests.fixtures import Cloud, Customer
from tests.samples import offered, order, ordered, shop_content


@pytest.fixture
def broken_table(
    client: Client,  # noqa: ARG001
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> BrokenTable:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    table = BrokenTable(httpserver)
    use_table(table.url, monkeypatch, read_timeout=10)  # so that a busy machine is no fault
    # test_menu.py has the failures of the shops table.
    monkeypatch.setattr("chalicelib.shops_table.get_for_order", lambda _: None)
    return table


def use_table(url: str, monkeypatch: pytest.MonkeyPatch, read_timeout: float) -> None:
    """Let the service use the table at this URL, with this time-out in seconds."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    config = dynamodb.client.meta.config.merge(Config(read_timeout=read_timeout))
    client = boto3.client("dynamodb", endpoint_url=url, config=config)
    monkeypatch.setattr(dynamodb, "client", client)


_ASKS = ["place", "get", "cancel", "advance", "list", "queue", "shop", "publish", "change shop"]


@pytest.fixture(params=_ASKS)
def ask(request: pytest.FixtureRequest, send: Send, signed_in_customer: Customer) -> "Ask":
    """Return a function that asks the service for something that asks the table."""
    who, barista = signed_in_customer, request.getfixturevalue("barista")
    key = {"accountid": "a0", "vendorid": "v0"}
    asks: dict[str, Ask] = {
        "place": lambda: send("POST", "/order", who, body={"order": order()}),
        "get": lambda: send("GET", "/order", **key),
        "cancel": lambda: send("DELETE", "/order", who, **key),
        "advance": lambda: send("PATCH", "/order", barista, body={"status": "ready"}, **key),
        "list": lambda: send("GET", "/orders", who),
        "queue": lambda: send("GET", "/orders", barista, vendorid="v0"),
        "shop": lambda: send("GET", "/shop", vendorid="v0"),
        "publish": lambda: send(
            "PUT", "/shop", barista, body={"shop": shop_content()}, vendorid="v0"
        ),
        "change shop": lambda: send("PATCH", "/shop", barista, body={"open": True}, vendorid="v0"),
    }
    return asks[request.param]


@pytest.fixture(scope="module")
def barista(barista_of: Callable[[str], Customer]) -> Customer:
    return barista_of("v0")


Ask = Callable[[], HTTPResponse]


@pytest.mark.parametrize(
    "code",
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"],
)
def test_throttled_table(broken_table: BrokenTable, ask: Ask, code: str) -> None:
    broken_table.behave = answers(400, code)
    answer = ask()
    assert answer.status_code == 429
    assert answer.json_body["Code"] == "TooManyRequestsError"
    assert int(answer.headers["Retry-After"]) >= 1
    assert broken_table.requests == 3


@pytest.mark.parametrize(
    "behave",
    [
        answers(500, "InternalServerError"),
        answers(503, "ServiceUnavailable"),
        hangs_up,
        stops_half_way,
        never_answers,
    ],
)
def test_unreachable_table(
    broken_table: BrokenTable, ask: Ask, behave: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_table.behave = behave
    if behave is never_answers:
        use_table(broken_table.url, monkeypatch, read_timeout=0.2)
    answer = ask()
    assert answer.status_code == 503
    assert answer.json_body["Code"] == "ServiceUnavailableError"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_refused_connection(
    broken_table: BrokenTable, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_table("http://127.0.0.1:1", monkeypatch, read_timeout=10)
    assert ask().status_code == 503
    assert broken_table.requests == 0


def test_single_failure_is_retried(broken_table: BrokenTable, get_order: GetOrder) -> None:
    def recovers(request: Request) -> Response:
        if broken_table.requests == 1:
            return answers(500, "InternalServerError")(request)
        return Response("{}")

    broken_table.behave = recovers
    assert get_order("accountid=a0&vendorid=v0").status_code == 404
    assert broken_table.requests == 2


def test_lost_answer_of_a_new_order(
    cloud: Cloud,
    broken_table: BrokenTable,
    send: Send,
    signed_in_customer: Customer,
    accountid: str,
) -> None:
    broken_table.behave = forgets_its_first_answer(cloud.dynamodb.meta.endpoint_url)
    body = {"order": order(accountid)}
    answer = send("POST", "/order", signed_in_customer, body=body)
    assert (answer.status_code, broken_table.requests) == (201, 2)
    assert send("POST", "/order", signed_in_customer, body=body).status_code == 200


def test_lost_answer_of_a_change_of_a_shop(
    cloud: Cloud,
    broken_table: BrokenTable,
    send: Send,
    barista_of: Callable[[str], Customer],
    vendorid: str,
) -> None:
    staff, real_table = barista_of(vendorid), cloud.dynamodb.meta.endpoint_url

    def lose_the_answer() -> Behaviour:
        forgets = forgets_its_first_answer(real_table)
        return lambda request: (
            forgets(request)
            if request.headers["X-Amz-Target"].endswith("UpdateItem")
            else forward(request, real_table)
        )

    broken_table.behave = lose_the_answer()
    content = {"shop": shop_content()}
    published = send("PUT", "/shop", staff, body=content, vendorid=vendorid)
    assert (published.status_code, published.json_body["shop"]) == (201, offered(vendorid))
    broken_table.behave = lose_the_answer()
    changed = send("PATCH", "/shop", staff, body={"open": False}, vendorid=vendorid)
    assert changed.status_code == 200
    assert changed.json_body["shop"] == offered(vendorid, open=False)
    assert broken_table.requests == 5  # a GetItem, and each UpdateItem twice


@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", ""])
def test_lost_answer_of_an_order_already_in_progress(
    cloud: Cloud,
    broken_table: BrokenTable,
    send: Send,
    signed_in_customer: Customer,
    barista: Customer,
    accountid: str,
    date: str,
) -> None:
    key = {"accountid": accountid, "vendorid": "v0"}
    forget = forgets_its_first_answer(cloud.dynamodb.meta.endpoint_url)

    def the_shop_is_quick(request: Request) -> Response:
        if broken_table.requests == 2:  # between the first try and the second
            broken_table.behave = forget
            send("PATCH", "/order", barista, body={"status": "preparing"}, **key)
        return forget(request)

    broken_table.behave = the_shop_is_quick
    answer = send("POST", "/order", signed_in_customer, body={"order": ordered(date, **key)})
    assert (answer.status_code, answer.json_body["order"]["status"]) == (201, "preparing")


@pytest.mark.parametrize("change", ["POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", "2026-03-01 08:30:00", ""])
def test_delayed_attempt_does_not_change_a_newer_order(
    cloud: Cloud,
    broken_table: BrokenTable,
    send: Send,
    signed_in_customer: Customer,
    barista: Customer,
    accountid: str,
    change: str,
    date: str,
) -> None:
    key = {"accountid": accountid, "vendorid": "v0"}

    def place(date: str, coffeetype: str) -> int:
        body = {"order": ordered(date, **key, coffeetype=coffeetype)}
        return send("POST", "/order", signed_in_customer, body=body).status_code

    def step(status: str) -> int:
        return send("PATCH", "/order", barista, body={"status": status}, **key).status_code

    def change_it() -> int:
        if change == "POST":
            return place(date, "Short Black")
        if change == "PATCH":
            return step("preparing")
        return send("DELETE", "/order", signed_in_customer, **key).status_code

    tries = HoldsUp(cloud.dynamodb.meta.endpoint_url)
    broken_table.behave = tries
    if change != "POST":
        assert place(date, "Short Black") == 201
    tries.hold_up_the_next()
    assert change_it() in {200, 201}  # by its second try
    if change == "PATCH":
        assert step("ready") == step("collected") == 200
    assert place(date.replace(":30:", ":31:"), "Long Black") == 200
    newer = send("GET", "/order", **key).json_body
    assert tries.deliver() == 400  # the condition did not hold
    assert send("GET", "/order", **key).json_body == newer


def test_lost_answer_of_a_status_change(
    cloud: Cloud,
    broken_table: BrokenTable,
    send: Send,
    signed_in_customer: Customer,
    barista: Customer,
    accountid: str,
) -> None:
    key = {"accountid": accountid, "vendorid": "v0"}
    step = {"status": "preparing"}

    def place() -> None:
        undated = ordered("", **key)  # and so a new one each time
        send("POST", "/order", signed_in_customer, body={"order": undated})
        broken_table.behave = forgets_its_first_answer(cloud.dynamodb.meta.endpoint_url)

    broken_table.behave = forgets_its_first_answer(cloud.dynamodb.meta.endpoint_url)
    place()
    cancelled = send("DELETE", "/order", signed_in_customer, **key)
    assert (cancelled.status_code, cancelled.json_body["order"]["status"]) == (200, "cancelled")
    place()
    started = send("PATCH", "/order", barista, body=step, **key)
    assert (started.status_code, started.json_body["order"]["status"]) == (200, "preparing")
    # Somebody else who presses now is told, as always.
    assert send("PATCH", "/order", barista, body=step, **key).status_code == 409


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_internal_error_reveals_nothing(
    broken_table: BrokenTable, ask: Ask, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_table.behave = answers(400, code)
    answer = ask()
    assert answer.status_code == 500
    assert answer.json_body == {
        "Code": "InternalServerError",
        "Message": "An internal server error occurred.",
    }
    assert broken_table.requests == 1
    capsys.readouterr()


def test_retries_end_before_the_gateways_timeout(client: Client) -> None:  # noqa: ARG001
    from chalicelib import dynamodb  # noqa: PLC0415

    config: Any = dynamodb.client.meta.config
    attempts = config.retries["total_max_attempts"]
    # botocore's standard mode waits for at most 2 ** n seconds before retry n (from 0), 20 at most.
    pauses = sum(min(2**n, 20) for n in range(attempts - 1))
    assert attempts * (config.connect_timeout + config.read_timeout) + pauses < 10
