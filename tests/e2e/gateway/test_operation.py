"""Operation of the packaged service: failures, a second deploy, logs, names."""

import json

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from tests.broken_table import BrokenTable, Handler, close_connection, error_response
from tests.e2e.gateway.conftest import FUNCTION, Send, WithVariables
from tests.e2e.packaged import API_STACK, Packaged
from tests.e2e.people import sign_up
from tests.samples import PASSWORD, order


@pytest.mark.parametrize(
    ("handler", "status"),
    [(error_response(400, "ThrottlingException"), 429), (close_connection, 503)],
    ids=["throttling", "gone"],
)
def test_failure_of_the_table_has_retry_after(
    send: Send,
    signed_in_customer: Session,
    with_variables: WithVariables,
    httpserver: HTTPServer,
    handler: Handler,
    status: int,
) -> None:
    broken = BrokenTable(httpserver)
    broken.handler = handler
    with with_variables(AWS_ENDPOINT_URL_DYNAMODB=broken.url):
        for answer in (
            send("POST", "/order", signed_in_customer, {"order": order()}),
            send("GET", "/order", accountid="a0", vendorid="v0"),
        ):
            assert answer.status_code == status
            assert int(answer.headers["Retry-After"]) >= 1
        assert broken.requests > 0


def test_second_deploy_keeps_orders_and_customers(
    packaged: Packaged, accounts: Accounts, accountid: str
) -> None:
    sign_up(accounts, packaged.cloud, accountid)
    client = CoffeeClient(packaged.api_url, accounts.log_in(accountid, PASSWORD))
    client.place(Order(accountid, "v0", Details("Flat White", "Large", "4.80", "2")))

    app = packaged.project.folder / "app.py"
    app.write_text(app.read_text().replace('"""Look an order up', '"""Look up an order'))
    assert packaged.deploy() == packaged.outputs

    again = CoffeeClient(packaged.api_url, accounts.log_in(accountid, PASSWORD))
    assert again.get(accountid, "v0").details.coffeetype == "Flat White"
    changed = Order(accountid, "v0", Details("Piccolo", "Small", "4", "1"))
    assert not again.place(changed).is_new


def test_log_is_json_without_secrets(
    packaged: Packaged, send: Send, signed_in_customer: Session, accountid: str
) -> None:
    body = {"order": order(accountid, coffeetype="Secret Roast")}
    send("POST", "/order", signed_in_customer, body)
    lines = packaged.log_lines()
    answered = [json.loads(line) for line in lines if '"answered"' in line]
    assert {"request_id", "function_request_id", "route", "status", "duration_ms"} <= set(
        answered[-1]
    )
    written = "\n".join(lines)
    for secret in (signed_in_customer.id_token(), "Secret Roast", accountid):
        assert secret not in written


def test_names_are_those_of_the_alarms(packaged: Packaged) -> None:
    resources = packaged.cloud.client("cloudformation").describe_stack_resources(
        StackName=API_STACK
    )
    ids = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources["StackResources"]}
    assert ids["AWS::Lambda::Function"] == FUNCTION
    gateway = packaged.cloud.client("apigateway")
    assert gateway.get_rest_api(restApiId=packaged.api_id)["name"] == "coffee-orders"
    (stage,) = gateway.get_stages(restApiId=packaged.api_id)["item"]
    assert stage["stageName"] == "local"
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)
