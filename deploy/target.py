"""An AWS account and region to deploy a stage to, or a clear word on what is missing."""

import json
from typing import NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from deploy.errors import CommandError
from deploy.project import CHALICE_CONFIG


class TargetError(CommandError):
    """There is nowhere to deploy to; the message says what to do."""


class Target(NamedTuple):
    """Where a stage lives. `session` carries the credentials; nothing here shows them."""

    stage: str
    account: str
    region: str
    session: boto3.Session


def target(stage: str) -> Target:
    """Find out where `stage` lives, from the usual environment and files of the AWS CLI.

    Raises TargetError for a stage that is none, no region, and no or bad credentials.
    """
    stages = [name for name in json.loads(CHALICE_CONFIG.read_text())["stages"] if name != "local"]
    if stage not in stages:
        known = " or ".join(f"STAGE={name}" for name in stages)
        raise TargetError(f"There is no stage {stage!r} on AWS: name {known}")
    try:
        session = boto3.Session()
        if session.region_name is None:
            raise TargetError(
                "No region: set AWS_DEFAULT_REGION, or `region` in ~/.aws/config, "
                "as in AWS_DEFAULT_REGION=ap-southeast-2"
            )
        account = session.client("sts").get_caller_identity()["Account"]
    except NoCredentialsError:
        raise TargetError(
            "No AWS credentials: log in with `aws sso login` or `aws configure`, "
            "or name a profile with AWS_PROFILE"
        ) from None
    except ClientError as error:
        said = error.response["Error"]["Message"]
        raise TargetError(f"AWS does not take these credentials: {said}") from None
    except BotoCoreError as error:
        raise TargetError(str(error)) from None
    return Target(stage, account, session.region_name, session)
