"""Plain `chalice deploy` after `make stack`, on the local cloud.

The local cloud imports Swagger only for CloudFormation, so a proxy in front of it uses that.
"""

import json
import os
import re

import pytest
import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from deploy import cloudformation
from deploy.cloudformation import Stack
from local.emulator import LocalCloud
from tests.e2e.project import Project
from tests.e2e.test_plain_chalice import ChaliceLocal
from tests.fixtures import log_in, sign_up
from tests.samples import order

pytestmark = pytest.mark.slow


@pytest.fixture
def aws_url(cloud: LocalCloud, httpserver: HTTPServer) -> str:
    """Return the URL of a proxy in front of the local cloud."""

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

    httpserver.expect_request(re.compile("")).respond_with_handler(respond)
    return httpserver.url_for("").rstrip("/")


def test_plain_chalice_deploys_the_service(
    cloud: LocalCloud, project: Project, aws_url: str
) -> None:
    project.environment = {**os.environ, **cloud.environment(), "AWS_ENDPOINT_URL": aws_url}
    project.use_local_cloud()
    project.succeed("deploy", "account", "--stage", "dev")
    output = project.succeed("deploy", "stack", "--stage", "dev")
    assert "Next: .venv/bin/chalice deploy --stage dev" in output

    def chalice(command: str, *arguments: str) -> None:
        code, output = project.execute(project.chalice, command, "--stage", "dev", *arguments)
        assert code == 0, output

    chalice("deploy")
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/order"
    variables, cognito = project.variables("dev"), cloud.client("cognito-idp")
    pool_id = variables["USER_POOL_ARN"].rpartition("/")[2]
    sign_up(cognito, pool_id, variables["CLIENT_ID"], "ann")

    def post(token: str) -> requests.Response:
        headers = {"Authorization": token}
        return requests.post(url, json={"order": order()}, headers=headers, timeout=30)

    assert post("junk").json() == {"message": "Unauthorized"}
    token = log_in(cognito, variables["CLIENT_ID"], "ann")["IdToken"]
    assert post(token).status_code == 201
    local = ChaliceLocal(project, "--stage", "dev")
    served = "This serves the tables and users of the stage dev on AWS"
    assert served in local.wait_until_serving()
    assert (local.get(accountid="a0"), local.post("junk")) == (200, 401)
    chalice("package", "out")
    chalice("delete")
