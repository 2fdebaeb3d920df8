"""The function and the notifier have all the rights that they need, and no others."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator import REGION
from tests.e2e.packaged import Packaged
from tests.samples import order

pytestmark = pytest.mark.slow


@contextmanager
def denied(packaged: Packaged, action: str) -> Iterator[None]:
    """Deny an action to the function's role."""
    iam, functions = packaged.cloud.client("iam"), packaged.cloud.client("lambda")
    role = functions.get_function_configuration(FunctionName=packaged.function)["Role"]
    policy = {"RoleName": role.rpartition("/")[2], "PolicyName": "denied"}
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
def test_function_needs_each_of_its_rights(
    packaged: Packaged, action: str, failing: set[str]
) -> None:
    send, customer = packaged.target.request, packaged.target.sign_in()
    barista = packaged.target.sign_in("v0")
    keys = [{"accountid": f"{action}-{number}", "vendorid": "v0"} for number in range(3)]
    keys[2]["vendorid"] = f"of {action}"  # no instance of the function has cached its menu
    for key in keys[:2]:
        send("POST", "/order", customer, {"order": order(**key)})
    with denied(packaged, action):
        statuses = {
            name: response.status_code
            for name, response in {
                "place": send("POST", "/order", customer, {"order": order(**keys[2])}),
                "get": send("GET", "/order", **keys[0]),
                "list": send("GET", "/orders", customer),
                "queue": send("GET", "/orders", barista, vendorid="v0"),
                "advance": send("PATCH", "/order", barista, {"status": "preparing"}, **keys[0]),
                "cancel": send("DELETE", "/order", customer, **keys[1]),
                # v0 has no menu: these two get 404 if the function may access the table.
                "shop": send("GET", "/shop", vendorid="v0"),
                "change shop": send("PATCH", "/shop", barista, {"open": True}, vendorid="v0"),
            }.items()
        }
    assert {name for name, status in statuses.items() if status == 500} == failing
    assert set(statuses.values()) <= {200, 201, 404, 500}


def session_of(packaged: Packaged, role_prefix: str) -> boto3.Session:
    """Return a session with the rights of the only role of this prefix."""
    roles = packaged.cloud.client("iam").list_roles()["Roles"]
    (arn,) = (role["Arn"] for role in roles if role["RoleName"].startswith(role_prefix))
    sts = packaged.cloud.client("sts")
    credentials = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return boto3.Session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=REGION,
    )


@pytest.mark.parametrize(
    ("role_prefix", "permitted"),
    [("coffee-orders-dev-NotifierRole-", "sign"), ("coffee-orders-api-dev-", "get an order")],
)
def test_role_has_no_other_rights(packaged: Packaged, role_prefix: str, permitted: str) -> None:
    outputs, session = packaged.outputs, session_of(packaged, role_prefix)
    kms = packaged.cloud.client("kms")
    another_key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    message = {"Message": b"token", "SigningAlgorithm": "ECDSA_SHA_256"}
    key = {"Key": {"accountid": {"S": "a"}, "vendorid": {"S": "rights"}}}
    table = {"TableName": outputs.orders_table}
    calls: dict[str, tuple[str, str, dict[str, object]]] = {
        "sign": ("kms", "sign", {"KeyId": outputs.push_key, **message}),
        "sign otherwise": ("kms", "sign", {"KeyId": another_key["KeyId"], **message}),
        "delete the key": ("kms", "schedule_key_deletion", {"KeyId": outputs.push_key}),
        "get an order": ("dynamodb", "get_item", {**table, **key}),
        "get another item": ("dynamodb", "get_item", {"TableName": "another", **key}),
        "delete an order": ("dynamodb", "delete_item", {**table, **key}),
        "scan": ("dynamodb", "scan", {**table}),
        "list users": ("cognito-idp", "list_users", {"UserPoolId": outputs.user_pool_id}),
        "list functions": ("lambda", "list_functions", {}),
    }
    for name, (service, operation, parameters) in calls.items():
        client = session.client(service, endpoint_url=packaged.cloud.endpoint_url)  # type: ignore[call-overload]
        if name == permitted:
            getattr(client, operation)(**parameters)
        else:
            with pytest.raises(ClientError, match="not authorized to perform"):
                getattr(client, operation)(**parameters)
