"""Where the service is, and the login that is kept: the files of the `coffee` command.

Two files in the user's config folder: `settings.json`, which anybody may read, and
`login.json` with the tokens, which only its owner may (mode 0600).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from coffee_client.accounts import Accounts, Session, Tokens
from coffee_client.errors import CoffeeError


class SettingsError(CoffeeError):
    """Something is not set up yet; the message says what to do."""


@dataclass(frozen=True)
class Settings:
    """Where a service is. `aws_endpoint_url` is for a Cognito that is not AWS's."""

    api_url: str
    client_id: str
    region: str
    aws_endpoint_url: str | None = None

    @classmethod
    def of_stack(cls, path: Path) -> "Settings":
        """Read `.local/stack.json`, which `make run` writes. Raises SettingsError."""
        if not path.exists():
            raise SettingsError(f"There is no {path}: start the service with `make run`")
        return cls._of(json.loads(path.read_text()), path)

    @classmethod
    def of_stage(cls, stage: str, project: Path) -> "Settings":
        """Read what `make deploy` noted of a stage in a project. Raises SettingsError."""
        config = project / ".chalice" / "config.json"
        deployed = project / ".chalice" / "deployed" / f"{stage}.json"
        try:
            variables = json.loads(config.read_text())["stages"][stage]["environment_variables"]
            resources = json.loads(deployed.read_text())["resources"]
            (api,) = (each["rest_api_url"] for each in resources if each["name"] == "rest_api")
            region = variables["USER_POOL_ARN"].split(":")[3]
            return cls(api.rstrip("/"), variables["CLIENT_ID"], region)
        except (FileNotFoundError, KeyError, ValueError) as error:
            raise SettingsError(
                f"Nothing in {project} says where stage {stage!r} is: `make deploy STAGE={stage}` "
                "notes it, or name it with --api-url, --client-id and --region"
            ) from error

    @classmethod
    def load(cls) -> "Settings":
        """Read what `coffee configure` wrote. Raises SettingsError."""
        path = _folder() / "settings.json"
        if not path.exists():
            raise SettingsError("Where is the service? Run `coffee configure` first")
        return cls._of(json.loads(path.read_text()), path)

    @classmethod
    def _of(cls, fields: Mapping[str, Any], path: Path) -> "Settings":
        try:
            known = {name: fields[name] for name in ("api_url", "client_id", "region")}
        except KeyError as error:
            raise SettingsError(f"{path} has no {error}: run `coffee configure` again") from None
        return cls(**known, aws_endpoint_url=fields.get("aws_endpoint_url"))

    def save(self) -> Path:
        """Write the settings for the `coffee` command; return where."""
        return _write("settings.json", asdict(self), mode=0o644)

    def accounts(self) -> Accounts:
        """Return the sign-up desk of this service."""
        endpoint = self.aws_endpoint_url
        return Accounts(self.client_id, region=self.region, endpoint_url=endpoint)


def keep_login(username: str, tokens: Tokens) -> None:
    """Write a login where only its owner can read it."""
    _write("login.json", {"username": username, **asdict(tokens)}, mode=0o600)


def kept_login(accounts: Accounts) -> tuple[str, Session]:
    """Return the user name and the session of the login that is kept.

    A token that the session fetches is kept in turn. Raises SettingsError where there is none.
    """
    try:
        fields = json.loads((_folder() / "login.json").read_text())
        username = str(fields.pop("username"))
        tokens = Tokens(**fields)
    except FileNotFoundError:
        raise SettingsError("Nobody is logged in: `coffee login`") from None
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError("The login can't be read: log in again, `coffee login`") from error
    return username, Session(accounts, tokens, lambda fresh: keep_login(username, fresh))


def forget_login() -> None:
    """Remove the login."""
    (_folder() / "login.json").unlink(missing_ok=True)


def find_stack() -> Path:
    """Return the nearest `.local/stack.json`, from this folder upwards."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".local" / "stack.json").exists():
            return folder / ".local" / "stack.json"
    return here / ".local" / "stack.json"


def _folder() -> Path:
    return Path(os.environ.get("COFFEE_CONFIG_DIR") or click.get_app_dir("coffee"))


def _write(name: str, fields: Mapping[str, Any], *, mode: int) -> Path:
    """Replace a file in one step; at no moment can others read what is not theirs to read."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    path, draft = folder / name, folder / f"{name}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
        json.dump(fields, file, indent=2)
    draft.chmod(mode)
    draft.replace(path)
    return path
