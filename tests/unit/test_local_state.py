"""The files in `.local/` that describe running local clouds."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from local import service
from local.service import LocalStack
from tests.samples import LOCAL_STACK
from tools import CommandError


@pytest.fixture
def stack(httpserver: HTTPServer) -> LocalStack:
    """Return a local cloud that answers with the keys of its pool."""
    keys = f"/{LOCAL_STACK.user_pool_id}/.well-known/jwks.json"
    httpserver.expect_request(keys).respond_with_data("{}")
    return LOCAL_STACK._replace(aws_endpoint_url=httpserver.url_for("").rstrip("/"))


@pytest.fixture
def stack_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / ".local" / "stack.json"
    monkeypatch.setattr(service, "STACK_JSON", path)
    return path


@pytest.mark.parametrize("ends_first", [0, 1])
def test_one_of_two_stacks_ends(stack: LocalStack, stack_json: Path, ends_first: int) -> None:
    stacks = [stack, stack._replace(api_url="http://127.0.0.1:8001")]
    blocks = [ExitStack(), ExitStack()]
    for block, item in zip(blocks, stacks, strict=True):
        block.enter_context(service.registration(item))
    assert [service.find_stack(port) for port in (8000, 8001)] == stacks
    blocks[ends_first].close()
    assert service.running_stack() == stacks[1 - ends_first]
    blocks[1 - ends_first].close()
    assert list(stack_json.parent.iterdir()) == []


def test_damaged_or_left_file_is_ignored(stack: LocalStack, stack_json: Path) -> None:
    # A killed `make run` has left the file; another one may use the same address.
    dead = stack._replace(aws_endpoint_url="http://127.0.0.1:1")
    another = stack._replace(user_pool_id="another")
    left = [json.dumps(item._asdict()) for item in (dead, another)]
    stack_json.parent.mkdir()
    for text in ("", '{"api_url": "http', "[]", '{"api_url": 1}', *left):
        stack_json.write_text(text)
        with pytest.raises(CommandError, match="make run"):
            service.running_stack()
        assert service.find_stack(8000) is None
