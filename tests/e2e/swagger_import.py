"""The Swagger import of API Gateway, for the local cloud, which has none.

ImportRestApi and PutRestApi create resources, methods, integrations, authorizers and gateway
responses. This module creates them with boto3, which checks each call against botocore's model.
"""

from typing import Any

_METHODS = {"get", "put", "post", "delete", "options", "head", "patch"}
_GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"


def overwrite(client: Any, api_id: str, swagger: dict[str, Any]) -> None:
    """Replace an API's definition by a document, as PutRestApi does with `mode=overwrite`."""
    _clear(client, api_id)
    authorizers = {
        name: _create_authorizer(client, api_id, name, definition)
        for name, definition in swagger.get("securityDefinitions", {}).items()
    }
    for path, methods in swagger["paths"].items():
        resource_id = _resource(client, api_id, path)
        for method, route in methods.items():
            if method in _METHODS:
                method_key = {"restApiId": api_id, "resourceId": resource_id}
                _put_method(
                    client, {**method_key, "httpMethod": method.upper()}, route, authorizers
                )
    for response_type, response in swagger.get(_GATEWAY_RESPONSES, {}).items():
        client.put_gateway_response(restApiId=api_id, responseType=response_type, **response)
    client.update_rest_api(
        restApiId=api_id,
        patchOperations=[{"op": "replace", "path": "/name", "value": swagger["info"]["title"]}],
    )


def _clear(client: Any, api_id: str) -> None:
    for resource in client.get_resources(restApiId=api_id, limit=500)["items"]:
        method_key = {"restApiId": api_id, "resourceId": resource["id"]}
        for method in resource.get("resourceMethods", {}):
            client.delete_method(**method_key, httpMethod=method)
        if resource["path"] != "/":
            client.delete_resource(**method_key)
    for authorizer in client.get_authorizers(restApiId=api_id)["items"]:
        client.delete_authorizer(restApiId=api_id, authorizerId=authorizer["id"])
    for response in client.get_gateway_responses(restApiId=api_id)["items"]:
        if not response["defaultResponse"]:
            client.delete_gateway_response(restApiId=api_id, responseType=response["responseType"])


def _create_authorizer(client: Any, api_id: str, name: str, definition: dict[str, Any]) -> str:
    extension = definition["x-amazon-apigateway-authorizer"]
    assert extension["type"] == "cognito_user_pools", "the only kind that this project has"
    response: str = client.create_authorizer(
        restApiId=api_id,
        name=name,
        type="COGNITO_USER_POOLS",
        providerARNs=extension["providerARNs"],
        identitySource=f"method.request.header.{definition['name']}",
    )["id"]
    return response


def _resource(client: Any, api_id: str, path: str) -> str:
    """Return the id of the resource at a path; create it and its parents if missing."""
    resources = client.get_resources(restApiId=api_id, limit=500)["items"]
    by_path = {resource["path"]: resource["id"] for resource in resources}
    resource_id: str = by_path["/"]
    parent_path = ""
    for part in [part for part in path.split("/") if part]:
        parent_path = f"{parent_path}/{part}"
        if parent_path not in by_path:
            response = client.create_resource(restApiId=api_id, parentId=resource_id, pathPart=part)
            by_path[parent_path] = response["id"]
        resource_id = by_path[parent_path]
    return resource_id


def _put_method(
    client: Any, method_key: dict[str, str], route: dict[str, Any], authorizers: dict[str, str]
) -> None:
    security = [name for requirement in route.get("security", []) for name in requirement]
    authorization = (
        {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": authorizers[security[0]]}
        if security
        else {"authorizationType": "NONE"}
    )
    client.put_method(**method_key, **authorization)
    put_integration(client, method_key, route["x-amazon-apigateway-integration"])


def put_integration(client: Any, method_key: dict[str, str], integration: dict[str, Any]) -> None:
    """Create a method's integration, and the responses of a mock."""
    settings = {
        "type": integration["type"].upper(),
        "integrationHttpMethod": integration.get("httpMethod"),
        "uri": integration.get("uri"),
        "requestTemplates": integration.get("requestTemplates"),
        "passthroughBehavior": integration.get("passthroughBehavior", "").upper(),
        "contentHandling": integration.get("contentHandling"),
    }
    client.put_integration(
        **method_key, **{name: value for name, value in settings.items() if value}
    )
    if settings["type"] != "MOCK":
        return
    for response in integration["responses"].values():
        headers, status = response.get("responseParameters", {}), response["statusCode"]
        parameters = dict.fromkeys(headers, False)
        client.put_method_response(**method_key, statusCode=status, responseParameters=parameters)
        client.put_integration_response(**method_key, statusCode=status, responseParameters=headers)
