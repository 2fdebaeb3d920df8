"""Where what a stack made is written down, for Chalice and for clients.

For a stage on AWS, in `.chalice/config.json`, as the Lambda function's environment. For the
local cloud, in `.local/stack.json`, which lives as long as `make run` and is never committed.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cloud import stack

PROJECT = Path(__file__).resolve().parent.parent
LOCAL = PROJECT / ".local"
STACK_JSON = LOCAL / "stack.json"
CHALICE_CONFIG = PROJECT / ".chalice" / "config.json"
CHALICE_DEPLOYED = PROJECT / ".chalice" / "deployed"

# MiniStack's root user. A real key has no business there, so none from outside is let in.
LOCAL_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105


class NoLocalCloudError(Exception):
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

    def environment(self) -> dict[str, str]:
        """Return the environment in which the service works on this local cloud."""
        return {
            "STAGE": "local",
            **local_access(self.aws_endpoint_url, self.region),
            **service_environment(self.orders_table, self.user_pool_arn, self.client_id),
        }


def local_access(endpoint_url: str, region: str) -> dict[str, str]:
    """Return what aims boto3 at a local cloud, as its owner, and at nothing else."""
    return {
        **LOCAL_CREDENTIALS,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        # A profile in the user's files could bring an endpoint or credentials of its own.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without its AWS settings, but for the CA bundle."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("AWS_") or name == "AWS_CA_BUNDLE"
    }


def service_environment(orders_table: str, user_pool_arn: str, client_id: str) -> dict[str, str]:
    """Return the variables that tell the service what to work on, and clients where to log in."""
    return {"ORDERS_TABLE": orders_table, "USER_POOL_ARN": user_pool_arn, "CLIENT_ID": client_id}


def read_local() -> LocalStack:
    """Return the local cloud that runs now. Raises NoLocalCloudError."""
    try:
        return LocalStack(**json.loads(STACK_JSON.read_text()))
    except FileNotFoundError:
        raise NoLocalCloudError("No local cloud is running: start one with `make run`") from None


def write_local(found: LocalStack) -> None:
    """Write down a running local cloud; of several, stack.json has the latest."""
    _write(_note_of(found), found._asdict())
    _write(STACK_JSON, found._asdict())


def forget_local(found: LocalStack) -> None:
    """Remove the note of a local cloud that stops; stack.json then has another that still runs."""
    _note_of(found).unlink(missing_ok=True)
    if not STACK_JSON.exists() or read_local() != found:
        return
    others = sorted(STACK_JSON.parent.glob("stack-*.json"), key=lambda note: note.stat().st_mtime)
    if others:
        _write(STACK_JSON, json.loads(others[-1].read_text()))
    else:
        STACK_JSON.unlink()


def _note_of(found: LocalStack) -> Path:
    return STACK_JSON.with_name(f"stack-{found.api_url.rpartition(':')[2]}.json")


def record(stage: str, made: stack.Outputs, config: Path = CHALICE_CONFIG) -> None:
    """Tell Chalice what the stage's stack made, for the next `chalice deploy`."""
    made_there = service_environment(made.orders_table, made.user_pool_arn, made.client_id)
    _set_variables(stage, made_there, config)


def forget(stage: str, config: Path = CHALICE_CONFIG) -> None:
    """Take back what `record` told Chalice."""
    _set_variables(stage, dict.fromkeys(service_environment("", "", "")), config)


def _set_variables(stage: str, variables: Mapping[str, str | None], config: Path) -> None:
    settings = json.loads(config.read_text())
    known = settings["stages"][stage]["environment_variables"] | variables
    settings["stages"][stage]["environment_variables"] = {
        name: value for name, value in known.items() if value is not None
    }
    _write(config, settings)


def _write(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file in one step, so that nobody reads half of it."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)
