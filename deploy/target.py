"""The AWS account and region that a stage is deployed to."""

import json
import os
from typing import NamedTuple

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from tools import CommandError
from tools.project import CHALICE_CONFIG


class Target(NamedTuple):
    """A stage with its AWS account and region. `session` has the credentials."""

    stage: str
    account: str
    region: str
    partition: str
    session: boto3.Session


def stages_on_aws() -> list[str]:
    """Return the names of the stages that can be deployed to AWS."""
    stages = json.loads(CHALICE_CONFIG.read_text())["stages"]
    return [name for name in stages if name != "local"]


def find_target(stage: str) -> Target:
    """Return a stage's account and region, from the environment and the AWS CLI's files.

    Raises CommandError if the region or the credentials are missing, or a setting is invalid.
    """
    try:
        _set_retries()
        session = boto3.Session()
        if session.region_name is None:
            raise CommandError(
                "No region: set AWS_DEFAULT_REGION, or `region` in ~/.aws/config, "
                "as in AWS_DEFAULT_REGION=ap-southeast-2"
            )
        account = session.client("sts").get_caller_identity()["Account"]
    except NoCredentialsError:
        raise CommandError(
            "No AWS credentials: log in with `aws sso login` or `aws configure`, "
            "or name a profile with AWS_PROFILE"
        ) from None
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise CommandError(f"AWS rejects these credentials: {message}") from None
    except (BotoCoreError, OSError, ValueError) as error:
        # An invalid AWS_MAX_ATTEMPTS or AWS_ENDPOINT_URL raises a ValueError.
        raise CommandError(f"The AWS settings do not work: {error}") from None
    partition = session.get_partition_for_region(session.region_name)
    return Target(stage, account, session.region_name, partition, session)


def _set_retries() -> None:
    """Let the SDK retry calls for about a minute, unless the user has other settings.

    API Gateway allows an account one deployment in five seconds, and one deletion of an API in
    thirty. The settings are in the environment, so that they also apply to Chalice's process.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    configured = botocore.session.Session().get_scoped_config()
    for setting, value in (("retry_mode", "standard"), ("max_attempts", "10")):
        if setting not in configured:
            os.environ.setdefault(f"AWS_{setting.upper()}", value)
