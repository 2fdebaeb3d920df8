"""The stages of stages.toml, and the AWS account and region of each."""

import os
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import boto3
import msgspec
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from msgspec import Meta

from tools import CommandError, project
from tools.project import CHALICE_CONFIG

STAGES_TOML = Path(__file__).with_name("stages.toml")
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_EXPIRED_LOGINS = (SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)


class StageSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A stage of stages.toml, which describes the fields."""

    account: Annotated[str, Meta(pattern=r"^(\d{12})?$")]
    region: Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)+-\d+$")]
    alarm_email: Annotated[str, Meta(pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    confirm: bool = False
    domain: str = ""
    base_path: Annotated[str, Meta(pattern=r"^[\w.-]*$")] = ""
    push_contact: Annotated[str, Meta(pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""

    @property
    def contact(self) -> str:
        """Return the address that push services may write to; "" for none."""
        return self.push_contact or self.alarm_email


class Target(NamedTuple):
    """A stage, and a session for its account and region."""

    stage: str
    settings: StageSettings
    session: boto3.Session


def read_stages() -> dict[str, StageSettings]:
    """Return the settings of each stage. Raises CommandError if they are invalid."""
    name = Annotated[str, Meta(pattern="^[a-z][a-z0-9]{0,15}$")]
    try:
        stages = msgspec.toml.decode(STAGES_TOML.read_bytes(), type=dict[name, StageSettings])
    except msgspec.DecodeError as error:
        raise CommandError(f"deploy/stages.toml: {error}") from None
    try:
        config = msgspec.json.decode(CHALICE_CONFIG.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise CommandError(f".chalice/config.json: {error}") from None
    if missing := stages.keys() - config["stages"].keys():
        raise CommandError(f".chalice/config.json has no stage {', '.join(sorted(missing))}")
    return stages


def find_target(stage: str) -> Target:
    """Return a stage with the user's credentials.

    Raises CommandError if these are for another account, or the environment names another region,
    than stages.toml, or if Chalice has no such stage; and the errors of `explain`.
    """
    settings = read_stages()[stage]
    project.settings(stage)
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        region = os.environ.get(variable)
        if region not in {None, "", settings.region}:
            raise CommandError(
                f"{variable} is {region}, but deploy/stages.toml has {stage} in {settings.region}"
            )
    session = boto3.Session(region_name=settings.region)
    account = session.client("sts").get_caller_identity()["Account"]
    if account != settings.account:
        raise CommandError(
            f"Your credentials are for account {account}, but deploy/stages.toml has "
            f"account = {settings.account!r} for {stage}. Use the credentials of that account, or "
            f'write account = "{account}" there'
        )
    return Target(stage, settings, session)


def explain(error: BotoCoreError | ClientError) -> str:
    """Return what a failed call to AWS means for the user."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in _EXPIRED or isinstance(error, _EXPIRED_LOGINS):
        return "Your AWS login has expired: run aws sso login"
    if isinstance(error, NoCredentialsError):
        return (
            "No AWS credentials: log in with `aws sso login` or `aws configure`, "
            "or name a profile with AWS_PROFILE"
        )
    return f"AWS: {error}"
