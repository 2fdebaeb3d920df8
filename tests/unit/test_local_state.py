"""The state of a running local cloud, in `.local/stack.json`."""

import json
from pathlib import Path

import pytest

from local import state

_LOCAL = state.LocalStack(
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
    monkeypatch.setattr(state, "STACK_JSON", path)
    return path


def test_a_local_stack_is_noted_and_read_and_forgotten(stack_json: Path) -> None:
    state.write_local(_LOCAL)
    assert state.read_local() == _LOCAL
    state.forget_local(_LOCAL)
    assert not stack_json.exists()
    state.forget_local(_LOCAL)  # somebody else has removed it: no matter


def test_a_later_local_stack_is_not_forgotten_with_an_earlier_one(stack_json: Path) -> None:
    later = _LOCAL._replace(api_url="http://127.0.0.1:8001")
    state.write_local(_LOCAL)
    state.write_local(later)
    state.forget_local(_LOCAL)
    assert json.loads(stack_json.read_text())["api_url"] == later.api_url


def test_when_the_latest_local_stack_stops_one_that_still_runs_is_found(stack_json: Path) -> None:
    later = _LOCAL._replace(api_url="http://127.0.0.1:8001")
    state.write_local(_LOCAL)
    state.write_local(later)
    state.forget_local(later)
    assert state.read_local() == _LOCAL
    state.forget_local(_LOCAL)
    assert list(stack_json.parent.iterdir()) == []


@pytest.mark.usefixtures("stack_json")
def test_without_a_local_stack_the_way_to_one_is_told() -> None:
    with pytest.raises(state.NoLocalCloudError, match="make run"):
        state.read_local()
