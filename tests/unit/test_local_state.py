"""The files in `.local/` that describe running local clouds."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from local import state
from tests.samples import LOCAL_STACK


@pytest.fixture
def stack(httpserver: HTTPServer) -> state.LocalStack:
    """Return a local cloud that answers."""
    httpserver.expect_request("/_ministack/ready").respond_with_data("ready")
    return LOCAL_STACK._replace(aws_endpoint_url=httpserver.url_for("").rstrip("/"))


@pytest.fixture
def stack_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".local" / "stack.json"
    monkeypatch.setattr(state, "STACK_JSON", path)
    return path


def test_files_exist_while_the_stack_runs(stack: state.LocalStack, stack_json: Path) -> None:
    with state.registration(stack):
        assert state.running_stack() == stack
        stack_json.unlink()  # its removal at the end is then no error
    assert list(stack_json.parent.iterdir()) == []


@pytest.mark.parametrize("ends_first", [0, 1])
def test_one_of_two_stacks_ends(stack: state.LocalStack, stack_json: Path, ends_first: int) -> None:
    stacks = [stack, stack._replace(api_url="http://127.0.0.1:8001")]
    blocks = [ExitStack(), ExitStack()]
    for block, item in zip(blocks, stacks, strict=True):
        block.enter_context(state.registration(item))
    blocks[ends_first].close()
    assert state.running_stack() == stacks[1 - ends_first]
    blocks[1 - ends_first].close()
    assert list(stack_json.parent.iterdir()) == []


@pytest.mark.parametrize("content", ["", '{"api_url": "http', "[]", "{}", '{"api_url": 1}', "null"])
def test_damaged_file_is_removed(stack_json: Path, content: str) -> None:
    stack_json.parent.mkdir()
    stack_json.write_text(content)
    with pytest.raises(state.NoLocalCloudError, match="make run"):
        state.running_stack()
    assert not stack_json.exists()


@pytest.mark.parametrize("endpoint", ["nobody", "somebody else", "no address"])
def test_files_of_a_killed_run_are_removed(
    endpoint: str, stack: state.LocalStack, stack_json: Path, httpserver: HTTPServer
) -> None:
    other = httpserver.url_for("/other")
    urls = {"nobody": "http://127.0.0.1:1", "somebody else": other, "no address": "-"}
    stack_of_killed_run = stack._replace(aws_endpoint_url=urls[endpoint])
    stack_json.parent.mkdir()
    for file in (stack_json, stack_json.with_name("stack-8000.json")):
        file.write_text(json.dumps(stack_of_killed_run._asdict()))
    token = state.authorization_file(stack_of_killed_run)
    token.write_text("Authorization: secret")
    with pytest.raises(state.NoLocalCloudError):
        state.running_stack()
    assert list(stack_json.parent.iterdir()) == []


def test_stale_latest_file_does_not_hide_a_running_cloud(
    stack: state.LocalStack, stack_json: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = stack._replace(aws_endpoint_url="http://127.0.0.1:1", api_url="http://127.0.0.1:8001")
    with state.registration(stack):
        stack_json.write_text(json.dumps(killed._asdict()))
        assert state.running_stack() == stack
        # A proxy for this machine has no effect.
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        assert state.running_stack() == stack
