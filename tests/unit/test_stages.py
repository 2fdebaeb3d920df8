"""The stages of deploy/stages.toml, and the credentials."""

import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from deploy import stages
from tools import CommandError

_VALID = '[dev]\naccount = "123456789012"\nregion = "ap-southeast-2"\n'


@pytest.fixture
def stages_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "stages.toml"
    file.write_text(_VALID)
    monkeypatch.setattr(stages, "STAGES_TOML", file)
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
        stages.read_stages()


@pytest.mark.usefixtures("stages_toml")
@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "us-east-1")
    with pytest.raises(
        CommandError, match=f"^{variable} is not the region of dev, ap-southeast-2$"
    ):
        stages.find_target("dev")


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Mock:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)
    session = Mock()
    monkeypatch.setattr("deploy.stages.boto3.Session", lambda **_: session)
    sts: Mock = session.client()
    return sts


@pytest.mark.usefixtures("stages_toml")
def test_another_account_is_refused(sts: Mock) -> None:
    sts.get_caller_identity.return_value = {"Account": "999999999999"}
    with pytest.raises(CommandError, match=r"for account 999999999999, but .*'123456789012'"):
        stages.find_target("dev")


@pytest.mark.usefixtures("stages_toml")
@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        ClientError({"Error": {"Code": "ExpiredToken"}}, "GetCallerIdentity"),
    ],
)
def test_rejected_login_says_what_to_do(sts: Mock, error: Exception) -> None:
    sts.get_caller_identity.side_effect = error
    with pytest.raises(CommandError, match=rf"{re.escape(str(error))}.*`aws sso login`"):
        stages.find_target("dev")
