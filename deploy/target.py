"""The AWS account and region that a stage is deployed to."""

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


def stages_on_aws() -> list[str]:
    """Return the names of the stages that can be deployed to AWS."""
    stages = json.loads(CHALICE_CONFIG.read_text())["stages"]
    return [name for name in stages if name != "local"]


def target(stage: str) -> Target:
    """Find out where `stage` lives, from the usual environment and files of the AWS CLI.

    Raises TargetError if there is no region, no or bad credentials, or a bad setting.
    """
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
    except (BotoCoreError, OSError, ValueError) as error:
        # A bad AWS_MAX_ATTEMPTS or AWS_ENDPOINT_URL is a bare ValueError.
        raise TargetError(f"The AWS settings do not work: {error}") from None
    return Target(stage, account, session.region_name, session)
