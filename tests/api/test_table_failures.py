"""Responses while the table is throttled, failing or unreachable: 429 or 503, with Retry-After."""

from collections.abc import Callable
from types import ModuleType

import boto3
import pytest
from botocore.config import Config
from chalice.test import HTTPResponse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.api.conftest import Api
from tests.broken_table import (
    BrokenTable,
    DelayedRequest,
    Handler,
    close_connection,
    error_response,
    lose_first_response,
    truncate,
)
from tests.fixtures import Cloud

UseTable = Callable[[str], None]


@pytest.fixture
def real_table(cloud: Cloud) -> str:
    return str(cloud.dynamodb.meta.endpoint_url)


@pytest.fixture
def use_table(dynamodb: ModuleType, monkeypatch: pytest.MonkeyPatch) -> UseTable:
    """Return a function that lets the service use the table at a URL."""

    def use_table(url: str) -> None:
        config = dynamodb.client.meta.config.merge(Config(read_timeout=10))  # for a busy machine
        client = boto3.client("dynamodb", endpoint_url=url, config=config)
        monkeypatch.setattr(dynamodb, "client", client)

    return use_table


@pytest.fixture
def broken_table(
    api: Api, use_table: UseTable, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> BrokenTable:
    """Let the service use a broken table. It knows that the shop has no menu."""
    from chalicelib import shops_table  # noqa: PLC0415 - it reads the environment as it loads

    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    shops_table.get_for_order(api.vendorid)
    table = BrokenTable(httpserver)
    use_table(table.url)
    return table


_REQUESTS: dict[str, Callable[[Api], HTTPResponse]] = {
    "place": Api.place,
    "get": Api.look_up,
    "cancel": Api.cancel,
    "queue": Api.queue,
    "get shop": Api.look_up_shop,
    "publish": Api.publish,
}
_BUSY, _UNAVAILABLE = (429, "TooManyRequestsError"), (503, "ServiceUnavailableError")
_INTERNAL = (500, "InternalServerError")
_ATTEMPTS = {429: 3, 500: 1}


@pytest.mark.parametrize("name", _REQUESTS)
@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (error_response(400, "ProvisionedThroughputExceededException"), _BUSY),
        (error_response(400, "RequestLimitExceeded"), _BUSY),
        (error_response(400, "ThrottlingException"), _BUSY),
        (error_response(500, "InternalServerError"), _UNAVAILABLE),
        (close_connection, _UNAVAILABLE),
        (lambda _: truncate(Response(b'{"Item": {}}'), 9), _UNAVAILABLE),
        (None, _UNAVAILABLE),  # it refuses connections
        (error_response(400, "AccessDeniedException"), _INTERNAL),
    ],
)
def test_table_failure_is_429_503_or_500(
    broken_table: BrokenTable,
    use_table: UseTable,
    api: Api,
    name: str,
    handler: Handler | None,
    error: tuple[int, str],
) -> None:
    if handler is None:
        use_table("http://127.0.0.1:1")
    broken_table.handler = handler or close_connection
    response = _REQUESTS[name](api)
    assert (response.status_code, response.json_body["Code"]) == error
    assert broken_table.requests == _ATTEMPTS.get(response.status_code, broken_table.requests)
    if error == _INTERNAL:
        assert response.json_body["Message"] == "An internal server error occurred."
    else:
        assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("change", "statuses"),
    [
        (Api.place, (201, 200)),
        (Api.cancel, (200, 409)),
        (lambda api: api.set_status("preparing"), (200, 409)),
    ],
)
def test_change_succeeds_after_a_lost_response(
    broken_table: BrokenTable,
    use_table: UseTable,
    real_table: str,
    api: Api,
    change: Callable[[Api], HTTPResponse],
    statuses: tuple[int, int],
) -> None:
    use_table(real_table)
    if change is not Api.place:
        api.place()
    use_table(broken_table.url)
    broken_table.handler = lose_first_response(real_table)
    response = change(api)
    assert response.json_body["order"] == api.get()
    # A second request is a repeated order, or a conflict.
    assert (response.status_code, change(api).status_code) == statuses


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


@pytest.mark.parametrize("status", ["placed", "cancelled", "collected"])
@pytest.mark.parametrize("date", ["2026-03-01T08:30:00Z", "2026-03-01 08:30:00", ""])
def test_delayed_attempt_does_not_change_a_newer_order(
    broken_table: BrokenTable, real_table: str, api: Api, status: str, date: str
) -> None:
    broken_table.handler = delay = DelayedRequest(real_table)
    if status != "placed":
        api.place(date)
    delay.delay_next()
    # The second attempt of the next change succeeds.
    if status == "placed":
        api.place(date)
    else:
        api.advance_to(status)
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
