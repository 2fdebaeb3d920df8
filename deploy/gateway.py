"""Settings of the API that Chalice has no options for.

They are request limits, access logs, tracing, and the headers of the gateway's own refusals.
`chalice deploy` makes API calls, and `chalice package` writes a template for a pipeline: both
get the same settings from here.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice
from chalice.deploy.models import RestAPI
from chalice.deploy.swagger import SwaggerGenerator

from chalicelib.middleware import SECURITY_HEADERS

# On each route, for all callers together: this is how API Gateway counts the limits of a stage.
# They suffice for a chain of shops, and limit the cost of a flood of public GETs. Requests above
# them get 429.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
REQUESTS_PER_SECOND = 100
BURST = 200

# The headers of the gateway's own refusals (401, 403, 413, 429 ...).
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

# One line for each request, refused ones too: those never reach the function. No header and no
# query is in it, and so no token and no order.
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


def _as_parameters(headers: Mapping[str, str]) -> dict[str, str]:
    return {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}


GATEWAY_RESPONSES = {
    "DEFAULT_4XX": {"responseParameters": _as_parameters(REFUSAL_HEADERS)},
    "DEFAULT_5XX": {"responseParameters": _as_parameters(REFUSAL_HEADERS)},
    "THROTTLED": {"responseParameters": _as_parameters(_TOO_MANY_HEADERS)},
}


_generate_swagger = SwaggerGenerator.generate_swagger


def extend_chalices_swagger() -> None:
    """Let `chalice deploy` and `chalice package` in this process include the gateway responses.

    Chalice has no setting for them. Set by calls after `chalice deploy`, they would need a second
    deployment of the API, of which API Gateway allows an account one in five seconds, and the next
    `chalice deploy` would remove them.
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
    """Return the name of the log group for the stage's access logs; resources.yaml makes it."""
    return f"/aws/apigateway/coffee-orders-{stage}"


def tags(stage: str) -> dict[str, str]:
    """Return the tags of everything that belongs to a stage."""
    return {"app": "coffee-orders", "stage": stage}


def stage_patch(access_log_arn: str, *, tracing: bool) -> list[dict[str, str]]:
    """Return the patch operations that give an API's stage its settings."""
    settings = {
        "/*/*/throttling/rateLimit": str(REQUESTS_PER_SECOND),
        "/*/*/throttling/burstLimit": str(BURST),
        "/accessLogSettings/destinationArn": access_log_arn,
        "/accessLogSettings/format": ACCESS_LOG_FORMAT,
        "/tracingEnabled": str(tracing).lower(),
    }
    return [{"op": "replace", "path": path, "value": value} for path, value in settings.items()]


def template_extras(stage: str, *, tracing: bool) -> dict[str, Any]:
    """Return what to merge into Chalice's SAM template, so that a pipeline sets the same."""
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
                    # Without this property SAM adds a second, public stage named "Stage".
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
