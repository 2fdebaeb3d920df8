"""Where the service is: which settings are valid, and whose files are trusted."""

import json
import os
from pathlib import Path

import pytest

from coffee_client.errors import SettingsError
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
        "",
        "127.0.0.1:8000",
        "localhost:8000",
        "ftp://x",
        "http://",
        "http://:80",
        "http://x:99999",
        "http://x:y",
        "http://[::1",
        "http://a b",
        "http://x/a b",
        "http://x/\x1b",
        "http://x?y=1",
        "http://x#y",
        "http://u:p@x",
        "http://a..b",
        "http://x\\y",
        "//x",
        f"http://{'a' * 64}.example",
    ],
)
def test_invalid_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|must|has)"):
        http_url(text)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:8000", True),
        ("http://localhost:8000", True),
        ("http://LOCALHOST.", True),
        ("http://api.localhost", True),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.1", False),
        ("http://[fe80::1]", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(http_url(url)) is loopback


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


@pytest.mark.parametrize(
    ("config", "deployed"),
    [
        ("{}", "{}"),
        ("[]", "{}"),
        (
            '{"stages": {"dev": {"environment_variables": '
            '{"USER_POOL_ARN": "x", "CLIENT_ID": "c"}}}}',
            '{"resources": [{"name": "rest_api", "rest_api_url": "https://x"}]}',
        ),
        (
            '{"stages": {"dev": {"environment_variables": {"USER_POOL_ARN": 5}}}}',
            '{"resources": 5}',
        ),
    ],
)
def test_stage_that_is_not_deployed_is_an_error(tmp_path: Path, config: str, deployed: str) -> None:
    (tmp_path / ".chalice/deployed").mkdir(parents=True)
    (tmp_path / ".chalice/config.json").write_text(config)
    (tmp_path / ".chalice/deployed/dev.json").write_text(deployed)
    with pytest.raises(SettingsError, match="STAGE=dev"):
        Settings.of_stage("dev", tmp_path)
