"""The local cloud: an AWS that runs on this machine, with nothing but Python.

It is MiniStack, as a child process on the loopback address, with IAM enforced. The service
and its clients talk to it as they talk to AWS, through boto3.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import requests
from botocore.config import Config

from local.environment import LOCAL_CREDENTIALS, local_access, without_aws
from local.server import LOOPBACK, free_port, running

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

REGION = "ap-southeast-2"


class LocalCloud(NamedTuple):
    """A running local cloud."""

    endpoint_url: str
    log: Path

    def environment(self) -> dict[str, str]:
        """Return this process's environment, with every AWS setting aimed at the local cloud."""
        return without_aws(os.environ) | local_access(self.endpoint_url, REGION)

    def client(self, service: str) -> Any:
        """Return a boto3 client for the local cloud's owner."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=LOCAL_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=LOCAL_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def mails_to(self, address: str) -> list[str]:
        """Return the bodies of the mails that were sent to `address`, oldest first."""
        return mails_to(self.endpoint_url, address)


def cognito_client(endpoint_url: str, region: str) -> "CognitoIdentityProviderClient":
    """Return a Cognito client for a running local cloud; it fails at once if none answers."""
    return boto3.client(
        "cognito-idp",
        region_name=region,
        config=Config(retries={"total_max_attempts": 1}),
        endpoint_url=endpoint_url,
        aws_access_key_id=LOCAL_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=LOCAL_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def mails_to(endpoint_url: str, address: str) -> list[str]:
    """Return what a running local cloud has mailed to `address`, oldest first."""
    answer = requests.get(f"{endpoint_url}/_ministack/ses/messages", timeout=10)
    answer.raise_for_status()
    mails = [mail for box in answer.json()["messages"].values() for mail in box]
    mails.sort(key=lambda mail: str(mail["Timestamp"]))
    return [str(mail["BodyText"]) for mail in mails if address in mail["To"]]


@contextlib.contextmanager
def local_cloud(directory: Path) -> Iterator[LocalCloud]:
    """Run a local cloud until the block ends; its log and scratch files go to `directory`.

    Raises ServerError when it cannot be started.
    """
    port = free_port()
    cloud = LocalCloud(f"http://{LOOPBACK}:{port}", directory / "ministack.log")
    with running(
        "The local cloud (MiniStack)",
        [sys.executable, "-m", "ministack"],
        env=without_aws(os.environ) | LOCAL_CREDENTIALS | _settings(port, directory),
        log=cloud.log,
        answers_at=f"{cloud.endpoint_url}/_ministack/ready",
    ):
        yield cloud


def _settings(port: int, directory: Path) -> dict[str, str]:
    """MiniStack's own settings: IAM on, loopback only, one port, nothing outside `directory`."""
    return {
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "TMPDIR": str(directory),
        "STATE_DIR": str(directory / "state"),
        "S3_DATA_DIR": str(directory / "s3"),
    }
