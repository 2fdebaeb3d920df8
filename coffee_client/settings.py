"""Where the service is: its API, and the app client of its user pool."""

import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from coffee_client.accounts import Accounts
from coffee_client.errors import SettingsError
from coffee_client.urls import http_url

_STACK = Path(".local", "stack.json")


@dataclass(frozen=True)
class Settings:
    """Where a service is. `aws_endpoint_url` is for a Cognito that is not on AWS."""

    api_url: str  # without `/order`
    client_id: str
    region: str
    aws_endpoint_url: str | None = None

    @classmethod
    def of_stack(cls, path: Path) -> "Settings":
        """Read `.local/stack.json`, which `make run` writes.

        Raises SettingsError if there is none, if it cannot be read, or if it belongs to another
        user: whoever wrote it would receive the password of the next login.
        """
        if not path.exists():
            raise SettingsError(f"There is no {path}: start the service with `make run`")
        return cls.of_fields(read_json(path, only_own=True), path)

    @classmethod
    def of_stage(cls, stage: str, project: Path) -> "Settings":
        """Read what `make deploy` recorded for a stage in a project. Raises SettingsError."""
        config_path = project / ".chalice" / "config.json"
        deployed_path = project / ".chalice" / "deployed" / f"{stage}.json"
        try:
            variables = read_json(config_path)["stages"][stage]["environment_variables"]
            resources = read_json(deployed_path)["resources"]
            (api,) = (each["rest_api_url"] for each in resources if each["name"] == "rest_api")
            region = variables["USER_POOL_ARN"].split(":")[3]
            found = {"api_url": api, "client_id": variables["CLIENT_ID"], "region": region}
        except (SettingsError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"Nothing in {project} says where stage {stage!r} is. `make deploy STAGE={stage}` "
                "records it; or name it with --api-url, --client-id and --region"
            ) from error
        return cls.of_fields(found, deployed_path)

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any], source: Path) -> "Settings":
        """Check the fields and return the settings. Raises SettingsError, which names `source`."""
        for name in ("api_url", "client_id", "region"):
            if name not in fields:
                raise SettingsError(f"{source}: {name} is missing")
        checked = {}
        for name, check in CHECKS.items():
            value = fields.get(name)
            if value is None and name == "aws_endpoint_url":
                continue
            try:
                checked[name] = check(value if isinstance(value, str) else "")
            except ValueError as error:
                raise SettingsError(f"{source}: {name} {error}") from None
        return cls(**checked)

    def accounts(self) -> Accounts:
        """Return the accounts of this service."""
        endpoint = self.aws_endpoint_url
        return Accounts(self.client_id, region=self.region, endpoint_url=endpoint)


def find_stack() -> Path:
    """Return the nearest `.local/stack.json`, from this folder upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / _STACK).exists():
            return folder / _STACK
    return here / _STACK


def read_json(path: Path, *, only_own: bool = False) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises SettingsError if it cannot be read or, with `only_own`, if other users can write it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if only_own and not _is_own(os.fstat(file.fileno())):
                raise SettingsError(
                    f"{path} is not yours alone, so it is not trusted. "
                    "Name the service with --api-url, --client-id and --region"
                )
            fields = json.load(file)
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise SettingsError(f"{path} can't be read: it holds no JSON object")
    return fields


def _is_own(file: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # Windows, where home folders are private
        return True
    return file.st_uid == os.getuid() and not file.st_mode & stat.S_IWOTH


def _matching(pattern: str, rule: str, text: str) -> str:
    trimmed = text.strip()
    if not re.fullmatch(pattern, trimmed, re.ASCII):
        raise ValueError(rule)
    return trimmed


# For each field, what returns a valid value or raises ValueError.
CHECKS: dict[str, Callable[[str], str]] = {
    "api_url": http_url,
    "client_id": partial(
        _matching, r"[\w+-]{1,128}", "must be the id of an app client: letters and digits"
    ),
    "region": partial(_matching, r"[a-z0-9]+(-[a-z0-9]+)+", "must be a region such as eu-west-1"),
    "aws_endpoint_url": http_url,
}
