"""The API's settings that Chalice has no options for: request limits and refusal headers.

`chalice deploy` creates the API by API calls, and `chalice package` writes a CloudFormation
template for a pipeline. Both ways get the same limits and headers.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.middleware import SECURITY_HEADERS

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient

# On each route, for all callers together: so does API Gateway count what is set for a stage.
# Enough for a chain of shops, and a ceiling on what a flood of public GETs can cost. Above it is
# 429. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
_REQUESTS_PER_SECOND = 100
_BURST = 200

# What the gateway's own refusals (401, 403, 413, 429 ...) say beside their status.
REFUSAL_HEADERS = {
    # Without this a page could not tell a refusal from a broken network.
    "Access-Control-Allow-Origin": "*",
    **{
        name: SECURITY_HEADERS[name]
        for name in ("Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options")
    },
}
_TOO_MANY_HEADERS = {
    **REFUSAL_HEADERS,
    "Access-Control-Expose-Headers": "Retry-After",
    "Retry-After": "1",
}


def _as_parameters(headers: Mapping[str, str]) -> dict[str, str]:
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}


_REFUSALS: dict[Literal["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED"], dict[str, str]] = {
    "DEFAULT_4XX": _as_parameters(REFUSAL_HEADERS),
    "DEFAULT_5XX": _as_parameters(REFUSAL_HEADERS),
    "THROTTLED": _as_parameters(_TOO_MANY_HEADERS),
}


def function_name(stage: str) -> str:
    """Return the name of the stage's Lambda function, the one `chalice deploy` gives it."""
    return f"coffee-orders-{stage}"


def finish(client: "APIGatewayClient", api_id: str, stage: str) -> None:
    """Give an API that `chalice deploy` made what Chalice has no settings for."""
    for refusal, parameters in _REFUSALS.items():
        client.put_gateway_response(
            restApiId=api_id, responseType=refusal, responseParameters=parameters
        )
    client.create_deployment(restApiId=api_id, stageName=stage)
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=[
            {
                "op": "replace",
                "path": "/*/*/throttling/rateLimit",
                "value": str(_REQUESTS_PER_SECOND),
            },
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(_BURST)},
        ],
    )


def template_extras(stage: str) -> dict[str, Any]:
    """Return what to merge into Chalice's template, so that it makes the same of it."""
    limits = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": _REQUESTS_PER_SECOND,
        "ThrottlingBurstLimit": _BURST,
    }
    return {
        "Resources": {
            "APIHandler": {"Properties": {"FunctionName": function_name(stage)}},
            "RestAPI": {
                "Properties": {
                    "MethodSettings": [limits],
                    "DefinitionBody": {
                        "x-amazon-apigateway-gateway-responses": {
                            refusal: {"responseParameters": parameters}
                            for refusal, parameters in _REFUSALS.items()
                        }
                    },
                }
            },
        }
    }
