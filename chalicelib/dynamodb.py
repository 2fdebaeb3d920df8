"""The DynamoDB client: its timeouts, its retries, and what its failures mean.

The client is the one that boto3 would make, made by botocore, on which boto3 is built. Importing
boto3 itself would also load what copies files to S3. docs/architecture.md says what each setting
saves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, unknown host or timed out
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

from chalicelib import settings
from chalicelib.errors import ServiceUnavailableError, TooManyRequestsError
from chalicelib.middleware import logger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ORDERS_TABLE = settings.required("ORDERS_TABLE")
SHOPS_TABLE = settings.required("SHOPS_TABLE")

# In the worst case there are three attempts of 1 s to connect and 1 s to read, with pauses of at
# most 1 s and 2 s between them. That is 9 s. An order that reads its shop's menu first makes two
# requests: 18 s, still below the function's limit of 20 s and API Gateway's of 29 s.
_SETTINGS = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # mypy checks every request, and DynamoDB checks it again
    user_agent="coffee-orders",  # the SDK builds its own text twice for each request
)


class _Data(Loader):
    """botocore's data: first the small part in chalicelib/sdk, then what is installed."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services with data of this type, without reading 400 folders.

        DynamoDB's endpoint rules are left out, because botocore would evaluate them for each
        request. Without them it takes the address from endpoints.json, once.
        """
        return ["dynamodb"] if type_name == "service-2" else []


def _make_client() -> "DynamoDBClient":
    try:
        return _client(_Data([str(Path(__file__).with_name("sdk"))]))
    except Exception:  # if Lambda's botocore rejects the trimmed data, use its own
        logger.warning(
            "botocore cannot use chalicelib/sdk; cold starts will be slow", exc_info=True
        )
        return _client(Loader())


def _client(data: Loader) -> "DynamoDBClient":
    session = botocore.session.get_session()
    session.register_component("data_loader", data)
    return cast("DynamoDBClient", session.create_client("dynamodb", config=_SETTINGS))


client = _make_client()  # while the module loads: Lambda's init phase runs at full CPU

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLING = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_UNREACHABLE = (
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseParserError,
    ResponseStreamingError,
)


def stored_item(error: ClientError) -> dict[str, Any]:
    """Return the item for which a write's condition failed, {} if there is none."""
    # DynamoDB sends the item with this error; botocore's types do not declare it.
    response: dict[str, Any] = {**error.response}
    item: dict[str, Any] = response.get("Item", {})
    return item


@contextmanager
def failures() -> Iterator[None]:
    """Translate the SDK's exceptions into errors for the client.

    Raises TooManyRequestsError if DynamoDB throttles, and ServiceUnavailableError if it cannot be
    reached. A fault of our own (a missing table or permission) is raised unchanged, because a
    retry does not help: Chalice logs it and answers 500.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLING:
            raise TooManyRequestsError("The shop is very busy; try again soon") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
            raise ServiceUnavailableError("The shop cannot be reached; try again soon") from error
        raise
    except _UNREACHABLE as error:
        raise ServiceUnavailableError("The shop cannot be reached; try again soon") from error
