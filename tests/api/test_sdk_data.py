"""The trimmed SDK data of the service, and its fallback."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.session import get_session

from chalicelib import sdk
from tools import sdk_data
from tools.project import PROJECT

MakeClient = Callable[[], Any]


@pytest.fixture
def make_client(dynamodb: ModuleType, monkeypatch: pytest.MonkeyPatch) -> MakeClient:
    """Return a function that makes the service's client, with AWS's endpoint instead of moto's."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    return lambda: sdk.make_client(dynamodb._CONFIG)


def requested_url(client: Any) -> str:
    """Return the URL of a client's request, which is not sent."""

    def stop(request: AWSPreparedRequest, **_: Any) -> None:
        raise InterruptedError(request.url)

    client.meta.events.register("before-send.dynamodb", stop)
    with pytest.raises(InterruptedError) as error:
        client.get_item(TableName="orders", Key={"accountid": {"S": "a0"}, "vendorid": {"S": "v0"}})
    return str(error.value)


def test_files_match_the_installed_sdk() -> None:
    """After an upgrade of botocore, run `make sdk`."""
    files = {
        str(file.relative_to(sdk_data.FOLDER)): file.read_text()
        for file in sdk_data.FOLDER.rglob("*.*")
    }
    assert files == sdk_data.files()


@pytest.mark.parametrize("region", ["ap-southeast-2", "cn-north-1", "eu-somewhere-9"])
def test_endpoint_is_the_sdks_own(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    sdk_client, client = get_session().create_client("dynamodb"), make_client()
    assert requested_url(client) == requested_url(sdk_client)
    # The client has the trimmed data.
    operations = ["GetItem", "PutItem", "Query", "UpdateItem"]
    assert client.meta.service_model.operation_names == operations


def test_client_trusts_amazons_roots_or_those_of_the_environment(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = Path(make_client()._endpoint.http_session._verify).read_text()
    all_certificates = Path(botocore.__file__).with_name("cacert.pem").read_text()
    certificates = re.findall("-----BEGIN.*?END CERTIFICATE-----", roots, re.DOTALL)
    assert len(certificates) == 5
    assert all(certificate in all_certificates for certificate in certificates)
    monkeypatch.setenv("AWS_CA_BUNDLE", "other.pem")
    assert make_client()._endpoint.http_session._verify == "other.pem"


_MODEL = "dynamodb/2012-08-10/service-2.json"
_NUMBER = '"NumberAttributeValue":{"type":"%s"}'


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("endpoints.json", '"partitions"', '"others"'),  # no client is created
        (_MODEL, '"M"', '"Map"'),  # no request with a map is sent
        (_MODEL, _NUMBER % "string", _NUMBER % "timestamp"),  # a number is read as a date
    ],
)
def test_sdk_that_rejects_the_trimmed_data_uses_its_own(
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
) -> None:
    path = shutil.copytree(sdk._FOLDER, tmp_path / "sdk") / file
    path.write_text(path.read_text().replace(old, new))
    monkeypatch.setattr(sdk, "_FOLDER", tmp_path / "sdk")
    client = make_client()
    assert "botocore cannot use chalicelib/sdk; cold starts are" in capsys.readouterr().out
    assert "ListTables" in client.meta.service_model.operation_names
    assert requested_url(client) == "https://dynamodb.ap-southeast-2.amazonaws.com/"


def test_longest_order_ends_before_the_timeouts(dynamodb: ModuleType) -> None:
    """An order at a shop reads the menu first. The gateway's timeout is 29 seconds."""
    from chalicelib import shops_table  # noqa: PLC0415 - it reads the environment as it loads

    settings: Any = dynamodb.client.meta.config
    attempts = settings.retries["total_max_attempts"]
    requests = attempts * (settings.connect_timeout + settings.read_timeout)
    assert requests + sum(2**retry for retry in range(attempts - 1)) < 10
    longest_pauses = sum(2**retry + 5 for retry in range(attempts - 1))  # of botocore 1.44
    config = json.loads((PROJECT / ".chalice/config.json").read_text())
    assert shops_table._LATEST_WRITE + requests + longest_pauses < config["lambda_timeout"] < 29
