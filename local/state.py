"""The notes of running local clouds in `.local/`; other programs read `stack.json`, the latest.

A note exists while its `make run` runs. Every command removes notes that are damaged, or that a
killed run has left.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

from deploy import CommandError
from deploy.project import PROJECT, service_environment, write_json

LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"
# MiniStack's root user. A real key never reaches the local cloud.
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105
# Not requests: `chalice package` loads this module and works without it.
_open_directly = build_opener(ProxyHandler({})).open


class NoLocalCloudError(CommandError):
    """No local cloud is running."""


class LocalStack(NamedTuple):
    """What a client or a service has to know about a running local cloud."""

    api_url: str
    region: str
    aws_endpoint_url: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str
    orders_table: str
    shops_table: str

    def environment(self) -> dict[str, str]:
        """Return the environment in which the service works on this local cloud."""
        return {
            "STAGE": "local",
            **local_access(self.aws_endpoint_url, self.region),
            **service_environment(
                self.orders_table, self.shops_table, self.user_pool_arn, self.client_id
            ),
        }


def local_access(endpoint_url: str, region: str) -> dict[str, str]:
    """Return the variables that point boto3 at a local cloud, as its owner."""
    return {
        **LOCAL_CREDENTIALS,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
    }


def read_local() -> LocalStack:
    """Return the local cloud that runs now. Raises NoLocalCloudError."""
    _remove_stale_notes()
    stack = read_note(STACK_JSON)
    if stack is None:
        raise NoLocalCloudError("No local cloud is running: start one with `make run`")
    return stack


def read_note(note: Path) -> LocalStack | None:
    """Return the local cloud of a note; None if the note is missing or damaged."""
    try:
        return LocalStack(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def noted(stack: LocalStack) -> Iterator[None]:
    """Keep the note of a running local cloud for the time of the block."""
    write_local(stack)
    try:
        yield
    finally:
        forget_local(stack)


def write_local(stack: LocalStack) -> None:
    """Write the note of a running local cloud; stack.json has the latest one."""
    _remove_stale_notes()
    write_json(note_of(stack.api_url), stack._asdict())
    write_json(STACK_JSON, stack._asdict())


def forget_local(stack: LocalStack) -> None:
    """Remove the note of a local cloud that stops; stack.json then has another that still runs."""
    note_of(stack.api_url).unlink(missing_ok=True)
    if read_note(STACK_JSON) == stack:
        STACK_JSON.unlink(missing_ok=True)
    _remove_stale_notes()


def note_of(api_url: str) -> Path:
    """Return where the note of a service's local cloud is."""
    return STACK_JSON.with_name(f"stack-{api_url.rpartition(':')[2]}.json")


def authorization_file(stack: LocalStack) -> Path:
    """Return where `make run` keeps a token for curl."""
    return STACK_JSON.with_name(f"authorization-{stack.api_url.rpartition(':')[2]}")


def _remove_stale_notes() -> None:
    """Remove what killed runs have left, and point stack.json to a cloud that still runs."""
    for note in STACK_JSON.parent.glob("stack*.json"):
        stack = read_note(note)
        if stack is None or not _is_running(stack):
            note.unlink(missing_ok=True)
            if stack:
                authorization_file(stack).unlink(missing_ok=True)
    others = sorted(STACK_JSON.parent.glob("stack-*.json"), key=lambda note: note.stat().st_mtime)
    if others and not STACK_JSON.exists():
        write_json(STACK_JSON, json.loads(others[-1].read_text()))


def _is_running(stack: LocalStack) -> bool:
    """Return whether a local cloud still runs. One that is only slow counts as running."""
    try:
        with _open_directly(f"{stack.aws_endpoint_url}/_ministack/ready", timeout=2):
            return True
    except (OSError, ValueError, HTTPException) as error:
        return isinstance(getattr(error, "reason", error), TimeoutError)
