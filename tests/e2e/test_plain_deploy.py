"""Plain `chalice deploy` after `make stack`, on the local cloud.

The local cloud imports Swagger only for CloudFormation, so a proxy in front of it uses that.
"""

import json
import os
import re
from collections.abc import Iterator

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from coffee_client import Accounts
from deploy import cloudformation
from deploy.cloudformation import Stack
from local.emulator import REGION, LocalCloud
from tests.e2e.people import sign_up
from tests.e2e.project import Project
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow


@pytest.fixture
def aws_url(cloud: LocalCloud) -> Iterator[str]:
    """Run a proxy in front of the local cloud; return its URL."""

    def respond(request: Request) -> Response:
        path, body = request.environ["RAW_URI"], request.get_data()
        if path.startswith("/restapis?mode=import"):
            api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": json.loads(body)}}
            template = {"Resources": {"Api": api}, "Outputs": {"Id": {"Value": {"Ref": "Api"}}}}
            client = cloud.client("cloudformation")
            cloudformation.apply(client, Stack("imported", json.dumps(template), {}, {}))
            api_id = cloudformation.describe(client, "imported").outputs["Id"]
            return Response(json.dumps({"id": api_id}), 201, content_type="application/json")
        headers = {name: value for name, value in request.headers if name != "Host"}
        url = f"{cloud.endpoint_url}{path}"
        answer = requests.request(request.method, url, headers=headers, data=body, timeout=60)
        content_type = answer.headers.get("Content-Type")
        return Response(answer.content, answer.status_code, content_type=content_type)

    with HTTPServer("127.0.0.1", threaded=True) as server:
        server.expect_request(re.compile("")).respond_with_handler(respond)
        yield server.url_for("").rstrip("/")


def test_plain_chalice_deploys_the_service(
    cloud: LocalCloud, project: Project, aws_url: str
) -> None:
    project.environment = {**os.environ, **cloud.environment(), "AWS_ENDPOINT_URL": aws_url}
    project.use_local_cloud()
    project.succeed("deploy", "account", "--stage", "dev")
    assert "Next: .venv/bin/chalice deploy --stage dev" in project.succeed(
        "deploy", "stack", "--stage", "dev"
    )
    code, output = project.chalice("deploy", "--stage", "dev")
    assert code == 0, output
    apis = cloud.client("apigateway").get_rest_apis()["items"]
    assert len(apis) == 1
    accounts = Accounts(
        project.variables("dev")["CLIENT_ID"], region=REGION, endpoint_url=cloud.endpoint_url
    )
    sign_up(accounts, cloud, "ann")
    url = f"{cloud.endpoint_url}/_aws/execute-api/{apis[0]['id']}/dev/order"

    def post(token: str) -> requests.Response:
        headers = {"Authorization": token}
        return requests.post(url, json={"order": order()}, headers=headers, timeout=30)

    assert post("junk").json() == {"message": "Unauthorized"}
    assert post(accounts.log_in("ann", PASSWORD).id_token()).status_code == 201
    code, output = project.chalice("package", "--stage", "dev", "out")
    assert code == 0, output
    code, output = project.chalice("delete", "--stage", "dev")
    assert code == 0, output
