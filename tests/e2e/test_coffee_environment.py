"""`coffee` in a bad environment: each failure is one line on stderr and an exit code."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.fake_service import FakeService
from tests.e2e.terminal import COFFEE, Coffee

_CONFIGURE = "configure --api-url http://127.0.0.1:1 --client-id c --region eu-west-1"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"\xff", b'{"api_url": 5}'])
@pytest.mark.parametrize(
    ("file", "advice"), [("settings.json", "coffee configure"), ("login.json", "coffee login")]
)
def test_a_broken_file_is_one_line(
    fake_coffee: Coffee, file: str, advice: str, content: bytes
) -> None:
    (fake_coffee.home / "config" / file).write_bytes(content)
    done = fake_coffee.piped("list")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert file in done.stderr
    assert done.stderr.endswith(f"Run: {advice}\n")


@pytest.mark.parametrize(
    "login",
    [
        {"id_token": "x\n", "stale_at": 9e9},
        {"id_token": "\u20ac", "stale_at": 9e9},
        {"id_token": "x", "stale_at": float("nan")},
        {"id_token": None, "stale_at": 9e9},
    ],
)
def test_a_login_that_cannot_be_sent_is_one_line(
    fake_coffee: Coffee, login: dict[str, object]
) -> None:
    fields = {"username": "Ann", "refresh_token": "y", **login}
    (fake_coffee.home / "config/login.json").write_text(json.dumps(fields))
    done = fake_coffee.piped("list")
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert done.returncode in {3, 6}


@pytest.mark.parametrize("words", [_CONFIGURE.split(), ["logout"]])
def test_a_config_folder_that_cannot_be_used_is_one_line(
    fake_coffee: Coffee, words: list[str]
) -> None:
    fake_coffee.environment["COFFEE_CONFIG_DIR"] = "/dev/null/config"
    done = fake_coffee.piped(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (
        1 if words[0] == "configure" else 3,
        "",
        1,
    )


def test_a_refreshed_login_that_cannot_be_kept_is_only_a_warning(
    fake_coffee: Coffee, fake_service: FakeService
) -> None:
    login = fake_coffee.home / "config/login.json"
    login.write_text(json.dumps({**json.loads(login.read_text()), "stale_at": 0}))
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "TokenType": "Bearer"}
    fake_service.cognito = (200, {"AuthenticationResult": tokens})
    # A draft that cannot be removed, as root may write to any folder.
    script = 'mkdir -p "$COFFEE_CONFIG_DIR/login.json.$BASHPID/x"; exec "$0" list'
    done = subprocess.run(
        ["/bin/bash", "-c", script, COFFEE],
        env=fake_coffee.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
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
def test_aws_settings_of_the_user_do_not_matter(
    fake_coffee: Coffee, fake_service: FakeService, variables: dict[str, str]
) -> None:
    fake_coffee.environment |= variables or _broken_aws_files(fake_coffee.home)
    done = fake_coffee.piped("confirm", "Ann", "123456")
    assert (done.returncode, done.stderr) == (0, "Confirmed. Next: coffee login Ann\n")
    assert "Authorization" not in fake_service.requests[0].headers
    assert fake_coffee.piped("list").returncode == 0


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://[bad", "nonsense"])
def test_this_machine_needs_no_proxy(
    fake_coffee: Coffee, fake_service: FakeService, proxy: str
) -> None:
    fake_coffee.environment |= {"HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}
    for words in (["list"], ["get", "a0", "v0"], ["confirm", "Ann", "123456"]):
        assert fake_coffee.piped(*words).returncode == 0, words
    assert len(fake_service.requests) == 3


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "http://[bad", "nonsense://x"])
def test_a_proxy_that_does_not_work_is_one_line(fake_coffee: Coffee, proxy: str) -> None:
    fake_coffee.environment |= {"HTTPS_PROXY": proxy, "NO_PROXY": ""}
    fake_coffee.piped(*_CONFIGURE.replace("http://127.0.0.1:1", "https://service.invalid").split())
    for words in (["get", "a0", "v0"], ["confirm", "Ann", "123456"]):
        done = fake_coffee.piped(*words)
        assert (done.returncode, done.stderr.count("\n")) == (6, 1), done.stderr


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
def test_configure_refuses_what_is_not_valid(
    fake_coffee: Coffee, flags: list[str], message: str
) -> None:
    before = (fake_coffee.home / "config/settings.json").read_text()
    done = fake_coffee.piped("configure", *flags)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(message)
    assert (fake_coffee.home / "config/settings.json").read_text() == before


def test_configure_trims_what_is_pasted(fake_coffee: Coffee) -> None:
    flags = [
        "--api-url",
        " http://x.example/prod/ ",
        "--client-id",
        " c\n",
        "--region",
        "eu-west-1 ",
    ]
    assert json.loads(fake_coffee.piped("configure", "--json", *flags).stdout) == {
        "api_url": "http://x.example/prod",
        "client_id": "c",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }


def test_configure_says_which_service_it_found(fake_coffee: Coffee) -> None:
    stack = fake_coffee.folder / ".local/stack.json"
    stack.parent.mkdir()
    stack.write_text((fake_coffee.home / "config/settings.json").read_text())
    done = fake_coffee.piped("configure")
    assert done.returncode == 0
    assert done.stderr.startswith(f"Found the service of {stack}: http://")
    stack.chmod(0o666)
    refused = fake_coffee.piped("configure")
    assert (refused.returncode, "is not yours alone" in refused.stderr) == (3, True)


@pytest.mark.parametrize(
    ("debug", "shown"),
    [({}, "Unexpected error: RecursionError"), ({"COFFEE_DEBUG": "1"}, "Traceback")],
)
def test_an_unexpected_error_is_one_line_unless_debugged(
    fake_coffee: Coffee, debug: dict[str, str], shown: str
) -> None:
    fake_coffee.environment |= {"PYTHONPATH": str(fake_coffee.home), **debug}
    hook = "import coffee_client.settings as s\ndef fail(*_): raise RecursionError('x')\n"
    (fake_coffee.home / "sitecustomize.py").write_text(hook + "s.Settings.of_fields = fail\n")
    done = fake_coffee.piped("list")
    assert (done.returncode, done.stderr.startswith(shown)) == (1, True)
    assert debug or done.stderr.count("\n") == 1
