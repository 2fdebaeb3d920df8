"""A stage on AWS: deploy it, and find what is deployed.

Two stacks joined by exports: coffee-orders-<stage> has the tables and users, which no command here
deletes, and coffee-orders-api-<stage> has the function and the API.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import boto3
from botocore.exceptions import ClientError

from coffee_client import Accounts
from deploy import cloudformation, stack
from deploy.cloudformation import Approve, Stack
from deploy.package import package, runtime
from deploy.target import Target
from tools import CommandError
from tools.console import report
from tools.project import PROJECT

# Not coffee-orders-...: deployers may change every stack of that name.
ACCOUNT_STACK = "coffee-account"


class Api(NamedTuple):
    """The API of a deployed stage, and the accounts of its customers."""

    url: str
    client_id: str
    accounts: Accounts


def deploy(target: Target, approve: Approve, requested_runtime: str | None) -> Api:
    """Create or update both stacks of a stage. Raises CommandError.

    The package is built first, so that its errors change nothing.
    """
    client = target.session.client("cloudformation")
    name, account = stack.api_name(target.stage), _account_outputs(target)
    _check_api(target, cloudformation.describe(client, name).outputs, requested_runtime)
    build = PROJECT / "build" / target.stage
    package(target.stage, target.settings, build)
    outputs = apply_data(target, approve)
    parameters = {
        "Stage": target.stage,
        "ClientId": outputs.client_id,
        "AlarmEmail": target.settings.alarm_email,
        "Domain": target.settings.domain,
        "BasePath": target.settings.base_path,
        "PushPublicKey": push_public_key(target, outputs),
    }
    template = _upload(target.session, build, account["PackageBucket"])
    tags, role_arn = stack.tags(target.stage), account["ExecutionRole"]
    cloudformation.apply(client, Stack(name, template, parameters, tags, role_arn), approve)
    return find_api(target)


def apply_data(target: Target, approve: Approve) -> stack.StackOutputs:
    """Create or update the stack of a stage's tables and users. Raises CommandError."""
    client, role_arn = (
        target.session.client("cloudformation"),
        _account_outputs(target)["ExecutionRole"],
    )
    if present := cloudformation.describe(client, stack.name(target.stage)).outputs:
        with _advice("docs/operating.md says how to restore a table"):
            for table in (present["OrdersTable"], present["ShopsTable"]):
                target.session.client("dynamodb").describe_table(TableName=table)
    for kept in kept_resources(target):
        report(f"{kept} of an earlier stack is kept, and not used")
    if not target.settings.contact:
        report("no pushes: stages.toml has no push_contact and no alarm_email")
    data_stack = stack.data_stack(target.stage, role_arn, target.settings.contact)
    cloudformation.apply(client, data_stack, approve)
    return stack.outputs(client, target.stage)


def push_public_key(target: Target, outputs: stack.StackOutputs) -> str:
    """Return the key for the page's subscriptions; "" for a stage that sends no pushes."""
    if not target.settings.contact:
        return ""
    return stack.push_public_key(target.session.client("kms"), outputs.push_key)


def find_api(target: Target) -> Api:
    """Return the API of a deployed stage. Raises CommandError if there is none."""
    client, command = target.session.client("cloudformation"), f"make deploy STAGE={target.stage}"
    outputs = stack.required_outputs(client, stack.api_name(target.stage), command)
    client_id, url = outputs["ClientId"], outputs["Url"]
    if emulator := os.environ.get("AWS_ENDPOINT_URL"):
        url = f"{emulator}/_aws/execute-api/{outputs['RestAPIId']}/{target.stage}"
    accounts = Accounts(client_id, region=target.settings.region, endpoint_url=emulator)
    return Api(url, client_id, accounts)


def kept_resources(target: Target) -> list[str]:
    """Return the names of the tables and the ids of the user pools of a stage's earlier stacks."""
    session, name = target.session, stack.name(target.stage)
    tables = session.client("dynamodb").get_paginator("list_tables").paginate()
    pools = session.client("cognito-idp").get_paginator("list_user_pools")
    found = [
        *tables.search(f"TableNames[?starts_with(@, '{name}-')]"),
        *pools.paginate(MaxResults=60).search(f"UserPools[?Name == '{name}'].Id"),
    ]
    present = cloudformation.describe(session.client("cloudformation"), name).outputs.values()
    return [resource for resource in found if resource not in present]


def _account_outputs(target: Target) -> Mapping[str, str]:
    client, command = target.session.client("cloudformation"), f"make account STAGE={target.stage}"
    return stack.required_outputs(client, ACCOUNT_STACK, command)


def _check_api(target: Target, present: Mapping[str, str], requested: str | None) -> None:
    """Raise CommandError if the runtime would change unasked, or if the API was deleted by hand."""
    expected = requested or present.get("Runtime", runtime())
    if expected != runtime():
        raise CommandError(
            f"This is {runtime()}, not {expected}. Set the project up with PYTHON={expected}, or "
            f"change the deployed runtime with RUNTIME={runtime()}"
        )
    if present:
        name, region = stack.api_name(target.stage), target.settings.region
        delete = f"`aws cloudformation delete-stack --stack-name {name} --region {region}`"
        with _advice(f"run {delete}, and deploy again. The API will have a new address"):
            target.session.client("apigateway").get_rest_api(restApiId=present["RestAPIId"])
            function = {"FunctionName": present["APIHandlerName"]}
            target.session.client("lambda").get_function_configuration(**function)


@contextmanager
def _advice(text: str) -> Iterator[None]:
    """Add advice to the error of a request for a resource, which an update would not notice."""
    try:
        yield
    except ClientError as error:
        raise CommandError(f"{error}. If it was deleted by hand: {text}") from None


def _upload(session: boto3.Session, build: Path, bucket: str) -> str:
    """Upload a package under its hash; return the template that refers to it."""
    package = (build / "deployment.zip").read_bytes()
    code = {"Bucket": bucket, "Key": f"{hashlib.sha256(package).hexdigest()}.zip"}
    session.client("s3").put_object(**code, Body=package)
    template = json.loads((build / "sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
    # A template that is not in a bucket may have 51,200 bytes.
    return json.dumps(template, separators=(",", ":"))
