"""The notes of running local clouds in `.local/`; other programs read `stack.json`, the latest.

A note exists as long as its `make run` runs. One that a killed run left, or that is damaged, is
removed by whoever finds it.
"""

import contextlib
import http
import http.client
import json
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from deploy.errors import CommandError
from deploy.project import PROJECT, service_environment, write_json
from local.environment import local_access

LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"
_UNREADABLE = (ValueError, TypeError)  # not JSON, or not the fields of a LocalStack


class NoLocalCloudError(CommandError):
    """No local cloud is running."""


class LocalStack(NamedTuple):
    """All that a client or a service has to know of a running local cloud."""

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


def read_local() -> LocalStack:
    """Return the local cloud that runs now. Raises NoLocalCloudError."""
    _remove_stale_notes()
    try:
        return _parse(STACK_JSON)
    except FileNotFoundError:
        raise NoLocalCloudError("No local cloud is running: start one with `make run`") from None


def write_local(stack: LocalStack) -> None:
    """Write down a running local cloud; of several, stack.json has the latest."""
    _remove_stale_notes()
    write_json(_note_of(stack), stack._asdict())
    write_json(STACK_JSON, stack._asdict())


def forget_local(stack: LocalStack) -> None:
    """Remove the note of a local cloud that stops; stack.json then has another that still runs."""
    _note_of(stack).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError, *_UNREADABLE):
        if _parse(STACK_JSON) == stack:
            STACK_JSON.unlink()
    _remove_stale_notes()


def authorization_file(stack: LocalStack) -> Path:
    """Return where `make run` keeps a token for curl."""
    return STACK_JSON.with_name(f"authorization-{stack.api_url.rpartition(':')[2]}")


def _remove_stale_notes() -> None:
    """Remove what killed runs have left, and point stack.json to a cloud that still runs."""
    for note in STACK_JSON.parent.glob("stack*.json"):
        try:
            stack = _parse(note)
        except _UNREADABLE:
            note.unlink(missing_ok=True)
            continue
        if not is_running(stack):
            note.unlink(missing_ok=True)
            authorization_file(stack).unlink(missing_ok=True)
    others = sorted(STACK_JSON.parent.glob("stack-*.json"), key=lambda note: note.stat().st_mtime)
    if others and not STACK_JSON.exists():
        write_json(STACK_JSON, json.loads(others[-1].read_text()))


def is_running(stack: LocalStack) -> bool:
    """Tell whether a local cloud still runs. One that is only slow counts as running."""
    try:
        address = urlsplit(stack.aws_endpoint_url)
        # Not requests: what Chalice loads works without it, and no proxy may be asked.
        connection = http.client.HTTPConnection(address.hostname or "-", address.port, timeout=2)
        with contextlib.closing(connection):
            connection.request("GET", f"{address.path}/_ministack/ready")
            return connection.getresponse().status == http.HTTPStatus.OK
    except TimeoutError:
        return True
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _parse(note: Path) -> LocalStack:
    return LocalStack(**json.loads(note.read_text()))


def _note_of(stack: LocalStack) -> Path:
    return STACK_JSON.with_name(f"stack-{stack.api_url.rpartition(':')[2]}.json")
