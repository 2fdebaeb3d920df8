"""The stacks of this project: a stage's data and API, and what an account needs once.

The data stack also creates the tables and users of the local cloud.
"""

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import boto3

from deploy import cloudformation
from deploy.cloudformation import Report, Stack
from tools import CommandError
from tools.project import PROJECT, service_environment

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_kms import KMSClient

TEMPLATE = Path(__file__).with_name("resources.yaml")
# The local cloud sends pushes, too. A deployed stage without a contact sends none.
_NOBODY = "nobody@example.com"
_NOTIFIER = PROJECT / "notifier/web_push.py"
_ACCOUNT_TEMPLATE = Path(__file__).with_name("account.yaml")
# Not coffee-orders-...: deployers may change every stack of that name.
ACCOUNT_STACK = "coffee-account"


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
        return service_environment(
            self.orders_table, self.shops_table, self.user_pool_arn, self.client_id
        )


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
    parameters = {"Stage": stage, "PushContact": contact or _NOBODY}
    return Stack(name(stage), template, parameters, tags(stage), role_arn)


def apply(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Create a stage's data stack on a local cloud. Raises StackError."""
    cloudformation.apply(client, data_stack(stage))
    return outputs(client, stage)


def outputs(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Return the outputs of a stage's data stack. Raises NoOutputsError if it has none."""
    values = cloudformation.outputs(client, name(stage))
    fields = ("OrdersTable", "ShopsTable", "UserPoolId", "UserPoolArn", "ClientId", "PushKey")
    return StackOutputs(*(values[field] for field in fields))


def push_public_key(kms: "KMSClient", push_key: str) -> str:
    """Return the key that browsers subscribe with: an uncompressed point, in base64url.

    KMS returns it in DER (RFC 5480), which ends with the 65 bytes of the point.
    """
    point = kms.get_public_key(KeyId=push_key)["PublicKey"][-65:]
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def apply_account(session: boto3.Session, github: str | None, report: Report) -> dict[str, str]:
    """Create or update the stack of the account and region; return its outputs.

    `github` is the owner/name of the repository whose workflow deploys; None keeps the present one.
    """
    client = session.client("cloudformation")
    stack = cloudformation.describe(client, ACCOUNT_STACK) or {}
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}
    if not parameters:  # later, the role may be this stack's own
        account = session.client("apigateway").get_account()
        parameters["GatewayLogRole"] = account.get("cloudwatchRoleArn", "")
    if github and not parameters.get("GitHubRepository"):  # as for the role
        providers = session.client("iam").list_open_id_connect_providers()
        arns = [provider["Arn"] for provider in providers["OpenIDConnectProviderList"]]
        url = "/token.actions.githubusercontent.com"
        parameters["GitHubProvider"] = next((arn for arn in arns if arn.endswith(url)), "")
    if github is not None:
        parameters["GitHubRepository"] = github
    template = _ACCOUNT_TEMPLATE.read_text()
    account_stack = Stack(ACCOUNT_STACK, template, parameters, {"app": "coffee-orders"})
    cloudformation.apply(client, account_stack, report=report)
    return cloudformation.outputs(client, ACCOUNT_STACK)


def account_outputs(client: "CloudFormationClient", stage: str) -> dict[str, str]:
    """Return the outputs of the account's stack. Raises CommandError if there is none."""
    try:
        return cloudformation.outputs(client, ACCOUNT_STACK)
    except cloudformation.NoOutputsError as error:
        raise CommandError(f"{error}: an administrator runs `make account STAGE={stage}`") from None


class RetainedResource(NamedTuple):
    """A table or user pool of a stage, which no command of this project deletes."""

    kind: str
    id: str

    def removal_commands(self) -> list[str]:
        """Return the commands that delete it permanently: first they turn its protection off."""
        if self.kind == "table":
            update, delete = "dynamodb update-table", "dynamodb delete-table"
            name, unprotected = f"--table-name {self.id}", "--no-deletion-protection-enabled"
        else:
            update, delete = "cognito-idp update-user-pool", "cognito-idp delete-user-pool"
            name, unprotected = f"--user-pool-id {self.id}", "--deletion-protection INACTIVE"
        return [f"aws {update} {name} {unprotected}", f"aws {delete} {name}"]


def retained_resources(session: boto3.Session, stage: str) -> list[RetainedResource]:
    """Return the tables and user pools of a stage that do not belong to its present stack."""
    tables = session.client("dynamodb").get_paginator("list_tables").paginate()
    pools = session.client("cognito-idp").get_paginator("list_user_pools")
    resources = [
        RetainedResource("table", table)
        for page in tables
        for table in page["TableNames"]
        if table.startswith(f"{name(stage)}-")
    ] + [
        RetainedResource("user pool", pool["Id"])
        for page in pools.paginate(PaginationConfig={"PageSize": 60})
        for pool in page["UserPools"]
        if pool["Name"] == name(stage)
    ]
    stack = cloudformation.describe(session.client("cloudformation"), name(stage)) or {}
    present = {output["OutputValue"] for output in stack.get("Outputs", [])}
    return [resource for resource in resources if resource.id not in present]
