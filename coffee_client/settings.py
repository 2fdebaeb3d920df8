"""The address of a service: its API, and the app client of its user pool."""

import json
import os
import stat
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from coffee_client.accounts import Accounts
from coffee_client.arguments import check_region, normalize_http_url
from coffee_client.errors import SettingsError

_STACK = Path(".local", "stack.json")
_CHECKS = {
    "api_url": normalize_http_url,
    "client_id": lambda text: text.strip(),
    "region": check_region,
    "aws_endpoint_url": normalize_http_url,
}


@dataclass(frozen=True)
class Settings:
    """The address of a service. `aws_endpoint_url` is for a Cognito that is not on AWS.

    Raises SettingsError, which begins with the name of the field, if a value is not valid.
    """

    api_url: str  # without `/order`
    client_id: str
    region: str
    aws_endpoint_url: str | None = None

    def __post_init__(self) -> None:
        # The values that are there are checked first.
        for name in sorted(_CHECKS, key=lambda name: not getattr(self, name)):
            value = getattr(self, name) or None
            try:
                if value is not None:
                    object.__setattr__(self, name, _CHECKS[name](str(value)))
                elif name != "aws_endpoint_url":
                    raise ValueError("is missing")
            except ValueError as error:
                raise SettingsError(f"{name}: {error}") from None

    @classmethod
    def from_stack(cls, path: Path) -> "Settings":
        """Read `.local/stack.json`, which `make run` writes.

        Raises SettingsError if it does not exist, cannot be read, or belongs to another user, who
        would receive the password of the next login.
        """
        if not path.exists():
            raise SettingsError(f"There is no {path}: start the service with `make run`")
        return cls.from_file(path, trusted=True)

    @classmethod
    def from_file(cls, path: Path, *, trusted: bool = False) -> "Settings":
        """Read the settings from the JSON object in a file. Raises SettingsError as `read_json`."""
        content = read_json(path, trusted=trusted)
        try:
            return cls(*(content.get(field.name) for field in fields(cls)))  # type: ignore[arg-type]
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}") from None

    def accounts(self) -> Accounts:
        """Return the accounts of this service."""
        return Accounts(self.client_id, region=self.region, endpoint_url=self.aws_endpoint_url)


def find_stack() -> Path:
    """Return the path of the nearest `.local/stack.json`, in this folder or one above it."""
    paths = [folder / _STACK for folder in (Path.cwd(), *Path.cwd().parents)]
    return next((path for path in paths if path.exists()), paths[0])


def read_json(path: Path, *, trusted: bool = False) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises SettingsError if it cannot be read or, with `trusted`, if other users can write it.
    """
    try:
        with path.open("rb") as file:
            if trusted and not _is_private(os.fstat(file.fileno())):
                raise SettingsError(f"{path} is not trusted, because other users can write it")
            content = json.load(file)
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise SettingsError(f"{path} can't be read: it is not a JSON object")
    return content


def _is_private(file: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # Windows, where home folders are private
        return True
    return file.st_uid == os.getuid() and not file.st_mode & stat.S_IWOTH
