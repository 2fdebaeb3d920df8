"""Operation of the packaged service: table failures, a second deployment, logs, resource names."""

import json
import re

import pytest
from pytest_httpserver import HTTPServer

from tests.broken_table import BrokenTable, Handler, close_connection, error_response
from tests.e2e.gateway.conftest import Send, WithVariables
from tests.e2e.packaged import Packaged
from tests.fixtures import log_in
from tests.hardening.target import Target, User
from tests.samples import order, placed_order

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("failure", "status"),
    [(error_response(400, "ThrottlingException"), 429), (close_connection, 503)],
    ids=["throttled", "unreachable"],
)
def test_table_failure_has_retry_after(
    send: Send,
    customer: User,
    with_variables: WithVariables,
    httpserver: HTTPServer,
    failure: Handler,
    status: int,
) -> None:
    table = BrokenTable(httpserver)
    table.handler = failure
    with with_variables(AWS_ENDPOINT_URL_DYNAMODB=table.url):
        for response in (
            send("POST", "/order", customer, {"order": order()}),
            send("GET", "/order", accountid="a0", vendorid="v0"),
        ):
            assert response.status_code == status
            assert int(response.headers["Retry-After"]) >= 1
        assert table.requests > 0


def test_second_deployment_keeps_orders_and_customers(
    packaged: Packaged, target: Target, customer: User, accountid: str
) -> None:
    key = {"accountid": accountid, "vendorid": "v0"}
    target.request("POST", "/order", customer, {"order": order(**key)})
    app = packaged.project.folder / "app.py"
    # The docstrings of the routes are in the API's Swagger.
    app.write_text(
        re.sub(r'^    """(?=\w)', '    """Changed: ', app.read_text(), flags=re.MULTILINE)
    )
    assert packaged.deploy() == packaged.outputs
    target.api_url = packaged.api_url
    assert target.request("GET", "/order", **key).json() == {"order": placed_order(**key)}
    token = log_in(target.cognito(), packaged.outputs.client_id, customer.username)["IdToken"]
    body = {"order": order(**key, coffeetype="Piccolo")}
    assert target.request("POST", "/order", token, body).status_code == 200


def test_log_has_no_secrets(packaged: Packaged, send: Send, customer: User, accountid: str) -> None:
    body = {"order": order(accountid, coffeetype="Secret Roast")}
    send("POST", "/order", customer, body)
    lines = packaged.log_lines()
    requests = [json.loads(line) for line in lines if '"answered"' in line]
    fields = {"request_id", "function_request_id", "route", "status", "duration_ms"}
    assert fields <= set(requests[-1])
    log = "\n".join(lines)
    for secret in (customer.id_token, "Secret Roast", accountid):
        assert secret not in log
