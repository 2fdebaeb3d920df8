"""The DynamoDB client: how long it waits, how often it tries, and what its failures mean.

It is boto3's own client, made by botocore, which boto3 is built on: boto3 would load what copies
files to S3 as well. docs/architecture.md says what each setting saves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, or no such host, or timed out
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

from chalicelib import settings, telemetry
from chalicelib.errors import ServiceUnavailableError, TooManyRequestsError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE = settings.required("ORDERS_TABLE")

# The worst case is three attempts of 1 s to connect and 1 s to read, with pauses of at most 1 s
# and 2 s between them: 9 s, well inside API Gateway's 29 s.
_SETTINGS = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # mypy has seen every request, and DynamoDB looks at each again
    user_agent="coffee-orders",  # the SDK's own text is put together anew for each request, twice
)


class _Data(Loader):
    """botocore's data: this service's few pages of it first, all the rest as it is installed."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return what there is of a type, without a look into 400 folders.

        DynamoDB's endpoint rules are left out: botocore would work through them at each request.
        Without them the address is the one in endpoints.json, once and for all.
        """
        return ["dynamodb"] if type_name == "service-2" else []


def _make_client() -> "DynamoDBClient":
    try:
        return _client(_Data([str(Path(__file__).with_name("sdk"))]))
    except Exception:  # Lambda's SDK moves on by itself: one that this does not suit works as it is
        telemetry.logger.warning(
            "The SDK can't use chalicelib/sdk; starts will be slow", exc_info=True
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
