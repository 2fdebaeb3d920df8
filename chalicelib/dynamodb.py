"""The DynamoDB client: its timeouts, its retries, its requests, and what its failures mean.

Every request may raise TooManyRequestsError or ServiceUnavailableError.

The client is the one that boto3 would make, made by botocore, on which boto3 is built. Importing
boto3 itself would also load what copies files to S3. docs/architecture.md says what each setting
saves.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack, cast

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, unknown host or timed out
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
    SSLError,
)
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

from chalicelib import settings
from chalicelib.errors import ServiceUnavailableError, TooManyRequestsError
from chalicelib.middleware import logger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

ORDERS_TABLE = settings.required("ORDERS_TABLE")
SHOPS_TABLE = settings.required("SHOPS_TABLE")

# In the worst case there are three attempts of 1 s to connect and 1 s to read, with pauses of at
# most 1 s and 2 s between them: 9 s. From botocore 1.44 on, an overloaded DynamoDB can ask for
# pauses that are up to 5 s longer: 19 s. An order that reads its shop's menu first gives up if that
# takes 5 s (see shops_table.py). Together that is 24 s, below the function's limit of 25 s and API
# Gateway's of 29 s.
_SETTINGS = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # DynamoDB checks every request itself
    user_agent="coffee-orders",  # the SDK builds its own text twice for each request
)

_DATA = Path(__file__).with_name("sdk")

_OPERATIONS = ("get_item", "put_item", "query", "update_item")

# A read and a write with every kind of attribute, and the member of the answer that has the item.
_PROBE_ITEM = {"text": {"S": "a"}, "map": {"M": {"number": {"N": "1"}}}}
_PROBES = {"get_item": ("Key", "Item"), "put_item": ("Item", "Attributes")}
_PROBE_ANSWER = json.dumps({"Item": _PROBE_ITEM, "Attributes": _PROBE_ITEM}).encode()


class _TrimmedData(Loader):
    """botocore's data: first the small part in chalicelib/sdk, then what is installed."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services with data of this type, without reading 400 folders.

        DynamoDB's endpoint rules are left out, because botocore would evaluate them for each
        request. Without them it takes the address from endpoints.json, once.
        """
        return ["dynamodb"] if type_name == "service-2" else []


class _AllRoots:
    """Repeats a request with all of botocore's root certificates if Amazon's own do not suffice.

    Loading Amazon's five roots takes a thirtieth of the time that botocore's 130 take. Should
    DynamoDB one day present a certificate of another root, its requests still succeed.
    """

    _EVENT = "creating-client-class.dynamodb"

    def __init__(self, session: botocore.session.Session) -> None:
        self._session = session
        self._client: Any = None  # made when it is needed first, then used for everything
        session.register(self._EVENT, self._wrap_operations)

    def _wrap_operations(self, **event: Any) -> None:
        class_attributes: dict[str, Any] = event["class_attributes"]
        for name in _OPERATIONS:
            class_attributes[name] = self._with_fallback(name, class_attributes[name])

    def _with_fallback(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def send(client: "DynamoDBClient", **request: Any) -> Any:
            if self._client is None:
                try:
                    return method(client, **request)
                except SSLError:  # nothing was sent yet
                    logger.warning(
                        "TLS to DynamoDB fails with Amazon's root certificates in chalicelib/sdk;"
                        " all of botocore's are used from now on",
                        exc_info=True,
                    )
                    self._session.unregister(self._EVENT, self._wrap_operations)
                    self._client = self._session.create_client("dynamodb", config=_SETTINGS)
            return getattr(self._client, name)(**request)

        return send


def _make_client() -> "DynamoDBClient":
    try:
        trimmed = _make_trimmed_client()
        _probe(trimmed)
    except Exception:  # if Lambda's botocore rejects the trimmed data, use its own
        logger.warning(
            "botocore cannot use chalicelib/sdk; cold starts will be slow", exc_info=True
        )
        session = botocore.session.get_session()
        return cast("DynamoDBClient", session.create_client("dynamodb", config=_SETTINGS))
    return trimmed


def _make_trimmed_client() -> "DynamoDBClient":
    session = botocore.session.Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:  # most of them are for other services
        service = event.partition(".")[2]
        if not service or service.startswith("dynamodb"):
            session.register(event, handler)
    session.register_component("data_loader", _TrimmedData([str(_DATA)]))
    roots = None
    if session.get_config_variable("ca_bundle") is None:  # nobody asks for other roots
        _AllRoots(session)
        roots = str(_DATA / "amazon_roots.pem")
    client = session.create_client("dynamodb", config=_SETTINGS, verify=roots)
    return cast("DynamoDBClient", client)


def _probe(client: "DynamoDBClient") -> None:
    """Send a read and a write, which are answered here: no request leaves this machine.

    botocore reads some of its data only with the first request. Raises whatever it raises, and
    ValueError for an answer that it cannot read. On Lambda the credentials for the signature are
    in the environment. Elsewhere, looking for them could take a request, so nothing is probed.
    """
    if "AWS_ACCESS_KEY_ID" not in os.environ:
        return

    def answer(request: AWSPreparedRequest, **_: Any) -> Any:
        body = SimpleNamespace(stream=lambda: iter([_PROBE_ANSWER]))
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    client.meta.events.register("before-send.dynamodb", answer)
    try:
        for name, (parameter, member) in _PROBES.items():
            request: dict[str, Any] = {"TableName": ORDERS_TABLE, parameter: _PROBE_ITEM}
            item = getattr(client, name)(**request).get(member)
            if item != _PROBE_ITEM:
                raise ValueError(f"{name}: {item}")
    finally:
        client.meta.events.unregister("before-send.dynamodb", answer)


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


class Expressions(TypedDict, total=False):
    """The expressions of a write, by the names of DynamoDB's API."""

    ConditionExpression: Required[str]
    UpdateExpression: str
    ExpressionAttributeNames: dict[str, str]
    ExpressionAttributeValues: Item


def get_item(table: str, key: Item) -> Item:
    """Return an item, strongly consistent; {} if there is none."""
    with failures():
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})


def put_item(table: str, item: Item, **expressions: Unpack[Expressions]) -> tuple[bool, Item]:
    """Store an item if the condition holds.

    Return whether it holds, and the item that was there before, {} if there was none.
    """
    return _write(client.put_item, "ALL_OLD", TableName=table, Item=item, **expressions)


def update_item(table: str, key: Item, **expressions: Unpack[Expressions]) -> tuple[bool, Item]:
    """Update an item if the condition holds.

    Return whether it holds, and the item: with the update if so, otherwise as it is stored, {} if
    there is none.
    """
    return _write(client.update_item, "ALL_NEW", TableName=table, Key=key, **expressions)


def _write(send: Callable[..., Any], values: str, **request: Any) -> tuple[bool, Item]:
    request |= {"ReturnValues": values, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with failures():
        try:
            return True, send(**request).get("Attributes", {})
        except client.exceptions.ConditionalCheckFailedException as error:
            # DynamoDB sends the item with this error; botocore's types do not declare it.
            response: Item = {**error.response}
            return False, response.get("Item", {})


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
