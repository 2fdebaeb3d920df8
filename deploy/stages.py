"""A stage on AWS: its settings in stages.toml, its account, its two stacks.

The stacks are joined by exports: coffee-orders-<stage> has the tables and users, which no command
here deletes, and coffee-orders-api-<stage> has the function and the API.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, NamedTuple

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Meta

from deploy import cloudformation, stack
from deploy.cloudformation import Approve, Stack
from deploy.package import package, runtime
from tools import CommandError, project
from tools.command import report
from tools.project import PROJECT

STAGES_TOML = Path(__file__).with_name("stages.toml")
# Not coffee-orders-...: deployers may change every stack of that name.
ACCOUNT_STACK = "coffee-account"
_StageName = Annotated[str, Meta(pattern="^[a-z][a-z0-9]{0,15}$")]
_Address = Annotated[str, Meta(pattern=r"^([^@\s]+@[^@\s]+)?$")]


class StageSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A stage of stages.toml, which describes the fields."""

    account: Annotated[str, Meta(pattern=r"^(\d{12})?$")]
    region: Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)+-\d+$")]
    alarm_email: _Address = ""
    confirm: bool = False
    domain: str = ""
    base_path: Annotated[str, Meta(pattern=r"^[\w.-]*$")] = ""
    push_contact: _Address = ""


class Target(NamedTuple):
    """A stage, and a session for its account and region."""

    stage: str
    settings: StageSettings
    session: boto3.Session


class Api(NamedTuple):
    """The address of a deployed API, and the app client of its customers."""

    url: str
    client_id: str
    region: str


def read_stages() -> dict[str, StageSettings]:
    """Return the settings of each stage. Raises CommandError if they are invalid."""
    try:
        return msgspec.toml.decode(STAGES_TOML.read_bytes(), type=dict[_StageName, StageSettings])
    except msgspec.DecodeError as error:
        raise CommandError(f"deploy/stages.toml: {error}") from None


def find_target(stage: str) -> Target:
    """Return a stage with the user's credentials, and report where it is.

    Raises CommandError if there are none, if they are for another account than in stages.toml, if
    the environment names another region, or if Chalice has no such stage.
    """
    settings = read_stages()[stage]
    project.settings(stage)
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if os.environ.get(variable) not in {None, "", settings.region}:
            raise CommandError(f"{variable} is not the region of {stage}, {settings.region}")
    try:
        session = boto3.Session(region_name=settings.region)
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"AWS does not accept your login: {error}. Log in with `aws sso login` or "
            "`aws configure`, or name a profile with AWS_PROFILE"
        ) from None
    if account != settings.account:
        raise CommandError(
            f"Your login is for account {account}, but deploy/stages.toml has {stage} in account "
            f"{settings.account!r}: use another login, or write your account there"
        )
    report(f"stage {stage}, account {account}, region {settings.region}, {runtime()}")
    return Target(stage, settings, session)


def find_api(target: Target) -> Api:
    """Return the API of a deployed stage. Raises CommandError if there is none."""
    client = target.session.client("cloudformation")
    state = cloudformation.describe(client, stack.api_name(target.stage))
    url = state.output("Url")
    if emulator := os.environ.get("AWS_ENDPOINT_URL"):
        url = f"{emulator}/_aws/execute-api/{state.output('RestAPIId')}/{target.stage}"
    return Api(url, state.output("ClientId"), target.settings.region)


def deploy(target: Target, approve: Approve, requested_runtime: str | None) -> None:
    """Create or update both stacks of a stage. Raises CommandError.

    The package is built first, so that its errors change nothing.
    """
    client, name = target.session.client("cloudformation"), stack.api_name(target.stage)
    account = cloudformation.describe(client, ACCOUNT_STACK)
    deployed = cloudformation.describe(client, name).outputs.get("Runtime", runtime())
    if (expected := requested_runtime or deployed) != runtime():
        raise CommandError(
            f"This is {runtime()}, not {expected}. Set the project up with PYTHON={expected}, or "
            f"change the deployed runtime with RUNTIME={runtime()}"
        )
    build = PROJECT / "build" / target.stage
    package(target.stage, target.settings.region, build)
    environment = apply_data(target, approve)
    parameters = {
        "Stage": target.stage,
        "ClientId": environment["CLIENT_ID"],
        "AlarmEmail": target.settings.alarm_email,
        "Domain": target.settings.domain,
        "BasePath": target.settings.base_path,
        "PushPublicKey": environment["PUSH_PUBLIC_KEY"],
    }
    template = _upload(target.session, build, account.output("PackageBucket"))
    tags, role_arn = stack.tags(target.stage), account.output("ExecutionRole")
    cloudformation.apply(client, Stack(name, template, parameters, tags, role_arn), approve)


def apply_data(target: Target, approve: Approve) -> dict[str, str]:
    """Create or update the stack of a stage's tables and users. Raises CommandError.

    Returns the environment variables of the service.
    """
    client, name = target.session.client("cloudformation"), stack.name(target.stage)
    dynamodb = target.session.client("dynamodb")
    present = cloudformation.describe(client, name).outputs
    for output in {"OrdersTable", "ShopsTable"} & present.keys():
        try:  # an update would not notice it
            dynamodb.describe_table(TableName=present[output])
        except ClientError as error:
            raise CommandError(f"{error}. docs/operating.md says how to restore a table") from None
    tables = dynamodb.get_paginator("list_tables").paginate()
    for table in tables.search(f"TableNames[?starts_with(@, '{name}-')]"):
        if table not in present.values():
            report(f"table {table} of an earlier stack is kept, and not used")
    role_arn = cloudformation.describe(client, ACCOUNT_STACK).output("ExecutionRole")
    contact = target.settings.push_contact or target.settings.alarm_email
    cloudformation.apply(client, stack.data_stack(target.stage, role_arn, contact), approve)
    outputs = stack.outputs(client, target.stage)
    kms = target.session.client("kms")
    # Without a contact, the page offers no pushes.
    public_key = stack.push_public_key(kms, outputs.push_key) if contact else ""
    return {**outputs.environment(), "PUSH_PUBLIC_KEY": public_key}


def _upload(session: boto3.Session, build: Path, bucket: str) -> str:
    """Upload a package under its hash; return the template that refers to it."""
    package = (build / "deployment.zip").read_bytes()
    code = {"Bucket": bucket, "Key": f"{hashlib.sha256(package).hexdigest()}.zip"}
    session.client("s3").put_object(**code, Body=package)
    template = json.loads((build / "sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
    # A template that is not in a bucket may have 51,200 bytes.
    return json.dumps(template, separators=(",", ":"))
