"""The whole service on this machine: local cloud, stack, and the app behind `chalice local`.

The files in `.local/` describe running local clouds. A `make run` on port 8000 writes
`stack-8000.json`. `stack.json` is a copy of the latest one, for clients. Both are removed at the
end. Those of a killed run are ignored.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from deploy import cloudformation, stack
from local.emulator import LOOPBACK, REGION, LocalCloud, local_cloud, running_server
from tools import CommandError
from tools.command import report
from tools.project import PROJECT, chalice_command, without_aws_settings, write_json

STACK_JSON = PROJECT / ".local" / "stack.json"


class LocalStack(NamedTuple):
    """The settings of a running local cloud, for clients and the service."""

    api_url: str
    region: str
    aws_endpoint_url: str
    user_pool_id: str
    client_id: str
    variables: dict[str, str]  # the environment of a service on this local cloud

    def file(self, name: str) -> Path:
        """Return a file in `.local/`; `{}` in its name becomes the port of the service."""
        return STACK_JSON.with_name(name.format(self.api_url.rpartition(":")[2]))


class Service(NamedTuple):
    """A running service, and the cloud that it runs on."""

    stack: LocalStack
    cloud: LocalCloud
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def local_stack(port: int) -> Iterator[tuple[LocalCloud, LocalStack]]:
    """Run a local cloud with the stack until the block ends, for a service on this port.

    Prints its progress. Raises ServerError or CommandError.
    """
    with local_cloud() as cloud:
        report(f"the local cloud, MiniStack, answers at {cloud.endpoint_url}")
        client = cloud.client("cloudformation")
        cloudformation.apply(client, stack.data_stack("local"))
        report("CloudFormation has created the tables, the user pool and the app client")
        outputs = stack.outputs(client, "local")
        variables = {
            **cloud.environment(),
            **outputs.environment(),
            "STAGE": "local",
            "PUSH_PUBLIC_KEY": stack.push_public_key(cloud.client("kms"), outputs.push_key),
        }
        api_url = f"http://{LOOPBACK}:{port}"
        ids = (outputs.user_pool_id, outputs.client_id)
        yield cloud, LocalStack(api_url, REGION, cloud.endpoint_url, *ids, variables)


@contextmanager
def local_service(port: int) -> Iterator[Service]:
    """Run the service on a local cloud until the block ends.

    Prints its progress. Raises ServerError or CommandError.
    """
    with (
        local_stack(port) as (cloud, running_stack),
        running_server(
            "The service (chalice local)",
            chalice_command("local", "--stage", "local", "--port", str(port), "--no-autoreload"),
            env=without_aws_settings(os.environ) | running_stack.variables,
            ready_url=f"{running_stack.api_url}/order",
        ) as (process, log),
    ):
        report(f"chalice local serves app.py at {running_stack.api_url}")
        yield Service(running_stack, cloud, process, log)


@contextmanager
def registration(stack: LocalStack) -> Iterator[None]:
    """Write the files of a running local cloud, and remove them after the block.

    stack.json then describes another one that is running.
    """
    own_files = stack.file("stack-{}.json"), stack.file("authorization-{}")
    for file in (own_files[0], STACK_JSON):
        write_json(file, stack._asdict())
    content = STACK_JSON.read_bytes()
    try:
        yield
    finally:
        for file in own_files:
            file.unlink(missing_ok=True)
        if STACK_JSON.exists() and STACK_JSON.read_bytes() == content:
            STACK_JSON.unlink()
            for other in STACK_JSON.parent.glob("stack-*.json"):
                shutil.copy(other, STACK_JSON)


def find_stack(port: int) -> LocalStack | None:
    """Return the running local cloud of a service on this port, or that of `make run`."""
    return _read(STACK_JSON.with_name(f"stack-{port}.json")) or _read(STACK_JSON)


def running_stack() -> LocalStack:
    """Return the running local cloud. Raises CommandError if there is none."""
    if (stack := _read(STACK_JSON)) is None:
        raise CommandError("No local cloud is running: start one with `make run`")
    return stack


def _read(file: Path) -> LocalStack | None:
    """Return the content of a file; None if it is missing, damaged, or from a killed run."""
    try:
        stack = LocalStack(**json.loads(file.read_text()))
        # Another local cloud may have the port of one that was killed, so ask for the pool.
        keys = f"{stack.aws_endpoint_url}/{stack.user_pool_id}/.well-known/jwks.json"
        return stack if requests.get(keys, timeout=5).ok else None
    except (OSError, ValueError, TypeError):  # a RequestException is an OSError
        return None
