"""A stage on AWS: deploy it, show its status, destroy it.

Two stacks joined by exports: coffee-orders-<stage> has the tables and users, which no command here
deletes, and coffee-orders-api-<stage> has the function and the API.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from typing import NamedTuple

import boto3
from botocore.exceptions import ClientError

from coffee_client import Accounts
from deploy import cloudformation, stack
from deploy.cloudformation import Approve, Change, NoOutputsError, Report, Stack
from deploy.package import package, runtime
from deploy.target import Target
from tools import CommandError
from tools.project import PROJECT

# How to ask for a resource by its id: the service, the operation, and the parameter.
_READERS = {
    "AWS::ApiGateway::RestApi": ("apigateway", "get_rest_api", "restApiId"),
    "AWS::Cognito::UserPool": ("cognito-idp", "describe_user_pool", "UserPoolId"),
    "AWS::DynamoDB::Table": ("dynamodb", "describe_table", "TableName"),
    "AWS::Lambda::Function": ("lambda", "get_function_configuration", "FunctionName"),
}
_PRESENT = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class Deployment(NamedTuple):
    """The settings of a deployed stage, for clients."""

    api_url: str
    client_id: str
    accounts: Accounts


def deploy(
    target: Target, report: Report, approve: Approve, requested_runtime: str | None
) -> Deployment:
    """Create or update both stacks of a stage. Raises CommandError.

    The package is built first, so that its errors change nothing.
    """
    client = target.session.client("cloudformation")
    account = stack.account_outputs(client, target.stage)
    _check_runtime(target, requested_runtime)
    build = PROJECT / "build" / target.stage
    package(target.stage, target.settings, build)
    outputs = apply_data(target, report, approve)
    _recreate_incomplete_api(target, report, approve)
    body = (build / "deployment.zip").read_bytes()
    code = {"Bucket": account["PackageBucket"], "Key": f"{hashlib.sha256(body).hexdigest()}.zip"}
    target.session.client("s3").put_object(**code, Body=body)
    template = json.loads((build / "sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
    api_stack = Stack(
        stack.api_name(target.stage),
        json.dumps(template, separators=(",", ":")),
        {
            "Stage": target.stage,
            "ClientId": outputs.client_id,
            "AlarmEmail": target.settings.alarm_email,
            "Domain": target.settings.domain,
            "BasePath": target.settings.base_path,
            "PushPublicKey": push_public_key(target, outputs),
        },
        stack.tags(target.stage),
        account["ExecutionRole"],
    )
    cloudformation.apply(client, api_stack, report=report, approve=approve)
    return find_deployment(target)


def apply_data(target: Target, report: Report, approve: Approve) -> stack.StackOutputs:
    """Create or update the stack of a stage's tables and users. Raises CommandError."""
    client = target.session.client("cloudformation")
    role_arn = stack.account_outputs(client, target.stage)["ExecutionRole"]
    if missing := list(missing_resources(target.session, stack.name(target.stage))):
        raise CommandError(
            f"{' and '.join(missing)} was deleted, but not by CloudFormation. "
            "docs/operating.md says how to restore a table"
        )
    for resource in stack.retained_resources(target.session, target.stage):
        report(f"{resource.kind} {resource.id} of an earlier stack is kept, and not used")
    if not target.settings.contact:
        report("no pushes: stages.toml has no push_contact and no alarm_email")
    data_stack = stack.data_stack(target.stage, role_arn, target.settings.contact)
    cloudformation.apply(client, data_stack, report=report, approve=approve)
    return stack.outputs(client, target.stage)


def push_public_key(target: Target, outputs: stack.StackOutputs) -> str:
    """Return the key for the page's subscriptions; "" for a stage that sends no pushes."""
    if not target.settings.contact:
        return ""
    return stack.push_public_key(target.session.client("kms"), outputs.push_key)


