"""The settings of a stage, which the service reads from environment variables."""

import os

_REQUIRED = (
    "STAGE",  # its name: local, dev or prod
    "ORDERS_TABLE",
    "SHOPS_TABLE",
    "USER_POOL_ARN",  # the Cognito user pool whose tokens the service accepts
    "CLIENT_ID",  # the pool's app client, which the page signs in with
)


def check() -> None:
    """Raise RuntimeError if a required variable is missing. app.py calls this as it loads."""
    for name in _REQUIRED:
        required(name)


def required(name: str) -> str:
    """Return an environment variable. Raises RuntimeError with its name if it is not set."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not set. `make stack STAGE=dev` records it in .chalice/config.json; "
            "for the local cloud, `make run` sets it."
        )
    return value


def orders_per_minute() -> int:
    """Return ORDERS_PER_MINUTE. Raises RuntimeError if it is not a positive whole number."""
    value = os.environ.get("ORDERS_PER_MINUTE", "30")
    if not value.isdecimal() or int(value) == 0:
        raise RuntimeError(f"ORDERS_PER_MINUTE must be a whole number from 1, not {value!r}")
    return int(value)


def cognito_url(region: str) -> str:
    """Return the endpoint of Cognito in a region, unless boto3's variables set another one."""
    return (
        os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://cognito-idp.{region}.amazonaws.com"
    )
