"""Where the outputs of a stack are written down."""

import json
import shutil
from pathlib import Path

import pytest

from cloud import laptop, outputs
from cloud.stack import Outputs

_LOCAL = outputs.LocalStack(
    api_url="http://127.0.0.1:8000",
    region="ap-southeast-2",
    aws_endpoint_url="http://127.0.0.1:4566",
    user_pool_id="pool",
    user_pool_arn="arn",
    client_id="client",
    orders_table="table",
)


@pytest.fixture
def stack_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".local" / "stack.json"
    monkeypatch.setattr(outputs, "STACK_JSON", path)
    return path


def test_a_local_stack_is_noted_and_read_and_forgotten(stack_json: Path) -> None:
    outputs.write_local(_LOCAL)
    assert outputs.read_local() == _LOCAL
    outputs.forget_local(_LOCAL)
    assert not stack_json.exists()
    outputs.forget_local(_LOCAL)  # somebody else has removed it: no matter


def test_a_later_local_stack_is_not_forgotten_with_an_earlier_one(stack_json: Path) -> None:
    later = _LOCAL._replace(api_url="http://127.0.0.1:8001")
    outputs.write_local(_LOCAL)
    outputs.write_local(later)
    outputs.forget_local(_LOCAL)
    assert json.loads(stack_json.read_text())["api_url"] == later.api_url


def test_when_the_latest_local_stack_stops_one_that_still_runs_is_found(stack_json: Path) -> None:
    later = _LOCAL._replace(api_url="http://127.0.0.1:8001")
    outputs.write_local(_LOCAL)
    outputs.write_local(later)
    outputs.forget_local(later)
    assert outputs.read_local() == _LOCAL
    outputs.forget_local(_LOCAL)
    assert list(stack_json.parent.iterdir()) == []


@pytest.mark.usefixtures("stack_json")
def test_a_local_stack_is_reached_without_the_users_own_aws_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outputs.write_local(_LOCAL)
    mine = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "t", "AWS_ENDPOINT_URL_DYNAMODB": "x"}
    found = {"STAGE": "local", "PATH": "/bin", "AWS_CA_BUNDLE": "/ca", **mine}
    monkeypatch.setattr("os.environ", found)
    laptop.prepare()
    assert not set(mine) & set(found)
    assert (found["PATH"], found["AWS_CA_BUNDLE"]) == ("/bin", "/ca")
    assert found["AWS_ENDPOINT_URL"] == _LOCAL.aws_endpoint_url


@pytest.mark.usefixtures("stack_json")
def test_without_a_local_stack_the_way_to_one_is_told() -> None:
    with pytest.raises(outputs.NoLocalCloudError, match="make run"):
        outputs.read_local()


@pytest.mark.usefixtures("stack_json")
@pytest.mark.parametrize(
    ("environment", "table"),
    [
        ({"STAGE": "local"}, "table"),
        ({"STAGE": "local", "ORDERS_TABLE": "named"}, "named"),
        ({"STAGE": "dev"}, None),
        ({}, None),
    ],
)
def test_only_the_stage_local_looks_for_a_local_stack(
    environment: dict[str, str], table: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs.write_local(_LOCAL)
    found = environment.copy()
    monkeypatch.setattr("os.environ", found)
    laptop.prepare()
    assert found.get("ORDERS_TABLE") == table


def test_a_stage_on_aws_is_recorded_in_chalices_own_config(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    shutil.copy(outputs.CHALICE_CONFIG, config)
    made = Outputs("the-table", "pool", "arn:aws:cognito-idp:x:1:userpool/pool", "client")
    outputs.record("dev", made, config)
    stages = json.loads(config.read_text())["stages"]
    assert stages["dev"]["environment_variables"] == {
        "STAGE": "dev",
        "ORDERS_TABLE": "the-table",
        "USER_POOL_ARN": "arn:aws:cognito-idp:x:1:userpool/pool",
        "CLIENT_ID": "client",
    }
    assert stages["prod"] == json.loads(outputs.CHALICE_CONFIG.read_text())["stages"]["prod"]
    before = config.read_text()
    outputs.record("dev", made, config)
    assert config.read_text() == before
