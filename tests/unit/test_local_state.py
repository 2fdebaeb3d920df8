"""The state of a running local cloud, in `.local/stack.json`."""

import json
from pathlib import Path

import pytest

from local import state
from tests.samples import LOCAL_STACK


@pytest.fixture
def stack_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".local" / "stack.json"
    monkeypatch.setattr(state, "STACK_JSON", path)
    return path


def test_write_read_and_forget(stack_json: Path) -> None:
    state.write_local(LOCAL_STACK)
    assert state.read_local() == LOCAL_STACK
    state.forget_local(LOCAL_STACK)
    assert not stack_json.exists()
    state.forget_local(LOCAL_STACK)  # already gone: no error


def test_forgetting_an_earlier_stack_keeps_a_later_one(stack_json: Path) -> None:
    later = LOCAL_STACK._replace(api_url="http://127.0.0.1:8001")
    state.write_local(LOCAL_STACK)
    state.write_local(later)
    state.forget_local(LOCAL_STACK)
    assert json.loads(stack_json.read_text())["api_url"] == later.api_url


def test_earlier_stack_is_found_after_a_later_one_stops(stack_json: Path) -> None:
    later = LOCAL_STACK._replace(api_url="http://127.0.0.1:8001")
    state.write_local(LOCAL_STACK)
    state.write_local(later)
    state.forget_local(later)
    assert state.read_local() == LOCAL_STACK
    state.forget_local(LOCAL_STACK)
    assert list(stack_json.parent.iterdir()) == []


@pytest.mark.usefixtures("stack_json")
def test_error_without_a_local_stack() -> None:
    with pytest.raises(state.NoLocalCloudError, match="make run"):
        state.read_local()
