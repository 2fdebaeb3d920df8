"""What the stage tells the service, by environment variables."""

import os


def required(name: str) -> str:
    """Return an environment variable. Raises RuntimeError, naming it, where it is not set."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not set. `make deploy` records it for a stage in .chalice/config.json; "
            "for the local cloud, `make run` sets it."
        )
    return value


def cognito(region: str) -> str:
    """Return the URL of Cognito: AWS's own, unless boto3 is sent elsewhere, too."""
    return (
        os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://cognito-idp.{region}.amazonaws.com"
    )
