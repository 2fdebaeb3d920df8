"""The document that API Gateway imports: what Chalice generates, and the gateway responses.

Chalice has no setting for gateway responses. Set by calls after `chalice deploy`, they would need
a second deployment of the API, of which API Gateway allows an account one in five seconds, and
the next `chalice deploy` would remove them.
"""

from typing import Any

from chalice.app import Chalice
from chalice.deploy.models import RestAPI
from chalice.deploy.swagger import SwaggerGenerator

from deploy.gateway import GATEWAY_RESPONSES

_generate = SwaggerGenerator.generate_swagger


def _generate_with_gateway_responses(
    self: SwaggerGenerator, app: Chalice, rest_api: RestAPI | None = None
) -> dict[str, Any]:
    swagger: dict[str, Any] = _generate(self, app, rest_api)
    return {**swagger, "x-amazon-apigateway-gateway-responses": GATEWAY_RESPONSES}


def extend_chalices_swagger() -> None:
    """Let `chalice deploy` and `chalice package` in this process include the gateway responses."""
    SwaggerGenerator.generate_swagger = _generate_with_gateway_responses  # type: ignore[method-assign]
