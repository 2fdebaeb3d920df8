"""The function's role has all the permissions that it needs, and no others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.e2e.gateway.conftest import Send, WithVariables
from tests.e2e.packaged import Packaged
from tests.hardening.target import User
from tests.samples import order

pytestmark = pytest.mark.slow


@contextmanager
def denied(packaged: Packaged, action: str) -> Iterator[None]:
    """Deny an action to the function's role."""
    iam = packaged.cloud.client("iam")
    function = packaged.cloud.client("lambda").get_function_configuration(
        FunctionName=packaged.function
    )
    policy = {"RoleName": function["Role"].rpartition("/")[2], "PolicyName": "denied"}
    document = {"Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    try:
        yield
    finally:
        iam.delete_role_policy(**policy)


@pytest.mark.parametrize(
    ("action", "failing"),
    [
        ("dynamodb:PutItem", {"place"}),
        # An order reads its shop's menu, and a change reads the shop.
        ("dynamodb:GetItem", {"get", "shop", "place", "change shop"}),
        ("dynamodb:UpdateItem", {"advance", "cancel"}),
        ("dynamodb:Query", {"list", "queue"}),
    ],
)
def test_only_routes_without_their_permission_fail(
    packaged: Packaged, send: Send, customer: User, barista: User, action: str, failing: set[str]
) -> None:
    keys = [{"accountid": f"{action}-{number}", "vendorid": "v0"} for number in range(3)]
    keys[2]["vendorid"] = f"of {action}"  # no instance of the function has cached its menu
    for key in keys[:2]:
        send("POST", "/order", customer, {"order": order(**key)})
    with denied(packaged, action):
        responses = {
            "place": send("POST", "/order", customer, {"order": order(**keys[2])}),
            "get": send("GET", "/order", **keys[0]),
            "list": send("GET", "/orders", customer),
            "queue": send("GET", "/orders", barista, vendorid="v0"),
            "advance": send("PATCH", "/order", barista, {"status": "preparing"}, **keys[0]),
            "cancel": send("DELETE", "/order", customer, **keys[1]),
            # v0 has no menu: these two get 404 if the function may access the table.
            "shop": send("GET", "/shop", vendorid="v0"),
            "change shop": send("PATCH", "/shop", barista, {"open": True}, vendorid="v0"),
        }
    for name, response in responses.items():
        if name in failing:
            assert response.status_code == 500, name
            assert response.json()["Message"] == "An internal server error occurred."
        else:
            assert response.status_code in ({404} if "shop" in name else {200, 201}), name


def test_role_has_no_access_to_another_table(
    packaged: Packaged, send: Send, customer: User, with_variables: WithVariables, accountid: str
) -> None:
    place = partial(send, "POST", "/order", customer, {"order": order(accountid)})
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
