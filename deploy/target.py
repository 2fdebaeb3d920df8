"""The stages of stages.toml, and the AWS account and region of each."""

import os
from pathlib import Path
from typing import Annotated, NamedTuple

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Meta

from tools import CommandError, project

STAGES_TOML = Path(__file__).with_name("stages.toml")
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
    try:
        return msgspec.toml.decode(STAGES_TOML.read_bytes(), type=dict[_StageName, StageSettings])
    except msgspec.DecodeError as error:
        raise CommandError(f"deploy/stages.toml: {error}") from None


def find_target(stage: str) -> Target:
    """Return a stage with the user's credentials.

    Raises CommandError if there are none, if they are for another account than in stages.toml, or
    if the environment names another region, or if Chalice has no such stage.
    """
    settings = read_stages()[stage]
    project.settings(stage)
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if os.environ.get(variable) not in {None, "", settings.region}:
            raise CommandError(
                f"{variable} is {os.environ[variable]}, but deploy/stages.toml has {stage} in "
                f"{settings.region}"
            )
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
            f"Your credentials are for account {account}, but deploy/stages.toml has "
            f"account = {settings.account!r} for {stage}. Use the credentials of that account, or "
            f'write account = "{account}" there'
        )
    return Target(stage, settings, session)
