"""The stage's REST API: it is found or created, and gets its limits before it serves requests.

Chalice records its API only at the end of a deployment (aws/chalice#1340), and does not find the
API of a failed one. This module finds an API by its tags, or by the function that it calls.
"""

import json
from typing import TYPE_CHECKING, NamedTuple

from deploy import gateway
from deploy.cloudformation import Report
from deploy.target import Target
from tools import project

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_apigateway.type_defs import RestApiTypeDef

_NAME = "coffee-orders"  # the app's name, which Chalice uses

# The API's definition until Chalice deploys the service.
_PLACEHOLDER = {
    "swagger": "2.0",
    "info": {"title": _NAME, "version": "1.0"},
    "paths": {
        "/": {
            "get": {
                "responses": {"503": {"description": "The service is being deployed."}},
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": '{"statusCode": 503}'},
                    "responses": {"default": {"statusCode": "503"}},
                },
            }
        }
    },
}


class RestApi(NamedTuple):
    """An API of a stage, and whether it has been deployed."""

    id: str
    is_deployed: bool


def find(target: Target) -> list[RestApi]:
    """Return the stage's APIs: first the one to use, then those of failed deployments."""
    client = target.session.client("apigateway")
    apis = []
    for page in client.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"] == _NAME and _belongs_to(client, api, target.stage):
                apis.append(RestApi(api["id"], _has_stage(client, api["id"], target.stage)))
    recorded_id = project.recorded_api_id(target.stage)
    return sorted(apis, key=lambda api: (not api.is_deployed, api.id != recorded_id, api.id))


def url(target: Target, api_id: str) -> str:
    """Return the API's base URL, which emulators (LocalStack, MiniStack) serve themselves."""
    stage = project.settings(target.stage)["api_gateway_stage"]
    endpoint = target.session.client("apigateway").meta.endpoint_url
    suffix = endpoint.partition(f"apigateway.{target.region}.")[2]
    if not suffix:
        return f"{endpoint}/_aws/execute-api/{api_id}/{stage}"
    return f"https://{api_id}.execute-api.{target.region}.{suffix}/{stage}"


def prepare(target: Target, report: Report) -> str:
    """Prepare the stage's API for `chalice deploy`; return its id.

    A missing API is created. The limits are set before Chalice deploys the service. APIs of failed
    deployments, which have never served requests, are deleted.
    """
    client = target.session.client("apigateway")
    apis = find(target)
    for other in apis[1:]:
        if other.is_deployed:
            report(
                f"API {other.id} serves this stage, too. If no client uses it, delete it with "
                f"`aws apigateway delete-rest-api --rest-api-id {other.id}`"
            )
        else:
            report(f"deleting API {other.id}, which a failed deploy has left")
            client.delete_rest_api(restApiId=other.id)
    api_id = apis[0].id if apis else _create(client, target)
    settings, tags = project.settings(target.stage), gateway.tags(target.stage)
    stage, tracing = settings["api_gateway_stage"], bool(settings.get("xray"))
    arn = f"arn:{target.partition}:apigateway:{target.region}::/restapis/{api_id}"
    client.tag_resource(resourceArn=arn, tags=tags)  # so that it is found again after a failure
    if not apis or not apis[0].is_deployed:
        # Create the API's stage, so that its limits can be set.
        body = json.dumps(_PLACEHOLDER).encode()
        client.put_rest_api(restApiId=api_id, mode="overwrite", body=body)
        client.create_deployment(restApiId=api_id, stageName=stage, tracingEnabled=tracing)
    client.tag_resource(resourceArn=f"{arn}/stages/{stage}", tags=tags)
    log_group = f"log-group:{gateway.access_log_group(target.stage)}"
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=gateway.stage_patch(  # type: ignore[arg-type]
            f"arn:{target.partition}:logs:{target.region}:{target.account}:{log_group}",
            tracing=tracing,
        ),
    )
    return api_id


def _belongs_to(client: "APIGatewayClient", api: "RestApiTypeDef", stage: str) -> bool:
    if gateway.tags(stage).items() <= api.get("tags", {}).items():
        return True
    function = f":function:{gateway.function_name(stage)}/"
    pages = client.get_paginator("get_resources").paginate(restApiId=api["id"], embed=["methods"])
    return any(
        function in method.get("methodIntegration", {}).get("uri", "")
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", {}).values()
    )


def _has_stage(client: "APIGatewayClient", api_id: str, stage: str) -> bool:
    name = project.settings(stage)["api_gateway_stage"]
    return any(item["stageName"] == name for item in client.get_stages(restApiId=api_id)["item"])


def _create(client: "APIGatewayClient", target: Target) -> str:
    types = [project.settings(target.stage)["api_gateway_endpoint_type"]]
    tags = gateway.tags(target.stage)
    api = client.create_rest_api(name=_NAME, endpointConfiguration={"types": types}, tags=tags)
    return api["id"]
