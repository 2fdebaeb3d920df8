"""The files in `.local/` that describe running local clouds.

A `make run` on port 8000 writes `stack-8000.json`. `stack.json` is a copy of the latest one, for
clients. Both are removed at the end. Every command removes damaged files, and those of a killed
run.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

from tools import CommandError
from tools.project import PROJECT, service_environment, write_json

LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"
# The key of MiniStack's root user. Real keys are never sent to the local cloud.
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105
# Not requests, because `chalice package` loads this module and does not need it.
_open_directly = build_opener(ProxyHandler({})).open


class NoLocalCloudError(CommandError):
    """No local cloud is running."""


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

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a service on this local cloud."""
        return {
            "STAGE": "local",
            **local_access(self.aws_endpoint_url, self.region),
            **service_environment(
                self.orders_table, self.shops_table, self.user_pool_arn, self.client_id
            ),
        }


def local_access(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the environment variables that point boto3 at a local cloud."""
    return LOCAL_CREDENTIALS | {"AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL": endpoint_url}


def running_stack() -> LocalStack:
    """Return the running local cloud. Raises NoLocalCloudError."""
    _remove_stale_files()
    stack = read_stack_file(STACK_JSON)
    if stack is None:
        raise NoLocalCloudError("No local cloud is running: start one with `make run`")
    return stack


def read_stack_file(file: Path) -> LocalStack | None:
    """Return the content of a file; None if it is missing or damaged."""
    try:
        return LocalStack(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def registration(stack: LocalStack) -> Iterator[None]:
    """Write the files of a running local cloud, and remove them after the block.

    stack.json then describes another one that is running.
    """
    _remove_stale_files()
    for file in (stack_file(stack.api_url), STACK_JSON):
        write_json(file, stack._asdict())
    try:
        yield
    finally:
        stack_file(stack.api_url).unlink(missing_ok=True)
        if read_stack_file(STACK_JSON) == stack:
            STACK_JSON.unlink(missing_ok=True)
        _remove_stale_files()


def stack_file(api_url: str) -> Path:
    """Return the file of the local cloud of a service."""
    return STACK_JSON.with_name(f"stack-{api_url.rpartition(':')[2]}.json")


def authorization_file(stack: LocalStack) -> Path:
    """Return the file in which `make run` writes a token for curl."""
    return STACK_JSON.with_name(f"authorization-{stack.api_url.rpartition(':')[2]}")


def _remove_stale_files() -> None:
    """Remove the files of killed runs, and let stack.json describe a running cloud."""
    for file in STACK_JSON.parent.glob("stack*.json"):
        stack = read_stack_file(file)
        if stack is None or not _is_running(stack):
            file.unlink(missing_ok=True)
            if stack:
                authorization_file(stack).unlink(missing_ok=True)
    files = sorted(STACK_JSON.parent.glob("stack-*.json"), key=lambda file: file.stat().st_mtime)
    if files and not STACK_JSON.exists():
        write_json(STACK_JSON, json.loads(files[-1].read_text()))


def _is_running(stack: LocalStack) -> bool:
    """Return whether a local cloud is running. A slow one counts as running."""
    try:
        with _open_directly(f"{stack.aws_endpoint_url}/_ministack/ready", timeout=2):
            return True
    except (OSError, ValueError, HTTPException) as error:
        return isinstance(getattr(error, "reason", error), TimeoutError)
