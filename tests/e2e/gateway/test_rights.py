"""The rights of the function: all are needed, and there are no others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from coffee_client import Session
from tests.e2e.gateway.conftest import FUNCTION, Send, WithVariables
from tests.e2e.packaged import Packaged
from tests.samples import order

pytestmark = pytest.mark.slow

_SHOP = ("shop", "change shop")


@contextmanager
def without(packaged: Packaged, action: str) -> Iterator[None]:
    """Remove an action from the policy of the function's role."""
    iam = packaged.cloud.client("iam")
    function = packaged.cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    role = function["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = json.loads(json.dumps(policy))
    for statement in less["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    less["Statement"] = [statement for statement in less["Statement"] if statement["Action"]]
    assert less != policy
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))


@pytest.mark.parametrize(
    ("action", "fails"),
    [
        ("dynamodb:PutItem", {"place"}),
        ("dynamodb:GetItem", {"get", "shop", "place"}),  # an order reads its shop's menu
        ("dynamodb:UpdateItem", {"advance", "cancel", "change shop"}),
        ("dynamodb:Query", {"list", "queue"}),
    ],
)
def test_only_routes_without_their_right_fail(
    packaged: Packaged,
    send: Send,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
    action: str,
    fails: set[str],
) -> None:
    customer = signed_in_customer
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": "v0"} for number in range(3)]
    keys[2]["vendorid"] = f"of {accountid}"  # its menu is in no cache yet
    for key in keys[:2]:
        send("POST", "/order", customer, {"order": order(**key)})
    with without(packaged, action):
        answers = {
            "place": send("POST", "/order", customer, {"order": order(**keys[2])}),
            "get": send("GET", "/order", **keys[0]),
            "list": send("GET", "/orders", customer),
            "queue": send("GET", "/orders", barista, vendorid="v0"),
            "advance": send("PATCH", "/order", barista, {"status": "preparing"}, **keys[0]),
            "cancel": send("DELETE", "/order", customer, **keys[1]),
            # v0 has no menu: 404, if the function may read the table.
            "shop": send("GET", "/shop", vendorid="v0"),
            "change shop": send("PATCH", "/shop", barista, {"open": True}, vendorid="v0"),
        }
    assert {name for name, answer in answers.items() if answer.status_code == 500} == fails
    assert all(answer.ok for name, answer in answers.items() if name not in {*fails, *_SHOP})
    for name in fails:
        assert answers[name].json()["Message"] == "An internal server error occurred."


def test_role_has_no_access_to_another_table(
    packaged: Packaged,
    send: Send,
    signed_in_customer: Session,
    with_variables: WithVariables,
    accountid: str,
) -> None:
    place = partial(send, "POST", "/order", signed_in_customer, {"order": order(accountid)})
    packaged.cloud.client("dynamodb").create_table(
        TableName="another-table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "accountid", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "accountid", "AttributeType": "S"}],
    )
    with with_variables(ORDERS_TABLE="another-table"):
        assert place().status_code == 500
        assert "AccessDenied" in "".join(packaged.log_lines())
    assert place().status_code == 201
