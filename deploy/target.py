"""The AWS account and region that a stage is deployed to."""

import json
import os
from typing import NamedTuple

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from deploy import CommandError
from deploy.project import CHALICE_CONFIG


class Target(NamedTuple):
    """Where a stage is. `session` has the credentials; nothing here shows them."""

    stage: str
    account: str
    region: str
    partition: str
    session: boto3.Session


def stages_on_aws() -> list[str]:
    """Return the names of the stages that can be deployed to AWS."""
    stages = json.loads(CHALICE_CONFIG.read_text())["stages"]
    return [name for name in stages if name != "local"]


def target(stage: str) -> Target:
    """Return where `stage` is, according to the environment and the files of the AWS CLI.

    Raises CommandError if there is no region, no or bad credentials, or a bad setting.
    """
    try:
        _retry_patiently()
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
        # A bad AWS_MAX_ATTEMPTS or AWS_ENDPOINT_URL is a bare ValueError.
        raise CommandError(f"The AWS settings do not work: {error}") from None
    partition = session.get_partition_for_region(session.region_name)
    return Target(stage, account, session.region_name, partition, session)


def _retry_patiently() -> None:
    """Retry calls for about a minute, unless the user has set something else.

    API Gateway allows an account one deployment in five seconds, and one deletion of an API in
    thirty. The environment is where Chalice, as our child process, finds these settings, too.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    configured = botocore.session.Session().get_scoped_config()
    for setting, value in (("retry_mode", "standard"), ("max_attempts", "10")):
        if setting not in configured:
            os.environ.setdefault(f"AWS_{setting.upper()}", value)
