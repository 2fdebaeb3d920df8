"""The settings of the client: URLs, `stack.json`, a deployed stage, and the saved login."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from coffee_client import Accounts, SettingsError, Tokens
from coffee_client.cli import config
from coffee_client.settings import Settings, find_stack
from coffee_client.urls import is_loopback, normalize_http_url

_FIELDS = {"api_url": "http://127.0.0.1:8000", "client_id": "abc", "region": "eu-west-1"}
_AWS_URL = "https://x.execute-api.eu-west-1.amazonaws.com/prod"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    path = tmp_path / ".local/stack.json"
    path.parent.mkdir()
    path.write_text(json.dumps(_FIELDS))
    return path


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f" {_AWS_URL}/ ", _AWS_URL),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("HTTP://localhost", "HTTP://localhost"),
        ("https://café.example", "https://café.example"),
    ],
)
def test_valid_url_is_accepted(text: str, url: str) -> None:
    assert normalize_http_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *["", "127.0.0.1:8000", "localhost:8000", "ftp://x", "//x", "http://", "http://:80"],
        *["http://x:99999", "http://x:y", "http://[::1", "http://a b", "http://x/a b"],
        *["http://x/\x1b", "http://x?y=1", "http://x#y", "http://u:p@x", "http://a..b"],
        *["http://x\\y", f"http://{'a' * 64}.example"],
    ],
)
def test_invalid_url_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|must|has)"):
        normalize_http_url(text)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *[("127.0.0.1:8000", True), ("127.8.8.8", True), ("[::1]:8000", True)],
        *[("localhost:8000", True), ("LOCALHOST.", True), ("api.localhost", True)],
        *[("localhost.example", False), ("127.0.0.1.example", False)],
        *[("10.0.0.1", False), ("[fe80::1]", False)],
    ],
)
def test_loopback_host_is_recognized(host: str, loopback: bool) -> None:
    assert is_loopback(normalize_http_url(f"http://{host}")) == loopback


@pytest.mark.parametrize(("name", "value"), [("api_url", None), ("aws_endpoint_url", "x")])
def test_error_names_the_invalid_field(stack: Path, name: str, value: str | None) -> None:
    stack.write_text(json.dumps(_FIELDS | {name: value}))
    with pytest.raises(SettingsError, match=f"stack.json: {name} must be an address"):
        Settings.from_stack(stack)


def test_directory_instead_of_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        Settings.from_stack(tmp_path)


def test_file_of_another_user_is_not_trusted(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: stack.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="is not trusted"):
        Settings.from_stack(stack)


def test_nearest_stack_json_is_used(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subfolder = stack.parent.parent / "a/b"
    subfolder.mkdir(parents=True)
    monkeypatch.chdir(subfolder)
    assert find_stack() == stack


def config_with(**variables: object) -> dict[str, Any]:
    return {"stages": {"dev": {"environment_variables": variables}}}


def write_stage(project: Path, config: object, deployed: object) -> None:
    (project / ".chalice/deployed").mkdir(parents=True)
    (project / ".chalice/config.json").write_text(json.dumps(config))
    (project / ".chalice/deployed/dev.json").write_text(json.dumps(deployed))


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ({}, _AWS_URL),
        ({"domain_name": "coffee.example.com"}, "https://coffee.example.com"),
        (
            {"domain_name": "example.com", "url_prefix": "/coffee/"},
            "https://example.com/coffee",
        ),
    ],
)
def test_custom_domain_of_a_stage_is_preferred(
    tmp_path: Path, domain: dict[str, str], url: str
) -> None:
    config = config_with(USER_POOL_ARN="arn:aws:cognito-idp:eu-west-1:1:pool", CLIENT_ID="c")
    if domain:
        config["stages"]["dev"]["api_gateway_custom_domain"] = domain
    api = {"name": "rest_api", "rest_api_url": f"{_AWS_URL}/"}
    write_stage(tmp_path, config, {"resources": [api]})
    settings = Settings.from_stage("dev", tmp_path)
    assert (settings.api_url, settings.region) == (url, "eu-west-1")


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
        (
            config_with(USER_POOL_ARN="a:b:c:eu-west-1", CLIENT_ID="c")
            | {"api_gateway_custom_domain": "coffee.example.com"},
            {"resources": [{"name": "rest_api", "rest_api_url": _AWS_URL}]},
        ),
    ],
)
def test_stage_that_is_not_deployed_is_an_error(
    tmp_path: Path, config: object, deployed: object
) -> None:
    write_stage(tmp_path, config, deployed)
    with pytest.raises(SettingsError, match="STAGE=dev"):
        Settings.from_stage("dev", tmp_path)


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Save a stale login of Ann. Return accounts that refresh it without Cognito."""
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(tmp_path))
    config.save_login("Ann", Tokens("stale", "refresh", stale_at=0))
    monkeypatch.setattr(Accounts, "refresh", lambda *_: Tokens("new", "refresh", stale_at=9e9))
    return Accounts("c", region="eu-west-1")


def test_refresh_undoes_no_logout_and_no_other_login(accounts: Accounts) -> None:
    _, session = config.load_session(accounts)
    config.delete_login()
    assert session.id_token() == "new"
    with pytest.raises(SettingsError, match="Nobody is logged in"):
        config.load_session(accounts)
    tokens = Tokens("token of Ben", "refresh token of Ben", stale_at=9e9)
    config.save_login("Ben", tokens)
    session.tokens = Tokens("stale", "refresh", stale_at=0)
    assert session.id_token() == "new"
    username, saved_session = config.load_session(accounts)
    assert (username, saved_session.tokens) == ("Ben", tokens)
