"""The settings of the client: URLs, `stack.json`, a deployed stage, and the stored login."""

import json
import os
from pathlib import Path

import pytest

from coffee_client import Accounts, SettingsError, Tokens
from coffee_client.cli import config
from coffee_client.settings import Settings, find_stack
from coffee_client.urls import http_url, is_loopback

_GOOD = {"api_url": "http://127.0.0.1:8000", "client_id": "abc", "region": "eu-west-1"}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / ".local").mkdir()
    path = tmp_path / ".local/stack.json"
    path.write_text(json.dumps(_GOOD))
    path.chmod(0o644)
    return path


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            " https://x.execute-api.eu-west-1.amazonaws.com/prod/ ",
            "https://x.execute-api.eu-west-1.amazonaws.com/prod",
        ),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("HTTP://localhost", "HTTP://localhost"),
        ("https://café.example", "https://café.example"),
    ],
)
def test_valid_urls(text: str, url: str) -> None:
    assert http_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *["", "127.0.0.1:8000", "localhost:8000", "ftp://x", "//x", "http://", "http://:80"],
        *["http://x:99999", "http://x:y", "http://[::1", "http://a b", "http://x/a b"],
        *["http://x/\x1b", "http://x?y=1", "http://x#y", "http://u:p@x", "http://a..b"],
        *["http://x\\y", f"http://{'a' * 64}.example"],
    ],
)
def test_invalid_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|must|has)"):
        http_url(text)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "127.8.8.8", "[::1]:8000", "localhost:8000", "LOCALHOST.", "api.localhost"],
)
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(http_url(f"http://{host}"))


@pytest.mark.parametrize(
    "host", ["localhost.example", "127.0.0.1.example", "10.0.0.1", "[fe80::1]"]
)
def test_other_hosts(host: str) -> None:
    assert not is_loopback(http_url(f"http://{host}"))


def test_settings_of_make_run(stack: Path) -> None:
    assert Settings.of_stack(stack) == Settings(**_GOOD)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"api_url": "127.0.0.1:8000"}, "api_url must be an address"),
        ({"api_url": None}, "api_url must be an address"),
        ({"api_url": 5}, "api_url must be an address"),
        ({"region": "eu west"}, "region must be a region"),
        ({"client_id": "a b"}, "client_id must be the id"),
        ({"aws_endpoint_url": "x"}, "aws_endpoint_url must be an address"),
    ],
)
def test_error_names_the_invalid_field(stack: Path, fields: dict[str, object], reason: str) -> None:
    stack.write_text(json.dumps(_GOOD | fields))
    with pytest.raises(SettingsError, match=f"stack.json: {reason}"):
        Settings.of_stack(stack)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"region": "eu-west-1"}']
)
def test_error_names_the_invalid_file(stack: Path, content: bytes) -> None:
    stack.write_bytes(content)
    with pytest.raises(SettingsError, match=r"stack\.json"):
        Settings.of_stack(stack)


def test_directory_instead_of_a_file_is_an_error(stack: Path) -> None:
    stack.unlink()
    stack.mkdir()
    with pytest.raises(SettingsError, match="can't be read"):
        Settings.of_stack(stack)


def test_file_that_others_can_write_is_not_trusted(stack: Path) -> None:
    stack.chmod(0o646)
    with pytest.raises(SettingsError, match="is not yours alone"):
        Settings.of_stack(stack)


def test_file_of_another_user_is_not_trusted(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: stack.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="is not yours alone"):
        Settings.of_stack(stack)


def test_nearest_stack_json_is_used(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = stack.parent.parent / "a/b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_stack() == stack


def config_with(**variables: object) -> object:
    return {"stages": {"dev": {"environment_variables": variables}}}


@pytest.mark.parametrize(
    ("config", "deployed"),
    [
        ({}, {}),
        ([], {}),
        (
            config_with(USER_POOL_ARN="x", CLIENT_ID="c"),
            {"resources": [{"name": "rest_api", "rest_api_url": "https://x"}]},
        ),
        (config_with(USER_POOL_ARN=5), {"resources": 5}),
    ],
)
def test_stage_that_is_not_deployed_is_an_error(
    tmp_path: Path, config: object, deployed: object
) -> None:
    (tmp_path / ".chalice/deployed").mkdir(parents=True)
    (tmp_path / ".chalice/config.json").write_text(json.dumps(config))
    (tmp_path / ".chalice/deployed/dev.json").write_text(json.dumps(deployed))
    with pytest.raises(SettingsError, match="STAGE=dev"):
        Settings.of_stage("dev", tmp_path)


_STALE, _FRESH = Tokens("old", "refresh", stale_at=0), Tokens("new", "refresh", stale_at=9e9)


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Store a stale login of Ann. Return accounts that refresh it without Cognito."""
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(tmp_path))
    config.keep_login("Ann", _STALE)
    monkeypatch.setattr(Accounts, "refreshed", lambda *_: _FRESH)
    return Accounts("c", region="eu-west-1")


def test_refreshed_login_is_stored(accounts: Accounts) -> None:
    username, session = config.kept_login(accounts)
    assert session.id_token() == "new"
    assert config.kept_login(accounts)[1].tokens == _FRESH
    assert username == "Ann"


def test_refresh_does_not_undo_a_logout(accounts: Accounts) -> None:
    _, session = config.kept_login(accounts)
    config.forget_login()
    assert session.id_token() == "new"
    with pytest.raises(SettingsError, match="Nobody is logged in"):
        config.kept_login(accounts)


def test_refresh_does_not_replace_another_login(accounts: Accounts) -> None:
    _, session = config.kept_login(accounts)
    other = Tokens("other", "other", stale_at=9e9)
    config.keep_login("Ben", other)
    assert session.id_token() == "new"
    username, present = config.kept_login(accounts)
    assert (username, present.tokens) == ("Ben", other)
