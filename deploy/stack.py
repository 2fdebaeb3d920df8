"""The data stack of a stage, on AWS and on the local cloud: its tables, users and notifier."""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy import cloudformation
from deploy.cloudformation import Stack
from tools.project import PROJECT, SERVICE_VARIABLES

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_kms import KMSClient

TEMPLATE = Path(__file__).with_name("resources.yaml")
_NOTIFIER = PROJECT / "notifier/web_push.py"


class StackOutputs(NamedTuple):
    """The outputs of the data stack, for the service and its clients."""

    orders_table: str
    shops_table: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str
    push_key: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables that the service requires."""
        values = (self.orders_table, self.shops_table, self.user_pool_arn, self.client_id)
        return dict(zip(SERVICE_VARIABLES, values, strict=True))


def name(stage: str) -> str:
    """Return the name of a stage's data stack."""
    return f"coffee-orders-{stage}"


def api_name(stage: str) -> str:
    """Return the name of the stack with a stage's function and API."""
    return f"coffee-orders-api-{stage}"


def tags(stage: str) -> dict[str, str]:
    """Return the tags of all resources of a stage."""
    return {"app": "coffee-orders", "stage": stage}


def data_stack(stage: str, role_arn: str | None = None, contact: str = "") -> Stack:
    """Return a stage's data stack, with the source of the notifier's function.

    `contact` is the address that push services may write to.
    """
    template = TEMPLATE.read_text().replace(
        "ZipFile: NOTIFIER", f"ZipFile: {json.dumps(_NOTIFIER.read_text())}"
    )
    parameters = {"Stage": stage, "PushContact": contact}
    return Stack(name(stage), template, parameters, tags(stage), role_arn)


def outputs(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Return the outputs of a stage's data stack. Raises CommandError if it has none."""
    state = cloudformation.describe(client, name(stage))
    fields = ("OrdersTable", "ShopsTable", "UserPoolId", "UserPoolArn", "ClientId", "PushKey")
    return StackOutputs(*map(state.output, fields))


def push_public_key(kms: "KMSClient", push_key: str) -> str:
    """Return the key that browsers subscribe with: an uncompressed point, in base64url.

    KMS returns it in DER (RFC 5480), which ends with the 65 bytes of the point.
    """
    point = kms.get_public_key(KeyId=push_key)["PublicKey"][-65:]
    return base64.urlsafe_b64encode(point).decode().rstrip("=")
