"""The SDK's data that ship with the service: what they leave out, the service does not miss."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.session import get_session
from chalice.test import Client

from chalicelib.messages import PlaceOrderRequest, parse
from chalicelib.shops import accept
from deploy.project import PROJECT
from tests.samples import order
from tools import sdk_data


@pytest.fixture
def dynamodb(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001
    """Return the service's module of that name, with AWS where moto was."""
    from chalicelib import dynamodb  # noqa: PLC0415 - it reads the environment as it loads

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    return dynamodb


class Body(io.BytesIO):
    """The body of an answer, as botocore reads it off a connection."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def url_asked(client: Any) -> str:
    """Return the address that a client sends a request to; none goes out."""
    urls = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        urls.append(request.url)
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(b"{}"))

    client.meta.events.register("before-send.dynamodb", answer)
    client.get_item(TableName="orders", Key={"accountid": {"S": "a0"}, "vendorid": {"S": "v0"}})
    (url,) = urls
    return str(url)


def test_data_matches_the_installed_sdk() -> None:
    """After an upgrade of botocore `make sdk` writes them anew."""
    shipped = {
        str(file.relative_to(sdk_data.FOLDER).with_suffix("")): json.loads(file.read_text())
        for file in sdk_data.FOLDER.rglob("*.json")
    }
    assert shipped == sdk_data.data()


@pytest.mark.parametrize(
    "region",
    ["ap-southeast-2", "us-east-1", "cn-north-1", "us-gov-west-1", "eu-somewhere-9"],
)
def test_endpoint_is_the_sdks_own(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    own = get_session().create_client("dynamodb")
    assert url_asked(dynamodb._make_client()) == url_asked(own)


def test_sdk_without_the_trimmed_data(
    dynamodb: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk/endpoints.json").write_text("{}")
    monkeypatch.setattr(dynamodb, "__file__", str(tmp_path / "dynamodb.py"))
    assert url_asked(dynamodb._make_client()) == "https://dynamodb.ap-southeast-2.amazonaws.com/"
    assert json.loads(capsys.readouterr().out)["level"] == "WARNING"


def test_data_has_only_what_is_used() -> None:
    """Where a page is missing, the installed SDK has it."""
    assert {file.name for file in (PROJECT / "chalicelib/sdk").rglob("*.json")} == {
        "endpoints.json",
        "service-2.json",
    }


def test_data_knows_every_attribute_type(dynamodb: Any) -> None:  # noqa: ARG001
    from chalicelib.items import to_item  # noqa: PLC0415 - after the environment is set

    def kinds(attributes: dict[str, dict[str, Any]]) -> set[str]:
        of_each = [set(value) | kinds(value.get("M", {})) for value in attributes.values()]
        return set().union(*of_each)

    requested = parse(json.dumps({"order": order()}), PlaceOrderRequest).order
    arrived = to_item(accept(requested, None), "sub")
    shapes = sdk_data.data()["dynamodb/2012-08-10/service-2"]["shapes"]
    assert kinds(arrived) <= set(shapes["AttributeValue"]["members"])
