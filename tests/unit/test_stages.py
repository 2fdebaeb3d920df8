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
        (_VALID.replace("ap-southeast-2", "Sydney"), "region"),
        (_VALID + 'alarm_email = "nobody"', "alarm_email"),
        (_VALID + "alarms = true", "unknown field `alarms`"),
        (_VALID.replace("[dev]", "[Dev-1]"), "matching regex"),
    ],
)
def test_invalid_setting_is_an_error_of_one_line(
    stages_toml: Path, text: str, message: str
) -> None:
    stages_toml.write_text(text)
    with pytest.raises(CommandError, match=f"^deploy/stages.toml: .*{message}.*$"):
        stages.read_stages()


@pytest.fixture
def sts(stages_toml: Path, monkeypatch: pytest.MonkeyPatch) -> Mock:  # noqa: ARG001
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)
    session = Mock()
    monkeypatch.setattr("deploy.stages.boto3.Session", lambda **_: session)
    sts: Mock = session.client()
    sts.get_caller_identity.return_value = {"Account": "999999999999"}
    return sts


@pytest.mark.usefixtures("sts")
def test_another_region_or_account_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match=r"for account 999999999999, but .*'123456789012'"):
        stages.find_target("dev")
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(variable, "us-east-1")
        message = f"^{variable} is not the region of dev, ap-southeast-2$"
        with pytest.raises(CommandError, match=message):
            stages.find_target("dev")
        monkeypatch.delenv(variable)


def test_rejected_login_says_what_to_do(sts: Mock) -> None:
    expired = ClientError({"Error": {"Code": "ExpiredToken"}}, "GetCallerIdentity")
    for error in (NoCredentialsError(), expired):
        sts.get_caller_identity.side_effect = error
        with pytest.raises(CommandError, match=rf"{re.escape(str(error))}.*`aws sso login`"):
            stages.find_target("dev")
