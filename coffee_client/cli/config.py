"""The files in the user's config folder: the service's settings, the login, the last user name.

Only their owner can read them, because `login.json` has the tokens. A file may be a symbolic link.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
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
    """A file in the config folder cannot be written or removed."""


def load_settings() -> Settings:
    """Return the settings that `coffee configure` saved. Raises SettingsError."""
    path = _path(_SETTINGS)
    if not path.exists():
        raise SettingsError("No service is configured. Run: coffee configure")
    try:
        return Settings.from_fields(read_json(path), path)
    except SettingsError as error:
        raise SettingsError(f"{error}. Run: coffee configure") from error


def save_settings(settings: Settings) -> Path:
    """Save the settings and delete the login at the previous service. Return the file's path."""
    path = _write(_SETTINGS, asdict(settings))
    delete_login()
    _remove(_USER)
    return path


def save_login(username: str, tokens: Tokens) -> None:
    """Save a login in a file that only its owner can read."""
    _write(_LOGIN, {"username": username, **asdict(tokens)})


def load_session(accounts: Accounts) -> tuple[str, Session]:
    """Return the user name and the session of the saved login. The session saves new tokens.

    Raises SettingsError if nobody is logged in or the file cannot be read.
    """
    path = _path(_LOGIN)
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
    return username, Session(accounts, tokens, partial(_save_refreshed_tokens, username))


def delete_login() -> None:
    """Delete the saved login."""
    _remove(_LOGIN)


def save_username(username: str) -> None:
    """Save the user name as the default of `coffee login`."""
    with _warn_on_error():
        _write(_USER, {"username": username})


def load_username() -> str | None:
    """Return the last user name, or None."""
    try:
        username = read_json(_path(_USER)).get("username")
    except SettingsError:
        return None
    return username if isinstance(username, str) else None


def _save_refreshed_tokens(username: str, tokens: Tokens) -> None:
    try:
        saved_token = read_json(_path(_LOGIN)).get("refresh_token")
    except SettingsError:
        return
    # Another process may have logged out or in during the refresh.
    if saved_token == tokens.refresh_token:
        with _warn_on_error():  # the command can continue with the new token
            save_login(username, tokens)


@contextmanager
def _warn_on_error() -> Iterator[None]:
    try:
        yield
    except ConfigFolderError as error:
        output.message(f"Warning: {error}")


def _path(name: str) -> Path:
    """Return the path of a file, or of the file to which it links."""
    folder = Path(os.environ.get("COFFEE_CONFIG_DIR") or click.get_app_dir("coffee"))
    return Path(os.path.realpath(folder / name))


def _write(name: str, fields: Mapping[str, Any]) -> Path:
    """Replace a file atomically. Other users can never read it."""
    path = _path(name)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(fields, file, indent=2)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise ConfigFolderError(f"{path} can't be written: {error.strerror}") from error
    return path


def _remove(name: str) -> None:
    path = _path(name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigFolderError(f"{path} can't be removed: {error.strerror}") from error
