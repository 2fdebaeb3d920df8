"""The scripts of the original notebook work.

Only the app client's id and the URL are replaced. boto3 reads the endpoint and the region from the
environment.
"""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from requests import Session

from local.emulator import REGION
from tests.e2e.packaged import Packaged
from tests.e2e.people import code_mailed_to

_CREATE_USER = """
import json, boto3, requests, datetime

# Client ID goes here
clientId = '...'

client = boto3.client('cognito-idp')

signup_response = client.sign_up(
    ClientId=clientId,
    Username='Paul',
    Password='Pa$$word1',
    UserAttributes=[{'Name':'email','Value':'pjcksn@amazon.com'}])

RenderJSON(signup_response)
"""

_LOGIN = """
auth_response = client.initiate_auth(
    AuthFlow='USER_PASSWORD_AUTH',
    AuthParameters={
        'USERNAME' : 'Paul',
        'PASSWORD' : 'Pa$$word1'
    },
    ClientId=clientId
)

print(auth_response['AuthenticationResult'].keys())
"""

_CALL_API = """
#Set gateway id
gwid = '...'

import boto3, requests, datetime

url = (f'https://{gwid}.execute-api.ap-southeast-2.amazonaws.com/prod/order')
headers = {'Authorization': auth_response['AuthenticationResult']['IdToken']}

for y in range(2):
    for i in range(2):
        x = datetime.datetime.now()
        accountid = 'a' + str(i)
        vendorid = 'v' + str(i)
        orderdate = str(x)
        coffeetype = 'Short Black'
        coffeesize = 'Small'
        unitprice = str(4.50 * (i + 1))
        quantity = str(i+1)

        response = requests.post(url,json={'order':{
                    'accountid': accountid,
                    'vendorid': vendorid,
                    'orderdate':orderdate,
                    'details':{
                        'coffeetype': coffeetype,
                        'coffeesize': coffeesize,
                        'unitprice': unitprice,
                        'quantity': quantity
                    }
                }
            },headers=headers)
        print(str(accountid) + ':' + str(vendorid))
"""

_GET_ITEM = """
response_get = requests.get(url, params={'accountid':'a0','vendorid':'v0'})

RenderJSON(response_get.json())
"""


def test_original_notebook_runs_unchanged(
    packaged: Packaged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Behind API Gateway; test_run.py does the same beside `make run`."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", packaged.cloud.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    code = functools.partial(code_mailed_to, packaged.cloud)
    run_notebook(code, packaged.api_url, packaged.outputs.client_id, monkeypatch, capsys)


def run_notebook(
    code_mailed_to: Callable[[str], str],
    api_url: str,
    client_id: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Run the cells; `code_mailed_to` returns the code in the mail to an address."""
    rendered: list[Any] = []
    cells: dict[str, Any] = {"RenderJSON": rendered.append}

    def run(cell: str, old: str = "", new: str = "") -> None:
        assert old in cell
        exec(cell.replace(old, new) if old else cell, cells)  # noqa: S102

    run(_CREATE_USER, "clientId = '...'", f"clientId = '{client_id}'")
    assert rendered.pop()["UserConfirmed"] is False

    code = code_mailed_to("pjcksn@amazon.com")
    cells["client"].confirm_sign_up(ClientId=client_id, Username="Paul", ConfirmationCode=code)

    run(_LOGIN)
    assert "IdToken" in capsys.readouterr().out

    # The notebook prints the keys also for an error, so the status codes are recorded.
    statuses: list[int] = []
    send = Session.send

    def record(self: Session, request: Any, **kwargs: Any) -> Any:
        response = send(self, request, **kwargs)
        statuses.append(response.status_code)
        return response

    monkeypatch.setattr(Session, "send", record)
    aws = "https://{gwid}.execute-api.ap-southeast-2.amazonaws.com/prod/order"
    run(_CALL_API, aws, f"{api_url}/order")
    assert capsys.readouterr().out.split() == ["a0:v0", "a1:v1", "a0:v0", "a1:v1"]
    assert statuses == [201, 201, 200, 200]

    run(_GET_ITEM)
    order = rendered.pop()["order"]
    assert order["orderdate"] <= cells["orderdate"]
    assert order["details"] == {
        "coffeetype": "Short Black",
        "coffeesize": "Small",
        "unitprice": "4.5",
        "quantity": "1",
    }
