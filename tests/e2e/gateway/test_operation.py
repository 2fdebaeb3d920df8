"""What operators rely on: failures told, a second deploy, logs, names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from tests.broken_table import Behaviour, BrokenTable, answers, hangs_up
from tests.e2e.gateway.conftest import FUNCTION, PostOrder, get
from tests.e2e.packaged import API_STACK, Packaged
from tests.e2e.people import sign_up
from tests.samples import PASSWORD, REFUSALS, order


@contextmanager
def table_replaced_by(packaged: Packaged, broken: BrokenTable) -> Iterator[None]:
    """Let the function find another table at DynamoDB's address, for a while."""
    functions = packaged.cloud.client("lambda")
    usual = functions.get_function_configuration(FunctionName=FUNCTION)["Environment"]
    there = {"AWS_ENDPOINT_URL_DYNAMODB": broken.url}
    changed = {"Variables": usual["Variables"] | there}
    functions.update_function_configuration(FunctionName=FUNCTION, Environment=changed)
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=FUNCTION, Environment=usual)


@pytest.mark.parametrize(
    ("behave", "status"),
    [(answers(400, "ThrottlingException"), 429), (hangs_up, 503)],
    ids=["throttling", "gone"],
)
def test_a_table_in_trouble_is_told_as_such(
    packaged: Packaged,
    post_order: PostOrder,
    httpserver: HTTPServer,
    behave: Behaviour,
    status: int,
) -> None:
    broken = BrokenTable(httpserver)
    broken.behave = behave
    with table_replaced_by(packaged, broken):
        for answer in (post_order(order()), get(packaged, "a0")):
            assert answer.status_code == status
            assert int(answer.headers["Retry-After"]) >= 1
        assert broken.requests > 0


def test_a_second_deploy_keeps_orders_and_customers(
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


def test_the_functions_log_is_json_and_has_no_secret(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session, accountid: str
) -> None:
    post_order(order(accountid, coffeetype="Secret Roast"))
    lines = packaged.log_lines()
    answered = [json.loads(line) for line in lines if '"answered"' in line]
    assert {"request_id", "function_request_id", "route", "status", "duration_ms"} <= set(
        answered[-1]
    )
    written = "\n".join(lines)
    for secret in (signed_in_customer.id_token(), "Secret Roast", accountid):
        assert secret not in written


def test_the_api_and_its_function_are_named_as_the_alarms_expect(packaged: Packaged) -> None:
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


def test_the_gateways_refusals_are_for_any_origin_and_safe_to_read(packaged: Packaged) -> None:
    """In the Swagger: the local cloud does not import this part of it."""
    swagger = packaged.template()["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    refusals = swagger["x-amazon-apigateway-gateway-responses"]
    told = {refusal: content["responseParameters"] for refusal, content in refusals.items()}
    assert told == REFUSALS
