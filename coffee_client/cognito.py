"""The client for Amazon Cognito.

Signing up and logging in are unsigned calls, which need no AWS account. The client ignores the
user's AWS settings (`AWS_PROFILE`, `~/.aws/config` and so on), but uses the proxy settings and
`REQUESTS_CA_BUNDLE` as every other HTTP request does.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from coffee_client.errors import AccountError, SettingsError, UnreachableError
from coffee_client.urls import is_loopback, normalize_http_url

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

_SERVER_ERROR = 500


def cognito_client(region: str, endpoint_url: str | None = None) -> "CognitoIdentityProviderClient":
    """Return botocore's client for the unsigned calls of Cognito user pools.

    `endpoint_url` is for a Cognito that is not on AWS. Raises SettingsError for a region or an
    address that is not valid.
    """
    # Importing botocore takes a quarter of a second, and `coffee --help` does not need it.
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    try:
        endpoint = normalize_http_url(endpoint_url) if endpoint_url is not None else None
        client: CognitoIdentityProviderClient = _session().create_client(
            "cognito-idp",
            region_name=region.strip(),
            endpoint_url=endpoint,
            config=Config(
                signature_version=UNSIGNED,
                connect_timeout=5,
                read_timeout=15,
                # A person is waiting, so there are fewer attempts than the SDK's default.
                retries={"mode": "standard", "total_max_attempts": 3},
                # Cognito checks the parameters itself.
                parameter_validation=False,
                proxies={} if endpoint and is_loopback(endpoint) else None,
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"Cognito can't be used with these settings: {error}") from error
    return client


@contextmanager
def cognito_errors() -> Iterator[None]:
    """Convert botocore's errors in the block to AccountError and UnreachableError."""
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
    # Cognito's errors have a name. An error with only a status comes from a proxy or a gateway.
    if status >= _SERVER_ERROR or not code.strip("0123456789"):
        return UnreachableError(f"Cognito is not available: {message}")
    return AccountError(code, message)


def _session() -> Any:
    """Return a botocore session that has the SDK's defaults and ignores the user's settings."""
    from botocore.loaders import Loader  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    # Each value is (key in the config file, environment variable, default, type).
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
    }
    for name in ("config_file", "credentials_file"):
        variables[name] = (None, None, os.devnull, None)
    # botocore does not read AWS_ENDPOINT_URL as a session variable.
    variables["ignore_configured_endpoint_urls"] = (None, None, True, None)
    session = Session(session_vars=variables)
    # By default botocore also reads ~/.aws/models.
    loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    session.register_component("data_loader", loader)
    return session
