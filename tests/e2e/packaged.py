"""What a deployment pipeline does with the package, done to the local cloud.

The steps are those of docs/deploying.md; here boto3 takes the place of the AWS CLI.
"""

import json
from pathlib import Path
from typing import Any

from deploy import stack
from deploy.cloudformation import Stack, change
from deploy.gateway import tags
from deploy.project import service_environment
from local.emulator import REGION, LocalCloud
from tests.e2e.project import Project

API_STACK = "coffee-orders-api-local"
_BUCKET = "packages"


class Packaged:
    """The packaged service behind the local cloud's API Gateway."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.project = Project(folder, cloud.environment()).run_functions_here()
        self.cloud.client("s3").create_bucket(
            Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.outputs = self.deploy()

    @property
    def api_url(self) -> str:
        """Return the address that ends before `/order`.

        The local cloud replaces an API whose Swagger has changed; AWS changes it in place.
        """
        return f"{self.cloud.endpoint_url}/_aws/execute-api/{self.api_id}/local"

    @property
    def api_id(self) -> str:
        """Return the API's id."""
        (api,) = self.cloud.client("apigateway").get_rest_apis()["items"]
        return str(api["id"])

    def deploy(self) -> stack.StackOutputs:
        """Run the pipeline: the stack, the package, the upload, the API's stack."""
        cloudformation = self.cloud.client("cloudformation")
        outputs = stack.apply(cloudformation, "local")
        config = self.project.config()
        config["stages"]["local"]["environment_variables"] |= service_environment(
            outputs.orders_table, outputs.shops_table, outputs.user_pool_arn, outputs.client_id
        )
        (self.project.folder / ".chalice/config.json").write_text(json.dumps(config))
        code, printed = self.project.run("deploy", "package", "--stage", "local")
        assert code == 0, printed
        template = self.template()
        template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = self._upload()
        change(cloudformation, Stack(API_STACK, json.dumps(template), {}, tags("local")))
        self._finish_preflight()
        return outputs

    def template(self) -> dict[str, Any]:
        """Return the SAM template of the package."""
        written: dict[str, Any] = json.loads((self._build / "sam.json").read_text())
        return written

    def log_lines(self) -> list[str]:
        """Return all that the function has logged.

        Stream by stream: FilterLogEvents of the local cloud ends after 10,000 lines.
        """
        logs = self.cloud.client("logs")
        group = {"logGroupName": "/aws/lambda/coffee-orders-local"}
        events = []
        for streams in logs.get_paginator("describe_log_streams").paginate(**group):
            for stream in streams["logStreams"]:
                there = {**group, "logStreamName": stream["logStreamName"], "startFromHead": True}
                page = logs.get_log_events(**there)
                while page["events"]:
                    events += page["events"]
                    page = logs.get_log_events(**there, nextToken=page["nextForwardToken"])
        return [event["message"] for event in sorted(events, key=lambda each: each["timestamp"])]

    @property
    def _build(self) -> Path:
        return self.project.folder / "build/local"

    def _upload(self) -> str:
        package = (self._build / "deployment.zip").read_bytes()
        key = f"{hash(package)}.zip"
        self.cloud.client("s3").put_object(Bucket=_BUCKET, Key=key, Body=package)
        return f"s3://{_BUCKET}/{key}"

    def _finish_preflight(self) -> None:
        """Add what the local cloud drops of the Swagger: how OPTIONS is answered without Lambda."""
        swagger = self.template()["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
        gateway = self.cloud.client("apigateway")
        api_id = self.api_id
        for resource in gateway.get_resources(restApiId=api_id)["items"]:
            options = swagger["paths"].get(resource["path"], {}).get("options")
            if options is None:
                continue
            integration = options["x-amazon-apigateway-integration"]
            method = {
                "restApiId": api_id,
                "resourceId": resource["id"],
                "httpMethod": "OPTIONS",
            }
            answer = integration["responses"]["default"]
            headers = answer["responseParameters"]
            gateway.put_integration(
                **method, type="MOCK", requestTemplates=integration["requestTemplates"]
            )
            gateway.put_method_response(
                **method,
                statusCode=answer["statusCode"],
                responseParameters=dict.fromkeys(headers, False),
            )
            gateway.put_integration_response(
                **method, statusCode=answer["statusCode"], responseParameters=headers
            )
        gateway.create_deployment(restApiId=api_id, stageName="local")
