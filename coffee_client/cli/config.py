"""The files of the `coffee` command: the service's settings, the login, the last user name.

They are in the user's config folder. `login.json` holds the tokens, and only its owner can read
it (mode 0600).
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import click

from coffee_client.accounts import Accounts, Session, Tokens
from coffee_client.cli import output
from coffee_client.errors import CoffeeError, SettingsError
from coffee_client.settings import Settings, read_json

_SETTINGS, _LOGIN, _USER = "settings.json", "login.json", "user.json"


class ConfigFolderError(CoffeeError):
    """A file of the config folder could not be written or removed."""


def load_settings() -> Settings:
    """Return the settings that `coffee configure` wrote. Raises SettingsError."""
    path = _folder() / _SETTINGS
    if not path.exists():
        raise SettingsError("No service is configured. Run: coffee configure")
    try:
        return Settings.of_fields(read_json(path), path)
    except SettingsError as error:
        raise SettingsError(f"{error}. Run: coffee configure") from error


def save_settings(settings: Settings) -> Path:
    """Write the settings and forget the login at the former service. Return the file's path."""
    path = _write(_SETTINGS, asdict(settings), mode=0o644)
    forget_login()
    _remove(_USER)
    return path


def keep_login(username: str, tokens: Tokens) -> None:
    """Write a login into a file that only its owner can read."""
    _write(_LOGIN, {"username": username, **asdict(tokens)}, mode=0o600)


def kept_login(accounts: Accounts) -> tuple[str, Session]:
    """Return the user name and the session of the login; refreshed tokens are kept, too.

    Raises SettingsError if nobody is logged in or the file cannot be read.
    """
    path = _folder() / _LOGIN
    if not path.exists():
        raise SettingsError("Nobody is logged in. Run: coffee login")
    try:
        fields = read_json(path)
        username = str(fields["username"])
        tokens = Tokens(
            fields["id_token"].encode("ascii").decode(),
            fields["refresh_token"].encode("ascii").decode(),
            float(fields["stale_at"]),
        )
        if not isfinite(tokens.stale_at):
            raise ValueError("stale_at")
    except (SettingsError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise SettingsError(f"The login in {path} can't be read. Run: coffee login") from error
    return username, Session(accounts, tokens, lambda fresh: _keep_refreshed(username, fresh))


def forget_login() -> None:
    """Remove the login."""
    _remove(_LOGIN)


def remember_user(username: str) -> None:
    """Remember who used the service last, for `coffee login` to suggest."""
    with _only_a_warning():
        _write(_USER, {"username": username}, mode=0o600)


def last_user() -> str | None:
    """Return who used the service last, if that is known."""
    try:
        username = read_json(_folder() / _USER).get("username")
    except SettingsError:
        return None
    return username if isinstance(username, str) else None


def _keep_refreshed(username: str, tokens: Tokens) -> None:
    try:
        present = read_json(_folder() / _LOGIN).get("refresh_token")
    except SettingsError:
        present = None
    # Another process may have logged out or in during the refresh.
    if present == tokens.refresh_token:
        with _only_a_warning():  # the command itself can go on with the new token
            keep_login(username, tokens)


@contextmanager
def _only_a_warning() -> Iterator[None]:
    try:
        yield
    except ConfigFolderError as error:
        output.say(f"Warning: {error}")


def _folder() -> Path:
    return Path(os.environ.get("COFFEE_CONFIG_DIR") or click.get_app_dir("coffee"))


def _write(name: str, fields: Mapping[str, Any], *, mode: int) -> Path:
    """Replace a file in one step. A private file is never readable for other users."""
    folder = _folder()
    path, draft = folder / name, folder / f"{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w") as file:
            json.dump(fields, file, indent=2)
        draft.chmod(mode)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise ConfigFolderError(f"{path} can't be written: {error.strerror}") from error
    return path


def _remove(name: str) -> None:
    path = _folder() / name
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigFolderError(f"{path} can't be removed: {error.strerror}") from error
