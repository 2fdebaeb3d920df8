"""A stage on AWS: bring it up, look at it, take it down.

The stack holds what must last, Chalice makes the rest. Orders and users are never deleted
here: CloudFormation retains their table and pool, and what stays is named.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from deploy import cloudformation, gateway, package, project, stack
from deploy.cloudformation import Report, Retained
from deploy.errors import CommandError
from deploy.target import Target

if TYPE_CHECKING:
    from types_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef


class ElsewhereError(CommandError):
    """The stage was not deployed from this folder, so Chalice would not find its API."""


class Deployed(NamedTuple):
    """What a client has to know of a deployed stage."""

    api_url: str
    region: str
    client_id: str


def plan(target: Target) -> Iterator[str]:
    """Say what `deploy` does, and where."""
    stage = target.stage
    yield f"stage {stage}, account {target.account}, region {target.region}"
    yield f"1. stack {stack.name(stage)}: table, user pool, app client, logs, alarms"
    yield f"2. chalice deploy: function {gateway.function_name(stage)}, its role, the API"
    yield "3. request limits on the API, and CORS on its refusals"


def deploy(target: Target, report: Report, *, alarm_email: str | None = None) -> Deployed:
    """Create the stage or bring it up to date. Safe to repeat.

    Raises StackError, ChaliceError, or ElsewhereError.
    """
    _refuse_what_others_deployed(target)
    made = prepare(target, report, alarm_email=alarm_email)
    with tempfile.TemporaryDirectory() as scratch:
        package.package(target.stage, Path(scratch))  # it sees whether the package is whole
    package.chalice("deploy", "--stage", target.stage)
    rest_api = _chalices_rest_api(target.stage)
    gateway_stage = rest_api["rest_api_url"].rstrip("/").rpartition("/")[2]
    client = target.session.client("apigateway")
    gateway.finish(client, rest_api["rest_api_id"], gateway_stage)
    return Deployed(rest_api["rest_api_url"].rstrip("/"), target.region, made.client_id)


def prepare(
    target: Target, report: Report, *, alarm_email: str | None = None
) -> stack.StackOutputs:
    """Create or update the stage's stack, and record its outputs for Chalice.

    Raises StackError.
    """
    client = target.session.client("cloudformation")
    made = stack.apply(client, target.stage, report=report, alarm_email=alarm_email)
    project.record(
        target.stage,
        project.service_environment(made.orders_table, made.user_pool_arn, made.client_id),
    )
    return made


def status(target: Target) -> Iterator[tuple[str, str]]:
    """Say what is deployed where: a name and a value for each thing."""
    yield "account", target.account
    yield "region", target.region
    try:
        made = stack.outputs(target.session.client("cloudformation"), target.stage)
    except cloudformation.NoStackError:
        yield "stack", f"{stack.name(target.stage)} is not there"
    else:
        yield "stack", stack.name(target.stage)
        yield "table", made.orders_table
        yield "user pool", made.user_pool_id
        yield "app client", made.client_id
    if function := _function(target):
        runtime = f"{function['Runtime']} on {function['Architectures'][0]}"
        yield "function", f"{function['FunctionName']}, {runtime}, {function['MemorySize']} MB"
        yield "changed", function["LastModified"]
    else:
        yield "function", "not deployed"
    rest_api = _chalices_rest_api(target.stage)
    yield "API", rest_api["rest_api_url"].rstrip("/") if rest_api else "not deployed from here"


def destroy(target: Target, report: Report) -> list[Retained]:
    """Delete the API, the function and the stack; return what is retained.

    Raises StackError, ChaliceError, or ElsewhereError.
    """
    _refuse_what_others_deployed(target)
    if _chalices_rest_api(target.stage):
        package.chalice("delete", "--stage", target.stage)
    client = target.session.client("cloudformation")
    retained = cloudformation.delete(client, stack.name(target.stage), report=report)
    project.forget(target.stage)
    return retained


def how_to_remove(retained: Retained) -> Iterator[str]:
    """Return the commands that delete a retained resource, and what it holds, for good."""
    match retained.type:
        case "AWS::DynamoDB::Table":
            table = f"--table-name {retained.id}"
            yield f"aws dynamodb update-table {table} --no-deletion-protection-enabled"
            yield f"aws dynamodb delete-table {table}"
        case "AWS::Cognito::UserPool":
            pool = f"--user-pool-id {retained.id}"
            yield f"aws cognito-idp update-user-pool {pool} --deletion-protection INACTIVE"
            yield f"aws cognito-idp delete-user-pool {pool}"


def _refuse_what_others_deployed(target: Target) -> None:
    """Chalice knows its API by a note in this folder; without it, it would make a second one."""
    if _function(target) and not _chalices_rest_api(target.stage):
        raise ElsewhereError(
            f"{gateway.function_name(target.stage)} is there, but was not deployed from this "
            f"folder. Get .chalice/deployed/{target.stage}.json from where it was; or, if a "
            "pipeline did it, leave it to the pipeline"
        )


def _function(target: Target) -> "FunctionConfigurationResponseTypeDef | None":
    try:
        return target.session.client("lambda").get_function_configuration(
            FunctionName=gateway.function_name(target.stage)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def _chalices_rest_api(stage: str) -> dict[str, Any]:
    """Return what Chalice noted of the API that it deployed from this folder, {} where nothing."""
    try:
        noted = json.loads((project.CHALICE_DEPLOYED / f"{stage}.json").read_text())
    except FileNotFoundError:
        return {}
    return next((each for each in noted["resources"] if each["name"] == "rest_api"), {})