def find_deployment(target: Target) -> Deployment:
    """Return the settings of a deployed stage. Raises NoOutputsError if it is not deployed."""
    client = target.session.client("cloudformation")
    client_id = stack.outputs(client, target.stage).client_id
    outputs = cloudformation.outputs(client, stack.api_name(target.stage))
    url, emulator = outputs["EndpointURL"], os.environ.get("AWS_ENDPOINT_URL")
    if target.settings.domain:
        url = f"https://{target.settings.domain}/{target.settings.base_path}"
    elif emulator:  # LocalStack or MiniStack
        url = f"{emulator}/_aws/execute-api/{outputs['RestAPIId']}/{target.stage}"
    accounts = Accounts(client_id, region=target.settings.region, endpoint_url=emulator)
    return Deployment(url.rstrip("/"), client_id, accounts)


def status(target: Target) -> Iterator[tuple[str, str]]:
    """Return a name and a value for each deployed resource."""
    client = target.session.client("cloudformation")
    yield "account", target.settings.account
    yield "region", target.settings.region
    for name in (stack.name(target.stage), stack.api_name(target.stage)):
        yield "stack", f"{name} {cloudformation.status(client, name) or 'does not exist'}"
        try:
            for output, value in cloudformation.outputs(client, name).items():
                yield f"  {output}", value
        except NoOutputsError:
            continue
        for resource in missing_resources(target.session, name):
            yield "missing", resource
    for kept in stack.retained_resources(target.session, target.stage):
        yield "kept", f"{kept.kind} {kept.id}, of an earlier stack"


def destroy(target: Target, report: Report) -> bool:
    """Delete a stage's stacks; return whether there was one. Tables and user pools stay.

    It can be repeated after a failure. Raises StackError.
    """
    client = target.session.client("cloudformation")
    had_api = cloudformation.delete(client, stack.api_name(target.stage), report=report)
    return cloudformation.delete(client, stack.name(target.stage), report=report) or had_api


def missing_resources(session: boto3.Session, stack_name: str) -> Iterator[str]:
    """Return the resources of a stack that somebody deleted without CloudFormation."""
    client = session.client("cloudformation")
    if not cloudformation.describe(client, stack_name):
        return
    for resource in client.describe_stack_resources(StackName=stack_name)["StackResources"]:
        resource_type, resource_status = resource["ResourceType"], resource["ResourceStatus"]
        if resource_type not in _READERS or resource_status not in _PRESENT:
            continue
        service, operation, parameter = _READERS[resource_type]
        resource_id = resource["PhysicalResourceId"]
        try:
            getattr(session.client(service), operation)(**{parameter: resource_id})  # type: ignore[call-overload]
        except ClientError as error:
            if not error.response["Error"]["Code"].endswith("NotFoundException"):
                raise
            yield f"{resource_type} {resource_id}"


def _recreate_incomplete_api(target: Target, report: Report, approve: Approve) -> None:
    """Delete the API's stack if its function or API is missing: an update would not notice."""
    name = stack.api_name(target.stage)
    if missing := list(missing_resources(target.session, name)):
        description = (
            f"{' and '.join(missing)} was deleted, but not by CloudFormation: will create {name} "
            "again, and the API will have a new address"
        )
        approve([Change(description, is_dangerous=True)])
        cloudformation.delete(target.session.client("cloudformation"), name, report=report)


def _check_runtime(target: Target, requested: str | None) -> None:
    """Raise CommandError if the function's runtime would change without a request."""
    current = runtime()
    if requested not in {None, "", current}:
        raise CommandError(
            f"RUNTIME: this is {current}. To deploy for {requested}, set the project up with it: "
            f"make clean, then PYTHON={requested} make ..."
        )
    name = stack.api_name(target.stage)
    try:
        deployed = cloudformation.outputs(target.session.client("cloudformation"), name)["Runtime"]
    except NoOutputsError:
        return
    if deployed != current and not requested:
        raise CommandError(
            f"{name} runs on {deployed}, and this is {current}. Use {deployed}, or request the "
            f"change with RUNTIME={current}"
        )
