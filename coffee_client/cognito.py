"""The client for Amazon Cognito.

Signing up and logging in are unsigned calls, which need no AWS account. The client ignores the
user's AWS settings (`AWS_PROFILE`, `~/.aws/config` and so on). It uses a proxy and
`REQUESTS_CA_BUNDLE`, like every other HTTP request.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from coffee_client.errors import AccountError, SettingsError, UnreachableError
from coffee_client.urls import http_url, is_loopback

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

_SERVER_ERROR = 500


def cognito_client(region: str, endpoint_url: str | None = None) -> "CognitoIdentityProviderClient":
    """Return botocore's client for the unsigned calls of Cognito user pools.

    `endpoint_url` is for a Cognito that is not on AWS. Raises SettingsError for a region or an
    address that is not valid.
    """
    # Imported here because it takes a quarter of a second, which `coffee --help` need not wait.
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        endpoint = http_url(endpoint_url) if endpoint_url is not None else None
        client: CognitoIdentityProviderClient = _session().create_client(
            "cognito-idp",
            region_name=region.strip(),
            endpoint_url=endpoint,
            config=Config(
                signature_version=UNSIGNED,
                connect_timeout=5,
                read_timeout=15,
                # A person is waiting: two more attempts, not the SDK's own four.
                retries={"mode": "standard", "total_max_attempts": 3},
                # Cognito checks its parameters itself, and its answers are handled in any case.
                parameter_validation=False,
                proxies={} if endpoint and is_loopback(endpoint) else None,
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"Cognito can't be used with these settings: {error}") from error
    return client


@contextmanager
def cognito_errors() -> Iterator[None]:
    """Turn the failures of a call to Cognito into AccountError and UnreachableError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        raise _rejection(error.response) from None
    except (ResponseParserError, KeyError, TypeError, AttributeError) as error:
        raise UnreachableError("Something other than Cognito answered") from error
    except (BotoCoreError, OSError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise UnreachableError(f"Cognito can't be reached: {reason}") from error


def _rejection(response: Any) -> AccountError | UnreachableError:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(response["Error"].get("Code") or "")
    message = str(response["Error"].get("Message") or code)
    # Cognito names its errors. A bare status comes from a proxy or a gateway.
    if status >= _SERVER_ERROR or not code.strip("0123456789"):
        return UnreachableError(f"Cognito is not available: {message}")
    return AccountError(code, message)


def _session() -> Any:
    """Return a botocore session with the SDK's defaults and none of the user's settings."""
    from botocore.loaders import Loader  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    # Each variable is a key in the config file, an environment variable, a default and its type.
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    for name in ("config_file", "credentials_file"):
        variables[name] = (None, None, os.devnull, None)
    # This ignores AWS_ENDPOINT_URL, which botocore does not treat as a session variable.
    variables["ignore_configured_endpoint_urls"] = (None, None, True, None)
    session = Session(session_vars=variables)
    # Without botocore's ~/.aws/models.
    loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    return session
