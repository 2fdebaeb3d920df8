"""The packaged service behind the local cloud's API Gateway, deployed by `make deploy`."""

import json
import os
from pathlib import Path

import pytest

from deploy import cloudformation, stack
from local.emulator import LocalCloud
from tests.e2e.project import Project

STAGE = "dev"


class Packaged:
    """The service of a copy of the project, on a local cloud."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.project = Project(folder, {**os.environ, **cloud.environment()}).use_local_cloud()
        variables = self.project.variables(STAGE) | {"ORDERS_PER_MINUTE": "1000000"}
        self.project.change_stage(STAGE, environment_variables=variables)
        self.project.succeed("deploy", "account", "--stage", STAGE)
        self.outputs = self.deploy()

    @property
    def api_url(self) -> str:
        """Return the API's base URL. It changes, because the local cloud replaces updated APIs."""
        return f"{self.cloud.endpoint_url}/_aws/execute-api/{self.api_id}/{STAGE}"

    @property
    def api_id(self) -> str:
        return self._api_output("RestAPIId")

    @property
    def function(self) -> str:
        """Return the function's name."""
        return self._api_output("APIHandlerName")

    def deploy(self) -> stack.StackOutputs:
        """Run `make deploy`; return the outputs of the data stack."""
        code, output = self.project.run("deploy", "deploy", "--stage", STAGE)
        if code:  # without a package index, all tests behind the gateway fail, each with this line
            pytest.fail(f"make deploy: {output.splitlines()[-1]}", pytrace=False)
        self._finish_preflight()
        return stack.outputs(self.cloud.client("cloudformation"), STAGE)

    def log_lines(self) -> list[str]:
        """Return all log lines of the function.

        FilterLogEvents of the local cloud returns only 10,000 lines, so each stream is read.
        """
        logs = self.cloud.client("logs")
        group = {"logGroupName": f"/aws/lambda/{stack.api_name(STAGE)}"}
        events = []
        for streams in logs.get_paginator("describe_log_streams").paginate(**group):
            for stream in streams["logStreams"]:
                query = {**group, "logStreamName": stream["logStreamName"], "startFromHead": True}
                page = logs.get_log_events(**query)
                while page["events"]:
                    events += page["events"]
                    page = logs.get_log_events(**query, nextToken=page["nextForwardToken"])
        return [event["message"] for event in sorted(events, key=lambda event: event["timestamp"])]

    def _api_output(self, name: str) -> str:
        outputs = cloudformation.describe(
            self.cloud.client("cloudformation"), stack.api_name(STAGE)
        ).outputs
        return outputs[name]

    def _finish_preflight(self) -> None:
        """Add the responses to OPTIONS, which the local cloud does not import from the Swagger."""
        template = json.loads((self.project.folder / f"build/{STAGE}/sam.json").read_text())
        swagger = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
        gateway = self.cloud.client("apigateway")
        for resource in gateway.get_resources(restApiId=self.api_id, limit=500)["items"]:
            options = swagger["paths"].get(resource["path"], {}).get("options")
            if options is None:
                continue
            method = {
                "restApiId": self.api_id,
                "resourceId": resource["id"],
                "httpMethod": "OPTIONS",
            }
            mock = options["x-amazon-apigateway-integration"]
            templates = mock["requestTemplates"]
            gateway.put_integration(**method, type="MOCK", requestTemplates=templates)
            for response in mock["responses"].values():
                method["statusCode"] = response["statusCode"]
                headers = response["responseParameters"]
                parameters = dict.fromkeys(headers, False)
                gateway.put_method_response(**method, responseParameters=parameters)
                gateway.put_integration_response(**method, responseParameters=headers)
        gateway.create_deployment(restApiId=self.api_id, stageName=STAGE)
