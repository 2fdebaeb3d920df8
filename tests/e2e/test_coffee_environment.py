"""`coffee` in a bad environment: each failure is one line on stderr and an exit code."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.e2e.fake_service import FakeCoffee
from tests.e2e.terminal import COFFEE


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff", b'{"api_url": 5}'])
@pytest.mark.parametrize(
    ("file", "advice"), [("settings.json", "coffee configure"), ("login.json", "coffee login")]
)
def test_broken_file_is_an_error(
    fake_coffee: FakeCoffee, file: str, advice: str, content: bytes
) -> None:
    (fake_coffee.home / "config" / file).write_bytes(content)
    code, line = fake_coffee.error("list")
    assert (code, file in line) == (3, True)
    assert line.endswith(f"Run: {advice}")


@pytest.mark.parametrize(
    "login",
    [
        {"id_token": "x\n", "stale_at": 9e9},
        {"id_token": "\u20ac", "stale_at": 9e9},
        {"id_token": "x", "stale_at": float("nan")},
        {"id_token": None, "stale_at": 9e9},
    ],
)
def test_login_that_cannot_be_sent_is_an_error(
    fake_coffee: FakeCoffee, login: dict[str, object]
) -> None:
    fields = {"username": "Ann", "refresh_token": "y", **login}
    fake_coffee.login_file.write_text(json.dumps(fields))
    assert fake_coffee.error("list")[0] in {3, 6}


def test_unusable_config_folder_is_an_error(fake_coffee: FakeCoffee) -> None:
    fake_coffee.environment["COFFEE_CONFIG_DIR"] = "/dev/null/config"
    flags = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
    assert fake_coffee.error("configure", *flags)[0] == 1
    assert fake_coffee.error("logout")[0] == 3


def test_login_that_cannot_be_stored_is_a_warning(fake_coffee: FakeCoffee) -> None:
    fake_coffee.change_login(stale_at=0)
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "TokenType": "Bearer"}
    fake_coffee.service.cognito = (200, {"AuthenticationResult": tokens})
    # A draft that cannot be removed, as root may write to any folder.
    draft = 'mkdir -p "$COFFEE_CONFIG_DIR/login.json.$BASHPID/x"'
    done = fake_coffee.shell(f"{draft}; exec {shlex.quote(COFFEE)} list")
    assert done.returncode == 0
    assert "Short Black" in done.stdout
    assert done.stderr.startswith("Warning: ")


def _broken_aws_files(home: Path) -> dict[str, str]:
    (home / ".aws/models/cognito-idp/2016-04-18").mkdir(parents=True)
    (home / ".aws/models/cognito-idp/2016-04-18/service-2.json").write_text("{")
    for name in ("config", "credentials"):
        (home / ".aws" / name).write_text("[profile dev\nregion")
    return {}


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_PROFILE": "dev"},
        {"AWS_DEFAULT_PROFILE": "dev"},
        {"AWS_MAX_ATTEMPTS": "x"},
        {"AWS_MAX_ATTEMPTS": "-1", "AWS_RETRY_MODE": "x"},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "x"},
        {"AWS_CA_BUNDLE": "/no/such/file", "AWS_DATA_PATH": "/no/such/folder"},
        {"AWS_CONFIG_FILE": "/etc/passwd", "AWS_SHARED_CREDENTIALS_FILE": "/etc/passwd"},
        {"AWS_DEFAULTS_MODE": "x", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_CSM_PORT": "x"},
        {"AWS_CSM_ENABLED": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_DEFAULT_REGION": "not a region", "AWS_REGION": "not a region"},
        {"AWS_ACCESS_KEY_ID": "half of a key", "AWS_SDK_UA_APP_ID": "x" * 99},
        {},
    ],
    ids=lambda variables: ",".join(variables) or "~/.aws",
)
def test_user_settings_for_aws_are_ignored(
    fake_coffee: FakeCoffee, variables: dict[str, str]
) -> None:
    fake_coffee.environment |= variables or _broken_aws_files(fake_coffee.home)
    confirmed = fake_coffee.succeed("confirm", "Ann", "123456")
    assert confirmed.stderr == "Confirmed. Next: coffee login Ann\n"
    assert "Authorization" not in fake_coffee.service.requests[0].headers
    fake_coffee.succeed("list")


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://[bad", "nonsense"])
def test_loopback_requests_bypass_proxies(fake_coffee: FakeCoffee, proxy: str) -> None:
    fake_coffee.environment |= {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    for words in (["list"], ["get", "a0", "v0"], ["confirm", "Ann", "123456"]):
        fake_coffee.succeed(*words)
    assert len(fake_coffee.service.requests) == 3


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://[bad", "nonsense://x"])
def test_broken_proxy_is_an_error(fake_coffee: FakeCoffee, proxy: str) -> None:
    fake_coffee.environment |= {"HTTPS_PROXY": proxy, "NO_PROXY": ""}
    fake_coffee.configure("https://service.invalid")
    for words in (["get", "a0", "v0"], ["confirm", "Ann", "123456"]):
        assert fake_coffee.error(*words)[0] == 6


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--api-url", "127.0.0.1:8000"], "Invalid value for '--api-url': must be an address"),
        (["--api-url", "http://x:99999"], "Invalid value for '--api-url': is not a valid address"),
        (["--region", "eu west"], "Invalid value for '--region': must be a region"),
        (["--client-id", ""], "Invalid value for '--client-id': must be the id"),
        (["--aws-endpoint-url", "x"], "Invalid value for '--aws-endpoint-url': must be an address"),
        (["--api-url", "http://x"], "An address also needs --client-id, --region"),
        (["--stage", "dev", "--region", "eu-west-1"], "--stage names a service already"),
    ],
)
def test_configure_rejects_invalid_values(
    fake_coffee: FakeCoffee, flags: list[str], message: str
) -> None:
    before = fake_coffee.settings_file.read_text()
    code, line = fake_coffee.error("configure", *flags)
    assert code == 2
    assert line.startswith(message)
    assert fake_coffee.settings_file.read_text() == before


def test_configure_trims_pasted_values(fake_coffee: FakeCoffee) -> None:
    address, client, region = " http://x.example/prod/ ", " c\n", "eu-west-1 "
    flags = ["--api-url", address, "--client-id", client, "--region", region]
    assert fake_coffee.json("configure", *flags) == {
        "api_url": "http://x.example/prod",
        "client_id": "c",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }


def test_configure_names_its_source(fake_coffee: FakeCoffee) -> None:
    stack = fake_coffee.folder / ".local/stack.json"
    stack.parent.mkdir()
    shutil.copy(fake_coffee.settings_file, stack)
    done = fake_coffee.succeed("configure")
    assert done.stderr.startswith(f"Found the service of {stack}: http://")
    stack.chmod(0o666)
    code, line = fake_coffee.error("configure")
    assert (code, "is not yours alone" in line) == (3, True)


@pytest.mark.parametrize(
    ("debug", "beginning"),
    [({}, "Unexpected error: RecursionError"), ({"COFFEE_DEBUG": "1"}, "Traceback")],
)
def test_unexpected_error_is_one_line_unless_debugged(
    fake_coffee: FakeCoffee, debug: dict[str, str], beginning: str
) -> None:
    fake_coffee.environment |= {"PYTHONPATH": str(fake_coffee.home), **debug}
    hook = "import coffee_client.settings as s\ndef fail(*_): raise RecursionError('x')\n"
    (fake_coffee.home / "sitecustomize.py").write_text(hook + "s.Settings.of_fields = fail\n")
    done = fake_coffee.piped("list")
    assert (done.returncode, done.stderr.startswith(beginning)) == (1, True)
    assert debug or done.stderr.count("\n") == 1
