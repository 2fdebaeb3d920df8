"""Requests to Amazon Cognito.

Signing up and logging in are unsigned calls, which need no AWS account, no credentials and no
AWS SDK: each is a POST with its name in the header `X-Amz-Target`.
"""

from typing import Any

from coffee_client.arguments import encode_json
from coffee_client.connection import Connection, response_errors
from coffee_client.errors import AccountError, SettingsError, UnreachableError
from coffee_client.urls import check_region

COGNITO = "Cognito"

_ERROR, _SERVER_ERROR = 400, 500


class Cognito:
    """Cognito in an AWS region, or at `endpoint_url`. Raises SettingsError if it is not valid."""

    def __init__(self, region: str, endpoint_url: str | None = None) -> None:
        try:
            default_url = f"https://cognito-idp.{check_region(region)}.amazonaws.com"
        except ValueError as error:
            raise SettingsError(f"The region {error}") from None
        self._connection = Connection(endpoint_url or default_url, COGNITO)

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the response of an operation of the API.

        Raises AccountError if Cognito rejects it, and UnreachableError if it does not answer.
        """
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        body = encode_json(parameters)
        response = self._connection.send("POST", "", headers=headers, body=body)
        with response_errors(COGNITO):
            content = dict(response.json() if response.body else {})
            if response.status < _ERROR:
                return content
            code = content["__type"].rpartition("#")[2]  # a # ends a namespace
            message = str(content.get("message") or code)
        if response.status >= _SERVER_ERROR:
            raise UnreachableError(f"{COGNITO} is not available: {message}")
        raise AccountError(code, message)
