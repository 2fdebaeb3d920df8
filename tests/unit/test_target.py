"""The stages of deploy/stages.toml, and errors of credentials."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)

from deploy import target
from tools import CommandError

_VALID = '[dev]\naccount = "123456789012"\nregion = "ap-southeast-2"\n'


@pytest.fixture
def stages_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "stages.toml"
    file.write_text(_VALID)
    monkeypatch.setattr(target, "STAGES_TOML", file)
    return file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_VALID.replace("123456789012", "1234"), "account"),
        (_VALID.replace('"ap-southeast-2"', "2"), r"Expected `str`, got `int` - at .*region"),
        (_VALID.replace("ap-southeast-2", "Sydney"), "region"),
        (_VALID + 'alarm_email = "nobody"', "alarm_email"),
        (_VALID + "alarms = true", "unknown field `alarms`"),
        (_VALID.replace("[dev]", "[Dev-1]"), "matching regex"),
        ("[dev]", "missing required field `account`"),
        ("dev", "Expected '='"),
    ],
)
def test_invalid_setting_is_an_error_of_one_line(
    stages_toml: Path, text: str, message: str
) -> None:
    stages_toml.write_text(text)
    with pytest.raises(CommandError, match=f"^deploy/stages.toml: .*{message}.*$"):
        target.read_stages()


def test_stage_without_settings_for_chalice_is_an_error(stages_toml: Path) -> None:
    stages_toml.write_text(_VALID.replace("dev", "qa"))
    with pytest.raises(CommandError, match=r"^\.chalice/config\.json has no stage qa$"):
        target.read_stages()


@pytest.mark.usefixtures("stages_toml")
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "us-east-1")
    with pytest.raises(CommandError, match=f"^{variable} is us-east-1, but .* ap-southeast-2$"):
        target.find_target("dev")


@pytest.mark.usefixtures("stages_toml")
def test_another_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)
    session = Mock()
    session.client().get_caller_identity.return_value = {"Account": "999999999999"}
    monkeypatch.setattr("deploy.target.boto3.Session", lambda **_: session)
    with pytest.raises(CommandError, match=r"for account 999999999999, but .*'123456789012'"):
        target.find_target("dev")


_LOGIN_EXPIRED = "Your AWS login has expired: run aws sso login"


def client_error(code: str) -> ClientError:
    message = "The security token included in the request is expired"
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (SSOTokenLoadError(error_msg="Token does not exist"), _LOGIN_EXPIRED),
        (UnauthorizedSSOTokenError(), _LOGIN_EXPIRED),
        (client_error("ExpiredToken"), _LOGIN_EXPIRED),
        (client_error("ExpiredTokenException"), _LOGIN_EXPIRED),
        (NoCredentialsError(), "No AWS credentials: log in with `aws sso login`"),
        (client_error("AccessDenied"), "AWS: An error occurred (AccessDenied)"),
    ],
)
def test_error_of_credentials_says_what_to_do(error: Any, message: str) -> None:
    assert target.explain(error).startswith(message)
