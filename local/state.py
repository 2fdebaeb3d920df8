"""The files in `.local/` that describe running local clouds.

A `make run` on port 8000 writes `stack-8000.json`. `stack.json` is a copy of the latest one, for
clients. Both are removed at the end. Those of a killed run are ignored.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests

from tools import CommandError
from tools.project import PROJECT, service_environment, write_json

LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"
# The key of MiniStack's root user. Real keys are never sent to the local cloud.
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105


class LocalStack(NamedTuple):
    """The settings of a running local cloud, for clients and the service."""

    api_url: str
    region: str
    aws_endpoint_url: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str
    orders_table: str
    shops_table: str
    push_key: str
    push_public_key: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a service on this local cloud."""
        return {
            "STAGE": "local",
            "PUSH_PUBLIC_KEY": self.push_public_key,
            **local_access(self.aws_endpoint_url, self.region),
            **service_environment(
                self.orders_table, self.shops_table, self.user_pool_arn, self.client_id
            ),
        }


def local_access(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the environment variables that point boto3 at a local cloud."""
    return LOCAL_CREDENTIALS | {"AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL": endpoint_url}


def running_stack() -> LocalStack:
    """Return the running local cloud. Raises CommandError if there is none."""
    stack = _read(STACK_JSON)
    if stack is None:
        raise CommandError("No local cloud is running: start one with `make run`")
    return stack


def find_stack(api_url: str) -> LocalStack | None:
    """Return the running local cloud of a service at `api_url`, or that of `make run`."""
    return _read(_stack_file(api_url)) or _read(STACK_JSON)


def _read(file: Path) -> LocalStack | None:
    """Return the content of a file; None if it is missing, damaged, or from a killed run."""
    try:
        stack = LocalStack(**json.loads(file.read_text()))
        # Another local cloud may have the port of one that was killed, so ask for the pool.
        keys = f"{stack.aws_endpoint_url}/{stack.user_pool_id}/.well-known/jwks.json"
        return stack if requests.get(keys, timeout=5).ok else None
    except (OSError, ValueError, TypeError):  # a RequestException is an OSError
        return None


@contextmanager
def registration(stack: LocalStack) -> Iterator[None]:
    """Write the files of a running local cloud, and remove them after the block.

    stack.json then describes another one that is running.
    """
    own_file = _stack_file(stack.api_url)
    for file in (own_file, STACK_JSON):
        write_json(file, stack._asdict())
    content = own_file.read_bytes()
    try:
        yield
    finally:
        own_file.unlink(missing_ok=True)
        if STACK_JSON.exists() and STACK_JSON.read_bytes() == content:
            STACK_JSON.unlink()
            for other in STACK_JSON.parent.glob("stack-*.json"):
                shutil.copy(other, STACK_JSON)


def _stack_file(api_url: str) -> Path:
    return STACK_JSON.with_name(f"stack-{api_url.rpartition(':')[2]}.json")


def authorization_file(stack: LocalStack) -> Path:
    """Return the file in which `make run` writes a token for curl."""
    return STACK_JSON.with_name(f"authorization-{stack.api_url.rpartition(':')[2]}")
