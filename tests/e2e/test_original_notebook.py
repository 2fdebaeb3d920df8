"""The scripts of the original notebook, in original_notebook.txt, work.

Only the app client's id and the URL are replaced. boto3 reads the endpoint and the region from the
environment.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.service import Service
from tests.fixtures import code_mailed_to

_CELLS = re.split(r"# %% .*\n", Path(__file__).with_name("original_notebook.txt").read_text())
_URL = "https://{gwid}.execute-api.ap-southeast-2.amazonaws.com/prod/order"


def test_original_notebook_runs_unchanged(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = service.stack
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
    rendered: list[Any] = []
    variables: dict[str, Any] = {"RenderJSON": rendered.append}
    create_user, log_in, call_api, get_item = [
        cell.replace("clientId = '...'", f"clientId = '{stack.client_id}'").replace(
            _URL, f"{stack.api_url}/order"
        )
        for cell in _CELLS[1:]
    ]
    exec(create_user, variables)  # noqa: S102
    assert rendered.pop()["UserConfirmed"] is False
    code = code_mailed_to(service.cloud, "pjcksn@amazon.com")
    confirm = variables["client"].confirm_sign_up
    confirm(ClientId=stack.client_id, Username="Paul", ConfirmationCode=code)
    exec(log_in, variables)  # noqa: S102
    assert "IdToken" in capsys.readouterr().out
    earlier = service.log.read_text().count('"answered"')
    exec(call_api, variables)  # noqa: S102
    assert capsys.readouterr().out.split() == ["a0:v0", "a1:v1", "a0:v0", "a1:v1"]
    exec(get_item, variables)  # noqa: S102
    answers = [line for line in service.log.read_text().splitlines() if '"answered"' in line]
    statuses = [json.loads(line)["status"] for line in answers[earlier:]]
    assert statuses == [201, 201, 200, 200, 200]  # the notebook prints the keys of errors, too
    order = rendered.pop()["order"]
    assert order["orderdate"] <= variables["orderdate"]
    coffee = {"coffeetype": "Short Black", "coffeesize": "Small"}
    assert order["details"] == {**coffee, "unitprice": "4.5", "quantity": "1"}
