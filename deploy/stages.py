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

from coffee_client import Settings
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


def read_stages() -> dict[str, StageSettings]:
    """Return the settings of each stage. Raises CommandError if they are invalid."""
    try:
        return msgspec.toml.decode(STAGES_TOML.read_bytes(), type=dict[_StageName, StageSettings])
    except msgspec.DecodeError as error:
        raise CommandError(f"deploy/stages.toml: {error}") from None


def find_target(stage: str) -> Target:
    """Return a stage with the user's credentials, and report where it is.

    Raises CommandError if there are none, or if their account, the environment's region, or the
    stages in Chalice's settings differ from stages.toml.
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
            f"AWS: {error}. To log in, run `aws sso login` or `aws configure`, or set AWS_PROFILE"
        ) from None
    if account != settings.account:
        raise CommandError(
            f"Your login is for account {account}, but deploy/stages.toml has {stage} in account "
            f"{settings.account!r}: use another login, or write your account there"
        )
    report(f"stage {stage}, account {account}, region {settings.region}, {runtime()}")
    return Target(stage, settings, session)


def find_settings(target: Target) -> Settings:
    """Return what clients of a deployed stage need. Raises CommandError if it is not deployed."""
    client = target.session.client("cloudformation")
    state = cloudformation.describe(client, stack.api_name(target.stage))
    url = state.output("Url")
    if emulator := os.environ.get("AWS_ENDPOINT_URL"):
        url = f"{emulator}/_aws/execute-api/{state.output('RestAPIId')}/{target.stage}"
    return Settings(url, state.output("ClientId"), target.settings.region, emulator)


def deploy(target: Target, approve: Approve, requested_runtime: str | None) -> None:
    """Create or update both stacks of a stage. Raises CommandError."""
    client, name = target.session.client("cloudformation"), stack.api_name(target.stage)
    account = cloudformation.describe(client, ACCOUNT_STACK)
    role_arn, tags = account.output("ExecutionRole"), stack.tags(target.stage)
    deployed = cloudformation.describe(client, name).outputs.get("Runtime", runtime())
    if (expected := requested_runtime or deployed) != runtime():
        raise CommandError(
            f"This is {runtime()}, not {expected}. Set the project up with PYTHON={expected}, or "
            f"change the deployed runtime with RUNTIME={runtime()}"
        )
    build = PROJECT / "build" / target.stage
    package(target.stage, target.settings.region, build)  # its errors change nothing on AWS
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
    cloudformation.apply(client, Stack(name, template, parameters, tags, role_arn), approve)


def apply_data(target: Target, approve: Approve) -> dict[str, str]:
    """Create or update the stack of a stage's tables and users. Raises CommandError.

    Returns the environment variables of the service.
    """
    client, name = target.session.client("cloudformation"), stack.name(target.stage)
    outputs = cloudformation.describe(client, name).outputs
    used = {outputs[key] for key in ("OrdersTable", "ShopsTable") if key in outputs}
    pages = target.session.client("dynamodb").get_paginator("list_tables").paginate()
    tables = {*pages.search(f"TableNames[?starts_with(@, '{name}-')]")}
    if deleted := used - tables:  # an update would not notice it
        raise CommandError(f"{deleted.pop()} was deleted. To restore it, see docs/operating.md")
    for table in tables - used:
        report(f"table {table} of an earlier stack is kept, and not used")
    role_arn = cloudformation.describe(client, ACCOUNT_STACK).output("ExecutionRole")
    contact = target.settings.push_contact or target.settings.alarm_email
    cloudformation.apply(client, stack.data_stack(target.stage, role_arn, contact), approve)
    data = stack.outputs(client, target.stage)
    kms = target.session.client("kms")
    # Without a contact, the page offers no pushes.
    public_key = stack.push_public_key(kms, data.push_key) if contact else ""
    return {**data.environment(), "PUSH_PUBLIC_KEY": public_key}


def _upload(session: boto3.Session, build: Path, bucket: str) -> str:
    """Upload a package under its hash; return the template that refers to it."""
    package = (build / "deployment.zip").read_bytes()
    code = {"Bucket": bucket, "Key": f"{hashlib.sha256(package).hexdigest()}.zip"}
    session.client("s3").put_object(**code, Body=package)
    template = json.loads((build / "sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
    # A template that is not in a bucket may have 51,200 bytes.
    return json.dumps(template, separators=(",", ":"))
