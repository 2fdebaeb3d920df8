"""What API Gateway does with a Swagger document, for the local cloud, which imports none.

ImportRestApi and PutRestApi create resources, methods, integrations, authorizers and gateway
responses from the document. Here boto3 creates them one by one, and checks each call against
botocore's model of API Gateway.
"""

from typing import Any

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}
_GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"


def overwrite(client: Any, api_id: str, swagger: dict[str, Any]) -> None:
    """Make an API what the document says, as PutRestApi does with `mode=overwrite`."""
    _clear(client, api_id)
    authorizers = {
        name: _create_authorizer(client, api_id, name, definition)
        for name, definition in swagger.get("securityDefinitions", {}).items()
    }
    for path, methods in swagger["paths"].items():
        resource_id = _resource(client, api_id, path)
        for method, route in methods.items():
            if method in _METHODS:
                at = {"restApiId": api_id, "resourceId": resource_id}
                _put_method(client, {**at, "httpMethod": method.upper()}, route, authorizers)
    for kind, response in swagger.get(_GATEWAY_RESPONSES, {}).items():
        client.put_gateway_response(restApiId=api_id, responseType=kind, **response)
    client.update_rest_api(
        restApiId=api_id,
        patchOperations=[{"op": "replace", "path": "/name", "value": swagger["info"]["title"]}],
    )


def _clear(client: Any, api_id: str) -> None:
    for resource in client.get_resources(restApiId=api_id, limit=500)["items"]:
        at = {"restApiId": api_id, "resourceId": resource["id"]}
        for method in resource.get("resourceMethods", {}):
            client.delete_method(**at, httpMethod=method)
        if resource["path"] != "/":
            client.delete_resource(**at)
    for authorizer in client.get_authorizers(restApiId=api_id)["items"]:
        client.delete_authorizer(restApiId=api_id, authorizerId=authorizer["id"])
    for response in client.get_gateway_responses(restApiId=api_id)["items"]:
        if not response["defaultResponse"]:
            client.delete_gateway_response(restApiId=api_id, responseType=response["responseType"])


def _create_authorizer(client: Any, api_id: str, name: str, definition: dict[str, Any]) -> str:
    extension = definition["x-amazon-apigateway-authorizer"]
    assert extension["type"] == "cognito_user_pools", "the only kind that this project has"
    created: str = client.create_authorizer(
        restApiId=api_id,
        name=name,
        type="COGNITO_USER_POOLS",
        providerARNs=extension["providerARNs"],
        identitySource=f"method.request.header.{definition['name']}",
    )["id"]
    return created


def _resource(client: Any, api_id: str, path: str) -> str:
    """Return the id of the resource at a path; create it and its parents when missing."""
    resources = client.get_resources(restApiId=api_id, limit=500)["items"]
    by_path = {resource["path"]: resource["id"] for resource in resources}
    resource_id: str = by_path["/"]
    here = ""
    for part in [part for part in path.split("/") if part]:
        here = f"{here}/{part}"
        if here not in by_path:
            created = client.create_resource(restApiId=api_id, parentId=resource_id, pathPart=part)
            by_path[here] = created["id"]
        resource_id = by_path[here]
    return resource_id


def _put_method(
    client: Any, at: dict[str, str], route: dict[str, Any], authorizers: dict[str, str]
) -> None:
    security = [name for requirement in route.get("security", []) for name in requirement]
    authorization = (
        {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": authorizers[security[0]]}
        if security
        else {"authorizationType": "NONE"}
    )
    client.put_method(**at, **authorization)
    put_integration(client, at, route["x-amazon-apigateway-integration"])


def put_integration(client: Any, at: dict[str, str], integration: dict[str, Any]) -> None:
    """Let a method call the function, or answer by itself as OPTIONS does."""
    settings = {
        "type": integration["type"].upper(),
        "integrationHttpMethod": integration.get("httpMethod"),
        "uri": integration.get("uri"),
        "requestTemplates": integration.get("requestTemplates"),
        "passthroughBehavior": integration.get("passthroughBehavior", "").upper(),
        "contentHandling": integration.get("contentHandling"),
    }
    client.put_integration(**at, **{name: value for name, value in settings.items() if value})
    if settings["type"] != "MOCK":
        return
    for answer in integration["responses"].values():
        headers, status = answer.get("responseParameters", {}), answer["statusCode"]
        declared = dict.fromkeys(headers, False)
        client.put_method_response(**at, statusCode=status, responseParameters=declared)
        client.put_integration_response(**at, statusCode=status, responseParameters=headers)
