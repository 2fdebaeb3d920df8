"""`coffee` in a broken environment: each error is one line on stderr and an exit code."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.e2e.terminal import COFFEE, FakeCoffee


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000, b'{"api_url": 5}']
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


@pytest.mark.parametrize(
    "fields",
    [
        {"id_token": "x\n"},
        {"id_token": "\u20ac"},
        {"id_token": None},
        {"stale_at": float("nan")},
    ],
)
def test_login_that_cannot_be_sent_is_an_error(
    fake_coffee: FakeCoffee, fields: dict[str, object]
) -> None:
    fake_coffee.change_login(**fields)
    assert fake_coffee.error("list")[0] in {3, 6}


def test_unusable_config_folder_is_an_error(fake_coffee: FakeCoffee) -> None:
    fake_coffee.environment["COFFEE_CONFIG_DIR"] = "/dev/null/config"
    address = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
    assert fake_coffee.error("configure", *address)[0] == 1
    assert fake_coffee.error("logout")[0] == 3


def test_login_that_cannot_be_saved_is_a_warning(fake_coffee: FakeCoffee) -> None:
    fake_coffee.change_login(stale_at=0)
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "TokenType": "Bearer"}
    fake_coffee.service.cognito = (200, {"AuthenticationResult": tokens})
    # The command cannot remove this draft, even as root, who may write to any folder.
    draft = 'mkdir -p "$COFFEE_CONFIG_DIR/login.json.$BASHPID/x"'
    result = fake_coffee.shell(f"{draft}; exec {shlex.quote(COFFEE)} list")
    assert result.returncode == 0
    assert "Short Black" in result.stdout
    assert result.stderr.startswith("Warning: ")


def create_broken_aws_files(home: Path) -> dict[str, str]:
    """Write files that break the AWS SDK. Return no variables."""
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
    fake_coffee.environment |= variables or create_broken_aws_files(fake_coffee.home)
    confirm = fake_coffee.succeed("confirm", "Ann", "123456")
    assert confirm.stderr == "Confirmed. Next: coffee login Ann\n"
    assert "Authorization" not in fake_coffee.service.requests[0].headers
    fake_coffee.succeed("list")


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://[bad", "nonsense"])
def test_loopback_requests_bypass_proxies(fake_coffee: FakeCoffee, proxy: str) -> None:
    fake_coffee.environment |= {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    for command in ("list", "get a0 v0", "confirm Ann 123456"):
        fake_coffee.succeed(*command.split())
    assert len(fake_coffee.service.requests) == 3


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
        ("HTTPS_PROXY", "http://[bad"),
        ("HTTPS_PROXY", "nonsense://x"),
        ("REQUESTS_CA_BUNDLE", "/no/such/file"),
    ],
)
def test_invalid_network_settings_are_an_error(
    fake_coffee: FakeCoffee, variable: str, value: str
) -> None:
    fake_coffee.environment |= {"NO_PROXY": "", variable: value}
    fake_coffee.configure("https://service.invalid", "https://cognito.invalid")
    for command in ("get a0 v0", "confirm Ann 123456"):
        exit_code, message = fake_coffee.error(*command.split())
        assert (exit_code, "can't be reached: " in message) == (6, True)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--api-url", "127.0.0.1:8000"], "Invalid value for '--api-url': must be an address"),
        (["--api-url", "http://x:99999"], "Invalid value for '--api-url': is not a valid address"),
        (["--region", "eu west"], "Invalid value for '--region': must be a region"),
        (["--client-id", ""], "Invalid value for '--client-id': must be the id"),
        (["--aws-endpoint-url", "x"], "Invalid value for '--aws-endpoint-url': must be an address"),
        (["--api-url", "http://x"], "An address also needs --client-id, --region"),
        (["--stage", "dev", "--region", "eu-west-1"], "--stage can't be used with"),
    ],
)
def test_configure_rejects_invalid_values(
    fake_coffee: FakeCoffee, options: list[str], error: str
) -> None:
    settings = fake_coffee.settings_file.read_text()
    exit_code, message = fake_coffee.error("configure", *options)
    assert (exit_code, message.startswith(error)) == (2, True)
    assert fake_coffee.settings_file.read_text() == settings


def test_configure_trims_values(fake_coffee: FakeCoffee) -> None:
    api_url, client_id, region = " http://x.example/prod/ ", " c\n", "eu-west-1 "
    options = ["--api-url", api_url, "--client-id", client_id, "--region", region]
    assert fake_coffee.json("configure", *options) == {
        "api_url": "http://x.example/prod",
        "client_id": "c",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }


def test_configure_names_the_stack_file_and_checks_its_mode(fake_coffee: FakeCoffee) -> None:
    stack = fake_coffee.folder / ".local/stack.json"
    stack.parent.mkdir()
    shutil.copy(fake_coffee.settings_file, stack)
    configure = fake_coffee.succeed("configure")
    assert configure.stderr.startswith(f"Found the service of {stack}: http://")
    stack.chmod(0o666)
    exit_code, message = fake_coffee.error("configure")
    assert (exit_code, "other users can write it" in message) == (3, True)


@pytest.mark.parametrize(
    ("variables", "error"),
    [({}, "Unexpected error: RecursionError"), ({"COFFEE_DEBUG": "1"}, "Traceback")],
)
def test_unexpected_error_is_one_line_unless_debugged(
    fake_coffee: FakeCoffee, variables: dict[str, str], error: str
) -> None:
    fake_coffee.environment |= {"PYTHONPATH": str(fake_coffee.home), **variables}
    (fake_coffee.home / "sitecustomize.py").write_text(
        "import coffee_client.settings as s\n"
        "def fail(*_): raise RecursionError('x')\n"
        "s.Settings.from_fields = fail\n"
    )
    result = fake_coffee.run("list")
    assert (result.returncode, result.stderr.startswith(error)) == (1, True)
    assert variables or result.stderr.count("\n") == 1
