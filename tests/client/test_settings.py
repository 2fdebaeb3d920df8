"""The settings of the client: `stack.json`, `coffee configure`, and the files of a user."""

import json
import os
import stat
from pathlib import Path

import pytest

from coffee_client import Accounts, CoffeeClient, SettingsError, Tokens
from coffee_client.cli import config
from coffee_client.settings import Settings
from tests.client.terminal import Coffee, FakeCoffee

_FIELDS = {"api_url": "http://127.0.0.1:8000", "client_id": "abc", "region": "eu-west-1"}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    path = tmp_path / ".local/stack.json"
    path.parent.mkdir()
    path.write_text(json.dumps(_FIELDS))
    return path


@pytest.mark.parametrize(
    "text",
    [
        *["127.0.0.1:8000", "ftp://x", "http://", "http://x:99999", "http://[::1", "http://a b"],
        *["http://x/\x1b", "http://x?y=1", "http://x#y", "http://u:p@x", "http://x\\y"],
    ],
)
def test_invalid_url_is_rejected(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^api_url: (is not a valid|must)"):
        Settings(text, "c", "eu-west-1")
    with pytest.raises(SettingsError, match=r"^The address None must be"):
        CoffeeClient(None)  # type: ignore[arg-type] # as from an unset variable


def test_file_of_another_user_is_not_trusted(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: stack.stat().st_uid + 1)
    with pytest.raises(SettingsError, match="is not trusted"):
        Settings.from_stack(stack)


def test_configure_uses_the_nearest_stack_file_and_checks_its_mode(
    tmp_path: Path, stack: Path
) -> None:
    subfolder = tmp_path / "a/b"
    subfolder.mkdir(parents=True)
    coffee = Coffee(tmp_path, subfolder)
    configure = coffee.succeed("configure")
    assert configure.stderr.startswith(f"Found the service of {stack}.\n")
    stack.chmod(0o666)
    exit_code, message = coffee.error("configure")
    assert (exit_code, "other users can write it" in message) == (3, True)
    stack.unlink()
    exit_code, message = coffee.error("configure")
    assert (exit_code, message.endswith("start the service with `make run`")) == (3, True)


def test_configure_names_what_is_wrong(fake_coffee: FakeCoffee) -> None:
    settings = fake_coffee.settings_file.read_text()
    for options, error in (
        (["--api-url", "127.0.0.1:8000"], "--api-url must be an address that starts with http"),
        (["--region", "mars 1"], "--region must be an AWS region such as eu-west-1"),
        (["--api-url", "http://x"], "--client-id is missing"),
    ):
        exit_code, message = fake_coffee.error("configure", *options)
        assert (exit_code, message.startswith(error)) == (2, True)
    assert fake_coffee.settings_file.read_text() == settings
    fake_coffee.settings_file.unlink()
    fake_coffee.settings_file.mkdir()
    valid = ["--api-url", "http://x", "--client-id", "c", "--region", "eu-west-1"]
    problem = f"{fake_coffee.settings_file}: Is a directory"
    assert fake_coffee.error("configure", *valid) == (1, problem)


def test_refresh_undoes_no_logout_and_no_other_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr(Accounts, "refresh", lambda *_: Tokens("new", "refresh", stale_at=9e9))
    accounts, stale = Accounts("c", region="eu-west-1"), Tokens("stale", "refresh", stale_at=0)
    config.save_login("Ann", stale)
    _, session = config.load_session(accounts)
    config.delete_login()
    assert session.id_token() == "new"
    with pytest.raises(SettingsError, match="Nobody is logged in"):
        config.load_session(accounts)
    tokens = Tokens("token of Ben", "refresh token of Ben", stale_at=9e9)
    config.save_login("Ben", tokens)
    session.tokens = stale
    assert session.id_token() == "new"
    username, saved_session = config.load_session(accounts)
    assert (username, saved_session.tokens) == ("Ben", tokens)


def test_link_to_a_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(tmp_path))
    link, target = tmp_path / "login.json", tmp_path / "elsewhere.json"
    link.symlink_to(target)
    config.save_login("Ann", Tokens("token", "refresh", stale_at=0))
    assert (link.is_symlink(), json.loads(target.read_text())["id_token"]) == (True, "token")
    config.delete_login()
    assert (link.is_symlink(), target.exists()) == (True, False)


def test_only_the_owner_can_read_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "parent/config"
    monkeypatch.setenv("COFFEE_CONFIG_DIR", str(folder))
    previous = os.umask(0)
    try:
        config.save_login("Ann", Tokens("token", "refresh", stale_at=0))
    finally:
        os.umask(previous)
    paths = (folder.parent, folder, folder / "login.json")
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o700, 0o700, 0o600]


_LOGIN = '{"username": "Ann", "id_token": "x", "refresh_token": "y", "stale_at": 9}'
_INVALID = (('"x"', r'"x\n"'), ('"x"', r'"\u20ac"'), ("9", "NaN"), ("9", "9" * 400))


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"[]", b"\xff", b"[" * 100_000, b'{"api_url": 5}'],
        *[_LOGIN.replace(*values).encode() for values in _INVALID],
    ],
)
@pytest.mark.parametrize(
    ("file", "advice"), [("settings.json", "coffee configure"), ("login.json", "coffee login")]
)
def test_broken_file_is_an_error(
    fake_coffee: FakeCoffee, file: str, advice: str, content: bytes
) -> None:
    (fake_coffee.home / "config" / file).write_bytes(content)
    exit_code, message = fake_coffee.error("list")
    assert (exit_code, file in message) == (3, True)
    assert message.endswith(f"Run: {advice}")


def test_loopback_requests_bypass_proxies(fake_coffee: FakeCoffee) -> None:
    proxy = "http://127.0.0.1:1"
    fake_coffee.environment |= {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    fake_coffee.environment |= {"NO_PROXY": "example.com", "no_proxy": ""}
    for command in ("list", "get a0 v0", "confirm Ann 123456"):
        fake_coffee.succeed(*command.split())


def test_invalid_network_setting_is_an_error(fake_coffee: FakeCoffee) -> None:
    fake_coffee.configure("https://service.invalid")
    fake_coffee.environment |= {"NO_PROXY": "", "no_proxy": ""}
    for variable, value, reason in (
        ("HTTPS_PROXY", "http://127.0.0.1:1", " through the proxy. Check the network"),
        ("HTTPS_PROXY", "nonsense://x", ": Proxy URL had unsupported scheme"),
        ("REQUESTS_CA_BUNDLE", "/no/such/file", ": Could not find a suitable TLS CA certificate"),
    ):
        fake_coffee.environment[variable] = value
        exit_code, message = fake_coffee.error("get", "a0", "v0")
        assert (exit_code, f"can't be reached{reason}" in message) == (6, True)
        del fake_coffee.environment[variable]
