"""The settings of a stage, which the service reads from environment variables.

| variable | value |
| --- | --- |
| STAGE | the stage's name: local, dev or prod |
| ORDERS_TABLE | the name of the orders table |
| SHOPS_TABLE | the name of the shops table |
| USER_POOL_ARN | the Cognito user pool whose tokens the service accepts |
| CLIENT_ID | the pool's app client, which the page signs in with |
| PUSH_PUBLIC_KEY | optional: the key of the notifier's pushes; without it the page offers none |

`make deploy` records them for a stage in .chalice/config.json. `make run` sets them for the local
cloud.
"""

import os


def required(name: str) -> str:
    """Return an environment variable. Raises RuntimeError with its name if it is not set."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not set. `make deploy` records it for a stage in .chalice/config.json; "
            "for the local cloud, `make run` sets it."
        )
    return value


def is_local() -> bool:
    """Return whether this is the stage of the local cloud."""
    return required("STAGE") == "local"


def cognito_url(region: str) -> str:
    """Return the endpoint of Cognito in a region, unless boto3's variables set another one."""
    return (
        os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://cognito-idp.{region}.amazonaws.com"
    )
