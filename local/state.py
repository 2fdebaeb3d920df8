"""The state of a running local cloud: `.local/stack.json`, which other programs read.

The file exists as long as `make run` runs. Git ignores it.
"""

import json
from pathlib import Path
from typing import NamedTuple

from deploy.errors import CommandError
from deploy.project import PROJECT, service_environment, write_json
from local.environment import local_access

LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"


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
    try:
        return LocalStack(**json.loads(STACK_JSON.read_text()))
    except FileNotFoundError:
        raise NoLocalCloudError("No local cloud is running: start one with `make run`") from None


def write_local(found: LocalStack) -> None:
    """Write down a running local cloud; of several, stack.json has the latest."""
    write_json(_note_of(found), found._asdict())
    write_json(STACK_JSON, found._asdict())


def forget_local(found: LocalStack) -> None:
    """Remove the note of a local cloud that stops; stack.json then has another that still runs."""
    _note_of(found).unlink(missing_ok=True)
    if not STACK_JSON.exists() or read_local() != found:
        return
    others = sorted(STACK_JSON.parent.glob("stack-*.json"), key=lambda note: note.stat().st_mtime)
    if others:
        write_json(STACK_JSON, json.loads(others[-1].read_text()))
    else:
        STACK_JSON.unlink()


def _note_of(found: LocalStack) -> Path:
    return STACK_JSON.with_name(f"stack-{found.api_url.rpartition(':')[2]}.json")
