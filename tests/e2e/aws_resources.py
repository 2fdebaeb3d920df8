"""Resources of `make deploy`, as AWS's APIs return them."""

from typing import Any

from local.emulator import LocalCloud

FUNCTION = "coffee-orders-dev"
DEPLOY = ("deploy", "deploy", "--stage", "dev")
DESTROY = ("deploy", "destroy", "--stage", "dev", "--yes")


def rest_apis(cloud: LocalCloud) -> list[dict[str, Any]]:
    apis: list[dict[str, Any]] = cloud.client("apigateway").get_rest_apis()["items"]
    return apis


def only_stage(cloud: LocalCloud, api_id: str) -> dict[str, Any]:
    (stage,) = cloud.client("apigateway").get_stages(restApiId=api_id)["item"]
    settings: dict[str, Any] = stage
    return settings


def apis_without_limits(cloud: LocalCloud) -> list[str]:
    """Return the ids of APIs with the service and a stage without request limits."""
    client = cloud.client("apigateway")
    api_ids = []
    for api in rest_apis(cloud):
        resources = client.get_resources(restApiId=api["id"], embed=["methods"])["items"]
        calls_function = any(
            f":{FUNCTION}/" in method.get("methodIntegration", {}).get("uri", "")
            for resource in resources
            for method in resource.get("resourceMethods", {}).values()
        )
        for stage in client.get_stages(restApiId=api["id"])["item"]:
            limits = stage["methodSettings"].get("*/*", {})
            if calls_function and limits.get("throttlingRateLimit") != 100:
                api_ids.append(api["id"])
    return api_ids
