"""The DynamoDB client: how long it waits, how often it tries, and what its failures mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, or no such host, or timed out
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from chalicelib import settings
from chalicelib.errors import ServiceUnavailableError, TooManyRequestsError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE = settings.required("ORDERS_TABLE")

# Made once, while the module loads: Lambda's init phase runs at full CPU. The worst case is
# three attempts of 1 s to connect and 1 s to read, with pauses of at most 1 s and 2 s between
# them: 9 s, well inside API Gateway's 29 s.
client: "DynamoDBClient" = boto3.client(
    "dynamodb",
    config=Config(
        connect_timeout=1,
        read_timeout=1,
        retries={"mode": "standard", "total_max_attempts": 3},
    ),
)

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


@contextmanager
def failures() -> Iterator[None]:
    """Tell apart a table that is busy, one that can't be reached, and our own mistakes.

    Raises TooManyRequestsError or ServiceUnavailableError. A mistake (a missing table, a
    missing permission) is not the client's to retry: it goes on as it is, and Chalice logs it
    and answers 500.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLING:
            raise TooManyRequestsError("The shop is very busy; try again soon") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
            raise ServiceUnavailableError("Orders can't be reached; try again soon") from error
        raise
    except _UNREACHABLE as error:
        raise ServiceUnavailableError("Orders can't be reached; try again soon") from error
