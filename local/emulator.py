"""The local cloud: an emulator of AWS on this machine that needs only Python.

It is MiniStack behind a gate (gate.py), in a child process on the loopback address, with IAM
enforced. The service and its clients use it through boto3, as they use AWS.
"""

import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import requests

from local import gate
from local.server import LOOPBACK, free_port, running_server

REGION = "ap-southeast-2"
# The services that the stack uses; Lambda runs the notifier.
_SERVICES = "cloudformation,cognito-idp,dynamodb,iam,kms,lambda"
# MiniStack's root user, also under this key. Real keys are never sent to the local cloud.
_ACCESS_KEY = _SECRET_KEY = "test"  # noqa: S105
# MiniStack inherits only these variables. Others could be its settings for another project, such as
# SERVICES or USE_SSL. COVERAGE_ is for Lambda functions.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud. With its owner's access key, every service can be used."""

    endpoint_url: str
    access_key: str = field(default=_ACCESS_KEY, repr=False)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point boto3 at this local cloud."""
        return {
            "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=_SECRET_KEY,
        )

    def mails_to(self, address: str) -> list[str]:
        """Return the bodies of the mails that were sent to `address`, oldest first."""
        response = requests.get(f"{self.endpoint_url}/_ministack/ses/messages", timeout=10)
        response.raise_for_status()
        mails = [mail for mailbox in response.json()["messages"].values() for mail in mailbox]
        mails.sort(key=lambda mail: str(mail["Timestamp"]))
        return [str(mail["BodyText"]) for mail in mails if address in mail["To"]]


@contextlib.contextmanager
def local_cloud(services: str = _SERVICES) -> Iterator[LocalCloud]:
    """Run a local cloud until the block ends, with the services that the stack needs.

    With "" it has all services, for everybody. Raises ServerError if it cannot be started.
    """
    port = free_port()
    cloud = LocalCloud(f"http://{LOOPBACK}:{port}", secrets.token_hex(16))
    inherited = {name: os.environ[name] for name in os.environ if name.startswith(_INHERITED)}
    with tempfile.TemporaryDirectory(prefix="local-cloud-") as folder:
        settings = {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": cloud.access_key,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "BIND_HOST": LOOPBACK,
            # Without Docker, MiniStack cannot remove containers that another one has started.
            "DOCKER_HOST": f"unix://{folder}/no-docker",
            "GATEWAY_PORT": str(port),
            "HOME": folder,
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "S3_DATA_DIR": f"{folder}/s3",
            "SERVICES": services,
            "SFTP_ENABLED": "0",
            "STATE_DIR": f"{folder}/state",
            "TMPDIR": folder,
        }
        with running_server(
            "The local cloud (MiniStack)",
            # -I ignores PYTHON* variables, the user's packages and the files in the same folder.
            [sys.executable, "-I", str(gate.__file__)],
            env=inherited | settings,
            log=Path(folder, "ministack.log"),
            ready_url=f"{cloud.endpoint_url}/_ministack/ready",
        ):
            yield cloud
