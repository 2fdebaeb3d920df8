"""Settings of the API that Chalice has no options for.

They are request limits, access logs, tracing, and the headers of the gateway's own errors. They
apply to `make deploy` and to the template that `chalice package` writes for a pipeline.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice
from chalice.deploy.models import RestAPI
from chalice.deploy.swagger import SwaggerGenerator

from chalicelib.middleware import SECURITY_HEADERS

# For each route, all callers together. Requests above the limits get 429. The limits suffice for a
# chain of shops, and bound the cost of a flood of public GETs.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
REQUESTS_PER_SECOND = 100
BURST = 200

# The headers of the gateway's own errors (401, 403, 413, 429 ...).
ERROR_HEADERS = {
    # Without this, a page cannot distinguish an error from a broken network.
    "Access-Control-Allow-Origin": "*",
    **{
        name: SECURITY_HEADERS[name]
        for name in ("Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options")
    },
}
_THROTTLED_HEADERS = {
    **ERROR_HEADERS,
    "Access-Control-Expose-Headers": "Retry-After",
    "Retry-After": "1",
}

# One line for each request, also those that the gateway rejects. Headers and queries are left out,
# because they contain tokens and the ids of orders.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
ACCESS_LOG_FORMAT = json.dumps(
    {
        "time": "$context.requestTime",
        "request_id": "$context.requestId",
        "source_ip": "$context.identity.sourceIp",
        "route": "$context.httpMethod $context.resourcePath",
        "status": "$context.status",
        "reason": "$context.error.responseType",
        "latency_ms": "$context.responseLatency",
    }
)


def _response_parameters(headers: Mapping[str, str]) -> dict[str, str]:
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}


GATEWAY_RESPONSES = {
    "DEFAULT_4XX": {"responseParameters": _response_parameters(ERROR_HEADERS)},
    "DEFAULT_5XX": {"responseParameters": _response_parameters(ERROR_HEADERS)},
    "THROTTLED": {"responseParameters": _response_parameters(_THROTTLED_HEADERS)},
}


_generate_swagger = SwaggerGenerator.generate_swagger


def extend_chalices_swagger() -> None:
    """Let `chalice deploy` and `chalice package` in this process add the gateway responses.

    To set them after `chalice deploy` would need a second deployment of the API, of which API
    Gateway allows an account one in five seconds. The next `chalice deploy` would remove them.
    """

    def generate_swagger(
        self: SwaggerGenerator, app: Chalice, rest_api: RestAPI | None = None
    ) -> dict[str, Any]:
        swagger = _generate_swagger(self, app, rest_api)
        return {**swagger, "x-amazon-apigateway-gateway-responses": GATEWAY_RESPONSES}

    SwaggerGenerator.generate_swagger = generate_swagger  # type: ignore[method-assign]


def function_name(stage: str) -> str:
    """Return the name that Chalice gives the stage's Lambda function."""
    return f"coffee-orders-{stage}"


def access_log_group(stage: str) -> str:
    """Return the name of the log group for access logs, which resources.yaml creates."""
    return f"/aws/apigateway/coffee-orders-{stage}"


def tags(stage: str) -> dict[str, str]:
    """Return the tags of all resources of a stage."""
    return {"app": "coffee-orders", "stage": stage}


def stage_patch(access_log_arn: str, *, tracing: bool) -> list[dict[str, str]]:
    """Return the patch operations that apply the settings to an API's stage."""
    settings = {
        "/*/*/throttling/rateLimit": str(REQUESTS_PER_SECOND),
        "/*/*/throttling/burstLimit": str(BURST),
        "/accessLogSettings/destinationArn": access_log_arn,
        "/accessLogSettings/format": ACCESS_LOG_FORMAT,
        "/tracingEnabled": str(tracing).lower(),
    }
    return [{"op": "replace", "path": path, "value": value} for path, value in settings.items()]


def template_extras(stage: str, *, tracing: bool) -> dict[str, Any]:
    """Return the settings in the format to merge into Chalice's SAM template."""
    limits = {
        "ResourcePath": "/*",
        "HttpMethod": "*",
        "ThrottlingRateLimit": REQUESTS_PER_SECOND,
        "ThrottlingBurstLimit": BURST,
    }
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    return {
        "Resources": {
            "APIHandler": {"Properties": {"FunctionName": function_name(stage)}},
            "RestAPI": {
                "Properties": {
                    # Without it, SAM adds a second, public stage named "Stage".
                    # https://github.com/aws/serverless-application-model/issues/191
                    "OpenApiVersion": "2.0",
                    "MethodSettings": [limits],
                    "AccessLogSetting": {
                        "DestinationArn": {"Fn::Sub": arn + access_log_group(stage)},
                        "Format": ACCESS_LOG_FORMAT,
                    },
                    "TracingEnabled": tracing,
                    "Tags": tags(stage),
                }
            },
        }
    }
