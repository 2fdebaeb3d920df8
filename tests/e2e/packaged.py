"""The steps of a deployment pipeline from docs/deploying.md, on the local cloud with boto3."""

import json
from pathlib import Path
from typing import Any

from deploy import stack
from deploy.cloudformation import Stack, create_or_update
from deploy.gateway import tags
from local.emulator import REGION, LocalCloud
from tests.e2e import swagger_import
from tests.e2e.project import Project

API_STACK = "coffee-orders-api-local"
_BUCKET = "coffee-orders-packages"  # allowed by deploy/policies/pipeline.json


def create_bucket(cloud: LocalCloud) -> None:
    location = {"LocationConstraint": REGION}
    cloud.client("s3").create_bucket(Bucket=_BUCKET, CreateBucketConfiguration=location)


def deploy_package(build: Path, s3: Any, cloudformation: Any) -> None:
    stage = build.name
    package = (build / "deployment.zip").read_bytes()
    key = f"{hash(package)}.zip"
    s3.put_object(Bucket=_BUCKET, Key=key, Body=package)
    template = json.loads((build / "sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = f"s3://{_BUCKET}/{key}"
    api_stack = Stack(f"coffee-orders-api-{stage}", json.dumps(template), {}, tags(stage))
    create_or_update(cloudformation, api_stack)


class Packaged:
    """The packaged service behind the local cloud's API Gateway."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.project = Project(folder, cloud.environment()).use_local_architecture()
        create_bucket(cloud)
        self.outputs = self.deploy()

    @property
    def api_url(self) -> str:
        """Return the API's base URL. It changes, because the local cloud replaces updated APIs."""
        return f"{self.cloud.endpoint_url}/_aws/execute-api/{self.api_id}/local"

    @property
    def api_id(self) -> str:
        (api,) = self.cloud.client("apigateway").get_rest_apis()["items"]
        return str(api["id"])

    def deploy(self) -> stack.StackOutputs:
        """Run the pipeline: the stack, the package, the upload, the API's stack."""
        cloudformation = self.cloud.client("cloudformation")
        outputs = stack.apply(cloudformation, "local")
        self.project.record_stack("local", outputs)
        variables = self.project.variables("local") | {"ORDERS_PER_MINUTE": "1000000"}
        self.project.change_stage("local", environment_variables=variables)
        self.project.succeed("deploy", "package", "--stage", "local")
        deploy_package(self._build, self.cloud.client("s3"), cloudformation)
        self._finish_preflight()
        return outputs

    def log_lines(self) -> list[str]:
        """Return all log lines of the function.

        FilterLogEvents of the local cloud returns only 10,000 lines, so each stream is read.
        """
        logs = self.cloud.client("logs")
        group = {"logGroupName": "/aws/lambda/coffee-orders-local"}
        events = []
        for streams in logs.get_paginator("describe_log_streams").paginate(**group):
            for stream in streams["logStreams"]:
                query = {**group, "logStreamName": stream["logStreamName"], "startFromHead": True}
                page = logs.get_log_events(**query)
                while page["events"]:
                    events += page["events"]
                    page = logs.get_log_events(**query, nextToken=page["nextForwardToken"])
        return [event["message"] for event in sorted(events, key=lambda event: event["timestamp"])]

    @property
    def _build(self) -> Path:
        return self.project.folder / "build/local"

    def _finish_preflight(self) -> None:
        """Add the responses to OPTIONS, which the local cloud does not import from the Swagger."""
        template = json.loads((self._build / "sam.json").read_text())
        swagger = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
        gateway = self.cloud.client("apigateway")
        api_id = self.api_id
        for resource in gateway.get_resources(restApiId=api_id)["items"]:
            options = swagger["paths"].get(resource["path"], {}).get("options")
            if options is not None:
                swagger_import.put_integration(
                    gateway,
                    {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": "OPTIONS"},
                    options["x-amazon-apigateway-integration"],
                )
        gateway.create_deployment(restApiId=api_id, stageName="local")
