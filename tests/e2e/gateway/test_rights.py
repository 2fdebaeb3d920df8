"""The function's role has all the permissions that it needs, and no others."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator import REGION
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


@pytest.mark.parametrize(
    ("role_prefix", "allowed"),
    [
        ("coffee-orders-dev-NotifierRole-", {"kms:Sign"}),
        ("coffee-orders-api-dev-", {"dynamodb:GetItem"}),
    ],
)
def test_neither_function_has_the_rights_of_the_other(
    packaged: Packaged, role_prefix: str, allowed: set[str]
) -> None:
    roles = packaged.cloud.client("iam").list_roles()["Roles"]
    (arn,) = (role["Arn"] for role in roles if role["RoleName"].startswith(role_prefix))
    sts = packaged.cloud.client("sts")
    credentials = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.Session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=REGION,
    )
    client = partial(session.client, endpoint_url=packaged.cloud.endpoint_url)
    kms, dynamodb, outputs = client("kms"), client("dynamodb"), packaged.outputs
    another = packaged.cloud.client("kms").create_key(
        KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"
    )

    def sign(key: str) -> None:
        kms.sign(KeyId=key, Message=b"token", SigningAlgorithm="ECDSA_SHA_256")

    item = {"accountid": {"S": "a"}, "vendorid": {"S": "rights"}}
    calls: dict[str, Callable[[], object]] = {
        "kms:Sign": lambda: sign(outputs.push_key),
        "kms:Sign with another key": lambda: sign(another["KeyMetadata"]["KeyId"]),
        "kms:ScheduleKeyDeletion": lambda: kms.schedule_key_deletion(KeyId=outputs.push_key),
        "dynamodb:GetItem": lambda: dynamodb.get_item(TableName=outputs.orders_table, Key=item),
        "dynamodb:DeleteItem": lambda: dynamodb.delete_item(
            TableName=outputs.orders_table, Key=item
        ),
        "cognito-idp:ListUsers": lambda: client("cognito-idp").list_users(
            UserPoolId=outputs.user_pool_id
        ),
        "lambda:ListFunctions": lambda: client("lambda").list_functions(),
    }
    for action, call in calls.items():
        if action in allowed:
            call()
        else:
            with pytest.raises(ClientError, match="not authorized to perform"):
                call()
