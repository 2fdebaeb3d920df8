"""Responses while the table is throttled, failing or unreachable: 429 or 503, with Retry-After."""

from collections.abc import Callable

import boto3
import pytest
from botocore.config import Config
from chalice.test import Client, HTTPResponse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.api.conftest import Api
from tests.broken_table import (
    BrokenTable,
    DelayedRequest,
    Handler,
    close_connection,
    error_response,
    forward,
    lose_first_response,
    respond_late,
    send_partial_response,
)
from tests.fixtures import Cloud
from tests.samples import shop_response


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
    use_table(table.url, monkeypatch)
    # test_menu.py has the failures of the shops table.
    monkeypatch.setattr("chalicelib.shops_table.get_for_order", lambda _: None)
    return table


def use_table(url: str, monkeypatch: pytest.MonkeyPatch, read_timeout: float = 10) -> None:
    """Let the service use the table at this URL. The timeout suits a busy machine, in seconds."""
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
    """Return a function that sends one of the requests above."""
    return lambda: _REQUESTS[request.param](api)


_BUSY, _UNAVAILABLE = (429, "TooManyRequestsError"), (503, "ServiceUnavailableError")


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (error_response(400, "ProvisionedThroughputExceededException"), _BUSY),
        (error_response(400, "RequestLimitExceeded"), _BUSY),
        (error_response(400, "ThrottlingException"), _BUSY),
        (error_response(500, "InternalServerError"), _UNAVAILABLE),
        (error_response(503, "ServiceUnavailable"), _UNAVAILABLE),
        (close_connection, _UNAVAILABLE),
        (send_partial_response, _UNAVAILABLE),
        (respond_late, _UNAVAILABLE),
    ],
)
def test_table_failure_is_429_or_503(
    broken_table: BrokenTable,
    send_request: SendRequest,
    handler: Handler,
    error: tuple[int, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken_table.handler = handler
    if handler is respond_late:
        use_table(broken_table.url, monkeypatch, read_timeout=0.2)
    response = send_request()
    assert (response.status_code, response.json_body["Code"]) == error
    assert int(response.headers["Retry-After"]) >= 1
    if error == _BUSY:
        assert broken_table.requests == 3


def test_refused_connection_is_503(
    broken_table: BrokenTable, send_request: SendRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_table("http://127.0.0.1:1", monkeypatch)
    assert send_request().status_code == 503
    assert broken_table.requests == 0


def test_single_failure_is_retried(broken_table: BrokenTable, api: Api) -> None:
    def fail_once(request: Request) -> Response:
        if broken_table.requests == 1:
            return error_response(500, "InternalServerError")(request)
        return Response("{}")

    broken_table.handler = fail_once
    assert api.send("GET", "/order", **api.key).status_code == 404
    assert broken_table.requests == 2


def test_new_order_is_201_after_a_lost_response(
    broken_table: BrokenTable, real_table: str, api: Api
) -> None:
    broken_table.handler = lose_first_response(real_table)
    assert (api.place().status_code, broken_table.requests) == (201, 2)
    assert api.place().status_code == 200


def test_shop_update_succeeds_after_a_lost_response(
    broken_table: BrokenTable, real_table: str, api: Api
) -> None:
    def lose_response_to_update() -> Handler:
        lose_response = lose_first_response(real_table)
        return lambda request: (
            lose_response(request)
            if request.headers["X-Amz-Target"].endswith("UpdateItem")
            else forward(request, real_table)
        )

    broken_table.handler = lose_response_to_update()
    response = api.publish()
    assert (response.status_code, response.json_body["shop"]) == (
        201,
        shop_response(api.vendorid),
    )
    broken_table.handler = lose_response_to_update()
    response = api.change_shop(open=False)
    assert response.status_code == 200
    assert response.json_body["shop"] == shop_response(api.vendorid, open=False)
    assert broken_table.requests == 6  # for each change a GetItem, and UpdateItem twice


@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", ""])
def test_retry_returns_an_order_already_in_progress(
    broken_table: BrokenTable, real_table: str, api: Api, date: str
) -> None:
    lose_response = lose_first_response(real_table)

    def start_order_before_second_attempt(request: Request) -> Response:
        if broken_table.requests == 2:
            broken_table.handler = lose_response
            api.set_status("preparing")
        return lose_response(request)

    broken_table.handler = start_order_before_second_attempt
    response = api.place(date)
    assert (response.status_code, response.json_body["order"]["status"]) == (200, "preparing")


@pytest.mark.parametrize("change", ["place", "cancel", "set status"])
@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", "2026-03-01 08:30:00", ""])
def test_delayed_attempt_does_not_change_a_newer_order(
    broken_table: BrokenTable, real_table: str, api: Api, change: str, date: str
) -> None:
    broken_table.handler = delay = DelayedRequest(real_table)
    if change != "place":
        assert api.place(date).status_code == 201
    delay.delay_next()
    # The second attempt of each change succeeds.
    if change == "place":
        assert api.place(date).status_code == 201
    elif change == "cancel":
        assert api.cancel().status_code == 200
    else:
        api.advance_to("collected")
    assert api.place(date.replace(":30:", ":31:"), coffeetype="Long Black").status_code == 200
    newer = api.get()
    assert delay.deliver() == 400  # the condition did not hold
    assert api.get() == newer


def test_delayed_attempt_does_not_repeat_a_step_that_was_undone(
    broken_table: BrokenTable, real_table: str, api: Api
) -> None:
    broken_table.handler = delay = DelayedRequest(real_table)
    api.place()
    delay.delay_next()
    assert api.set_status("preparing").status_code == 200  # by the second attempt
    assert api.step_back("placed").status_code == 200
    assert delay.deliver() == 400  # the condition did not hold
    assert api.get()["status"] == "placed"


def test_status_change_succeeds_after_a_lost_response(
    broken_table: BrokenTable, real_table: str, api: Api
) -> None:
    changes: list[tuple[str, SendRequest]] = [
        ("cancelled", api.cancel),
        ("preparing", lambda: api.set_status("preparing")),
    ]
    for status, change in changes:
        broken_table.handler = lambda request: forward(request, real_table)
        api.place("")
        broken_table.handler = lose_first_response(real_table)
        response = change()
        assert (response.status_code, response.json_body["order"]["status"]) == (200, status)
    # A second PATCH is still a conflict.
    assert api.set_status("preparing").status_code == 409


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_internal_error_reveals_nothing(
    broken_table: BrokenTable, send_request: SendRequest, code: str
) -> None:
    broken_table.handler = error_response(400, code)
    response = send_request()
    assert response.status_code == 500
    assert response.json_body == {
        "Code": "InternalServerError",
        "Message": "An internal server error occurred.",
    }
    assert broken_table.requests == 1
