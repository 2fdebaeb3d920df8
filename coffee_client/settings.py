"""The address of a service: its API, and the app client of its user pool."""

import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coffee_client.accounts import Accounts
from coffee_client.errors import SettingsError
from coffee_client.urls import check_region, normalize_http_url

_STACK = Path(".local", "stack.json")


@dataclass(frozen=True)
class Settings:
    """The address of a service. `aws_endpoint_url` is for a Cognito that is not on AWS."""

    api_url: str  # without `/order`
    client_id: str
    region: str
    aws_endpoint_url: str | None = None

    @classmethod
    def from_stack(cls, path: Path) -> "Settings":
        """Read `.local/stack.json`, which `make run` writes.

        Raises SettingsError if it does not exist, cannot be read, or belongs to another user, who
        would receive the password of the next login.
        """
        if not path.exists():
            raise SettingsError(f"There is no {path}: start the service with `make run`")
        return cls.from_fields(read_json(path, trusted=True), path)

    @classmethod
    def from_stage(cls, stage: str, project: Path) -> "Settings":
        """Read the files that `make deploy` writes for a stage. Raises SettingsError.

        The URL is that of the stage's custom domain, if it has one.
        """
        config_path = project / ".chalice" / "config.json"
        deployed_path = project / ".chalice" / "deployed" / f"{stage}.json"
        try:
            config = read_json(config_path)
            settings = {**config, **config["stages"][stage]}
            variables = settings["environment_variables"]
            resources = read_json(deployed_path)["resources"]
            (api,) = (item for item in resources if item["name"] == "rest_api")
            fields = {
                "api_url": _domain_url(settings) or api["rest_api_url"],
                "client_id": variables["CLIENT_ID"],
                "region": variables["USER_POOL_ARN"].split(":")[3],
            }
        except (SettingsError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"Stage {stage!r} is not deployed from {project}. Run `make deploy STAGE={stage}`, "
                "or use --api-url, --client-id and --region"
            ) from error
        return cls.from_fields(fields, deployed_path)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any], source: Path) -> "Settings":
        """Validate the fields of the file `source`. Raises SettingsError, which names the file."""
        settings = {}
        for name, validate in VALIDATORS.items():
            value = fields.get(name)
            if value is None and name == "aws_endpoint_url":
                continue
            if name not in fields:
                raise SettingsError(f"{source}: {name} is missing")
            try:
                settings[name] = validate(value if isinstance(value, str) else "")
            except ValueError as error:
                raise SettingsError(f"{source}: {name} {error}") from None
        return cls(**settings)

    def accounts(self) -> Accounts:
        """Return the accounts of this service."""
        endpoint = self.aws_endpoint_url
        return Accounts(self.client_id, region=self.region, endpoint_url=endpoint)


def _domain_url(settings: Mapping[str, Any]) -> str | None:
    domain = settings.get("api_gateway_custom_domain")
    if domain is None:
        return None
    return f"https://{domain['domain_name']}/{domain.get('url_prefix', '').strip('/')}"


def find_stack() -> Path:
    """Return the path of the nearest `.local/stack.json`, in this folder or one above it."""
    paths = [folder / _STACK for folder in (Path.cwd(), *Path.cwd().parents)]
    return next((path for path in paths if path.exists()), paths[0])


def read_json(path: Path, *, trusted: bool = False) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises SettingsError if it cannot be read or, with `trusted`, if other users can write it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if trusted and not _is_private(os.fstat(file.fileno())):
                raise SettingsError(
                    f"{path} is not trusted, because other users can write it. "
                    "Use --api-url, --client-id and --region"
                )
            fields = json.load(file)
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise SettingsError(f"{path} can't be read: it is not a JSON object")
    return fields


def _is_private(file: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # Windows, where home folders are private
        return True
    return file.st_uid == os.getuid() and not file.st_mode & stat.S_IWOTH


def _client_id(text: str) -> str:
    client_id = text.strip()
    if not re.fullmatch(r"[\w+-]{1,128}", client_id, re.ASCII):
        raise ValueError("must be the id of an app client: letters and digits")
    return client_id


# For each field, a function that returns the trimmed value or raises ValueError.
VALIDATORS: dict[str, Callable[[str], str]] = {
    "api_url": normalize_http_url,
    "client_id": _client_id,
    "region": check_region,
    "aws_endpoint_url": normalize_http_url,
}
