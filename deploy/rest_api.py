"""The stage's REST API: found on AWS, or created, and limited before it serves requests.

Chalice knows its API only by a note that it writes at its very end (aws/chalice#1340), so a
deploy that fails half-way leaves an API that Chalice would not find again. Here an API is found
by its tags, or by the function that it calls.
"""

import json
from typing import TYPE_CHECKING, NamedTuple

from deploy import gateway, project
from deploy.cloudformation import Report
from deploy.target import Target

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_apigateway.type_defs import RestApiTypeDef

_NAME = "coffee-orders"  # Chalice's own name for it: the app's

# What an API answers until Chalice has deployed the service to it.
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
    """An API of a stage, and whether it was ever deployed."""

    id: str
    is_deployed: bool


def find(target: Target) -> list[RestApi]:
    """Return the stage's APIs: the one to use first, then what failed deploys have left."""
    client = target.session.client("apigateway")
    found = []
    for page in client.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"] == _NAME and _belongs_to(client, api, target.stage):
                found.append(RestApi(api["id"], _has_stage(client, api["id"], target.stage)))
    noted = project.noted_api_id(target.stage)
    return sorted(found, key=lambda api: (not api.is_deployed, api.id != noted, api.id))


def is_prepared(target: Target) -> bool:
    """Return whether `chalice deploy` will find the stage's API, with its limits."""
    apis = find(target)
    return bool(apis) and apis[0].is_deployed and apis[0].id == project.noted_api_id(target.stage)


def url(target: Target, api_id: str) -> str:
    """Return the address that ends before `/order`.

    Emulators of AWS (LocalStack, MiniStack) serve APIs at their own endpoint.
    """
    stage = project.settings(target.stage)["api_gateway_stage"]
    endpoint = target.session.client("apigateway").meta.endpoint_url
    suffix = endpoint.partition(f"apigateway.{target.region}.")[2]
    if not suffix:
        return f"{endpoint}/_aws/execute-api/{api_id}/{stage}"
    return f"https://{api_id}.execute-api.{target.region}.{suffix}/{stage}"


def prepare(target: Target, report: Report) -> str:
    """Return the id of the stage's API, with all its settings, ready for `chalice deploy`.

    The API is created when missing. Its stage has its limits before Chalice deploys the service
    to it. An API that a failed deploy has left, and that never served, is deleted.
    """
    client = target.session.client("apigateway")
    apis = find(target)
    for left in apis[1:]:
        if left.is_deployed:
            report(
                f"API {left.id} serves this stage, too. If no client uses it, delete it with "
                f"`aws apigateway delete-rest-api --rest-api-id {left.id}`"
            )
        else:
            report(f"deleting API {left.id}, which a failed deploy has left")
            client.delete_rest_api(restApiId=left.id)
    api = apis[0] if apis else _create(client, target)
    if not api.is_deployed:
        _deploy_placeholder(client, target, api.id)
    _tag(client, target, api.id)
    settings = project.settings(target.stage)
    log_group = f"log-group:{gateway.access_log_group(target.stage)}"
    client.update_stage(
        restApiId=api.id,
        stageName=settings["api_gateway_stage"],
        patchOperations=gateway.stage_patch(  # type: ignore[arg-type]
            f"arn:{target.partition}:logs:{target.region}:{target.account}:{log_group}",
            tracing=bool(settings.get("xray")),
        ),
    )
    return api.id


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
    return any(each["stageName"] == name for each in client.get_stages(restApiId=api_id)["item"])


def _create(client: "APIGatewayClient", target: Target) -> RestApi:
    created = client.create_rest_api(
        name=_NAME,
        endpointConfiguration={
            "types": [project.settings(target.stage)["api_gateway_endpoint_type"]]
        },
        tags=gateway.tags(target.stage),
    )
    return RestApi(created["id"], is_deployed=False)


def _tag(client: "APIGatewayClient", target: Target, api_id: str) -> None:
    api = f"arn:{target.partition}:apigateway:{target.region}::/restapis/{api_id}"
    stage = f"{api}/stages/{project.settings(target.stage)['api_gateway_stage']}"
    for arn in (api, stage):
        client.tag_resource(resourceArn=arn, tags=gateway.tags(target.stage))


def _deploy_placeholder(client: "APIGatewayClient", target: Target, api_id: str) -> None:
    """Create the stage with a placeholder, so that it has its limits before the service."""
    settings = project.settings(target.stage)
    client.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(_PLACEHOLDER).encode())
    client.create_deployment(
        restApiId=api_id,
        stageName=settings["api_gateway_stage"],
        tracingEnabled=bool(settings.get("xray")),
    )
