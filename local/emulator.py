"""The local cloud: an emulator of AWS on this machine that needs only Python.

It is MiniStack behind a gate (gate.py), in a child process on the loopback address, with IAM
enforced. The service and its clients use it through boto3, as they use AWS.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import requests

from local import gate, state
from local.server import LOOPBACK, free_port, running_server
from local.state import LOCAL_CREDENTIALS
from tools.environment import without_aws_settings

REGION = "ap-southeast-2"
# The services that the stack uses; Lambda runs the notifier.
_SERVICES = "cloudformation,cognito-idp,dynamodb,iam,kms,lambda"
# MiniStack inherits only these variables. Others could be its settings for another project, such as
# SERVICES or USE_SSL. COVERAGE_ is for Lambda functions.
_INHERITED_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud."""

    endpoint_url: str
    log: Path
    owner_key: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """Return this process's environment, with all AWS settings set for the local cloud."""
        return without_aws_settings(os.environ) | state.local_access(self.endpoint_url, REGION)

    def client(self, service: str) -> Any:
        """Return a boto3 client with the owner's key, which may use every service."""
        credentials = {name.lower(): value for name, value in LOCAL_CREDENTIALS.items()}
        client = boto3.client(  # type: ignore[call-overload]
            service, region_name=REGION, endpoint_url=self.endpoint_url, **credentials
        )
        client.meta.events.register("before-call", self._add_owner_key)
        return client

    def _add_owner_key(self, params: dict[str, Any], **_: object) -> None:
        params["headers"][gate.OWNER_KEY_HEADER] = self.owner_key

    def mails_to(self, address: str) -> list[str]:
        """Return the bodies of the mails that were sent to `address`, oldest first."""
        response = requests.get(f"{self.endpoint_url}/_ministack/ses/messages", timeout=10)
        response.raise_for_status()
        mails = [mail for mailbox in response.json()["messages"].values() for mail in mailbox]
        mails.sort(key=lambda mail: str(mail["Timestamp"]))
        return [str(mail["BodyText"]) for mail in mails if address in mail["To"]]


def allow_page(endpoint_url: str, page_url: str) -> None:
    """Let the page at `page_url` call Cognito on a running local cloud."""
    port = urlsplit(page_url).port or 80
    requests.put(f"{endpoint_url}/_gate/pages/{port}", timeout=5).raise_for_status()


@contextlib.contextmanager
def local_cloud(directory: Path, *, all_services: bool = False) -> Iterator[LocalCloud]:
    """Run a local cloud until the block ends; its log and scratch files are in `directory`.

    It has the services that the stack needs. With `all_services` it has all, also Lambda. Raises
    ServerError if it cannot be started.
    """
    port = free_port()
    url, owner_key = f"http://{LOOPBACK}:{port}", secrets.token_urlsafe()
    cloud = LocalCloud(url, directory / "ministack.log", owner_key)
    limits = {"SERVICES": _SERVICES, gate.OWNER_KEY_VARIABLE: owner_key}
    with running_server(
        "The local cloud (MiniStack)",
        # -I ignores PYTHON* variables, the user's packages and the files in the same folder.
        [sys.executable, "-I", str(gate.__file__)],
        env=_environment(port, directory) | ({} if all_services else limits),
        log=cloud.log,
        ready_url=f"{cloud.endpoint_url}/_ministack/ready",
    ):
        yield cloud


def _environment(port: int, directory: Path) -> dict[str, str]:
    """Return the emulator's whole environment, with IAM enabled.

    The emulator listens on one port of the loopback address, and writes only to `directory`.
    """
    return {
        **{name: os.environ[name] for name in os.environ if name.startswith(_INHERITED_VARIABLES)},
        **LOCAL_CREDENTIALS,
        "AUTH": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "BIND_HOST": LOOPBACK,
        # Without Docker, MiniStack cannot remove containers that another MiniStack has started.
        "DOCKER_HOST": f"unix://{directory / 'no-docker'}",
        "GATEWAY_PORT": str(port),
        "HOME": str(directory),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(directory / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(directory / "state"),
        "TMPDIR": str(directory),
    }
