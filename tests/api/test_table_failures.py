"""Answers while the table is throttled, broken or unreachable: 429 or 503, with Retry-After."""

from collections.abc import Callable

import boto3
import pytest
from botocore.config import Config
from chalice.test import Client, HTTPResponse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.api.conftest import Api
from tests.broken_table import (
    Behaviour,
    BrokenTable,
    DelaysRequest,
    answers,
    forward,
    hangs_up,
    loses_first_answer,
    never_answers,
    stops_half_way,
)
from tests.fixtures import Cloud
from tests.samples import offered


@pytest.fixture
def real_table(cloud: Cloud) -> str:
    url: str = cloud.dynamodb.meta.endpoint_url
    return url


@pytest.fixture
def broken_table(
    client: Client,  # noqa: ARG001
    httpserver: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
) -> BrokenTable:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    table = BrokenTable(httpserver)
    use_table(table.url, monkeypatch, read_timeout=10)  # long enough for a busy machine
    # test_menu.py has the failures of the shops table.
    monkeypatch.setattr("chalicelib.shops_table.get_for_order", lambda _: None)
    return table


def use_table(url: str, monkeypatch: pytest.MonkeyPatch, read_timeout: float) -> None:
    """Let the service use the table at this URL, with this time-out in seconds."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    config = dynamodb.client.meta.config.merge(Config(read_timeout=read_timeout))
    client = boto3.client("dynamodb", endpoint_url=url, config=config)
    monkeypatch.setattr(dynamodb, "client", client)


_REQUESTS: dict[str, Callable[[Api], HTTPResponse]] = {
    "place": Api.place,
    "get": lambda api: api.send("GET", "/order", **api.key),
    "cancel": Api.cancel,
    "set status": lambda api: api.set_status("ready"),
    "own orders": lambda api: api.send("GET", "/orders", api.customer),
    "queue": lambda api: api.send("GET", "/orders", api.barista, vendorid=api.vendorid),
    "get shop": Api.get_shop,
    "publish": Api.publish,
    "change shop": lambda api: api.change_shop(open=True),
}
SendRequest = Callable[[], HTTPResponse]


@pytest.fixture(params=_REQUESTS)
def send_request(request: pytest.FixtureRequest, api: Api) -> SendRequest:
    """Return a function that sends one of the requests that use the table."""
    return lambda: _REQUESTS[request.param](api)


@pytest.mark.parametrize(
    "code",
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"],
)
def test_throttled_table(broken_table: BrokenTable, send_request: SendRequest, code: str) -> None:
    broken_table.behave = answers(400, code)
    answer = send_request()
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
    broken_table: BrokenTable,
    send_request: SendRequest,
    behave: Behaviour,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken_table.behave = behave
    if behave is never_answers:
        use_table(broken_table.url, monkeypatch, read_timeout=0.2)
    answer = send_request()
    assert answer.status_code == 503
    assert answer.json_body["Code"] == "ServiceUnavailableError"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_refused_connection(
    broken_table: BrokenTable, send_request: SendRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_table("http://127.0.0.1:1", monkeypatch, read_timeout=10)
    assert send_request().status_code == 503
    assert broken_table.requests == 0


def test_single_failure_is_retried(broken_table: BrokenTable, api: Api) -> None:
    def fail_once(request: Request) -> Response:
        if broken_table.requests == 1:
            return answers(500, "InternalServerError")(request)
        return Response("{}")

    broken_table.behave = fail_once
    assert api.send("GET", "/order", **api.key).status_code == 404
    assert broken_table.requests == 2


def test_lost_answer_of_a_new_order(broken_table: BrokenTable, real_table: str, api: Api) -> None:
    broken_table.behave = loses_first_answer(real_table)
    assert (api.place().status_code, broken_table.requests) == (201, 2)
    assert api.place().status_code == 200


def test_lost_answer_of_a_shop_update(broken_table: BrokenTable, real_table: str, api: Api) -> None:
    def lose_answer_of_update() -> Behaviour:
        lose_first_answer = loses_first_answer(real_table)
        return lambda request: (
            lose_first_answer(request)
            if request.headers["X-Amz-Target"].endswith("UpdateItem")
            else forward(request, real_table)
        )

    broken_table.behave = lose_answer_of_update()
    published = api.publish()
    assert (published.status_code, published.json_body["shop"]) == (201, offered(api.vendorid))
    broken_table.behave = lose_answer_of_update()
    changed = api.change_shop(open=False)
    assert changed.status_code == 200
    assert changed.json_body["shop"] == offered(api.vendorid, open=False)
    assert broken_table.requests == 5  # a GetItem, and each UpdateItem twice


@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", ""])
def test_lost_answer_of_an_order_already_in_progress(
    broken_table: BrokenTable, real_table: str, api: Api, date: str
) -> None:
    lose_first_answer = loses_first_answer(real_table)

    def start_order_before_second_attempt(request: Request) -> Response:
        if broken_table.requests == 2:
            broken_table.behave = lose_first_answer
            api.set_status("preparing")
        return lose_first_answer(request)

    broken_table.behave = start_order_before_second_attempt
    answer = api.place(date)
    assert (answer.status_code, answer.json_body["order"]["status"]) == (201, "preparing")


@pytest.mark.parametrize("change", ["place", "cancel", "set status"])
@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", "2026-03-01 08:30:00", ""])
def test_delayed_attempt_does_not_change_a_newer_order(
    broken_table: BrokenTable, real_table: str, api: Api, change: str, date: str
) -> None:
    broken_table.behave = delays_request = DelaysRequest(real_table)
    if change != "place":
        assert api.place(date).status_code == 201
    delays_request.delay_next()
    # The second attempt of each change succeeds.
    if change == "place":
        assert api.place(date).status_code == 201
    elif change == "cancel":
        assert api.cancel().status_code == 200
    else:
        api.bring_to("collected")
    assert api.place(date.replace(":30:", ":31:"), coffeetype="Long Black").status_code == 200
    newer = api.get()
    assert delays_request.deliver() == 400  # the condition did not hold
    assert api.get() == newer


def test_lost_answer_of_a_status_change(
    broken_table: BrokenTable, real_table: str, api: Api
) -> None:
    changes: list[tuple[str, SendRequest]] = [
        ("cancelled", api.cancel),
        ("preparing", lambda: api.set_status("preparing")),
    ]
    for status, change in changes:
        broken_table.behave = lambda request: forward(request, real_table)
        api.place("")
        broken_table.behave = loses_first_answer(real_table)
        answer = change()
        assert (answer.status_code, answer.json_body["order"]["status"]) == (200, status)
    # A second press of the button is still a conflict.
    assert api.set_status("preparing").status_code == 409


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_internal_error_reveals_nothing(
    broken_table: BrokenTable, send_request: SendRequest, code: str
) -> None:
    broken_table.behave = answers(400, code)
    answer = send_request()
    assert answer.status_code == 500
    assert answer.json_body == {
        "Code": "InternalServerError",
        "Message": "An internal server error occurred.",
    }
    assert broken_table.requests == 1
