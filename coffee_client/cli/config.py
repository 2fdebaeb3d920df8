"""The files in the user's config folder: the service's settings and the login.

Only their owner can read them, because `login.json` has the tokens. A file may be a symbolic link.
"""

import json
import os
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from coffee_client.accounts import Accounts, Session, Tokens
from coffee_client.errors import SettingsError
from coffee_client.settings import Settings, read_json

_SETTINGS, _LOGIN = "settings.json", "login.json"


def load_settings() -> Settings:
    """Return the settings that `coffee configure` saved. Raises SettingsError."""
    path = _path(_SETTINGS)
    if not path.exists():
        raise SettingsError("No service is configured. Run: coffee configure")
    try:
        return Settings.from_file(path)
    except SettingsError as error:
        raise SettingsError(f"{error}. Run: coffee configure") from error


def save_settings(settings: Settings) -> None:
    """Save the settings, and delete the login at the previous service."""
    _write(_SETTINGS, asdict(settings))
    delete_login()


def save_login(username: str, tokens: Tokens) -> None:
    """Save a login."""
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
        username, tokens = str(fields.pop("username")), Tokens(**fields)
    except (SettingsError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise SettingsError(f"The login in {path} can't be read. Run: coffee login") from error
    return username, Session(accounts, tokens, partial(_save_refreshed_tokens, username))


def delete_login() -> None:
    """Delete the saved login."""
    _path(_LOGIN).unlink(missing_ok=True)


def _save_refreshed_tokens(username: str, tokens: Tokens) -> None:
    path = _path(_LOGIN)
    # Another process may have logged out or in during the refresh.
    if path.exists() and read_json(path).get("refresh_token") == tokens.refresh_token:
        save_login(username, tokens)


def _path(name: str) -> Path:
    """Return the path of a file, or of the file to which it links."""
    folder = Path(os.environ.get("COFFEE_CONFIG_DIR") or click.get_app_dir("coffee"))
    return Path(os.path.realpath(folder / name))


def _write(name: str, fields: dict[str, Any]) -> None:
    """Replace a file atomically. Other users can never read it."""
    path = _path(name)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    for folder in reversed(path.parents):  # mkdir's `parents` would ignore the mode
        folder.mkdir(mode=0o700, exist_ok=True)
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(fields, file, indent=2)
        draft.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)
