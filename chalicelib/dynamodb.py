"""The DynamoDB client: its timeouts, retries, requests and errors.

Every request may raise TooManyRequestsError or ServiceUnavailableError.

botocore makes the client, as boto3 does. Importing boto3 would also load the file transfers of S3.
docs/architecture.md says what each setting saves.
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
from chalice import TooManyRequestsError

from chalicelib import settings
from chalicelib.errors import ServiceUnavailableError
from chalicelib.middleware import logger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

ORDERS_TABLE = settings.required("ORDERS_TABLE")
SHOPS_TABLE = settings.required("SHOPS_TABLE")

# The worst case is three attempts of 1 s to connect and 1 s to read, with pauses of at most 1 s
# and 2 s between them: 9 s. From botocore 1.44 on, an overloaded DynamoDB can ask for pauses that
# are up to 5 s longer: 19 s. An order that reads its shop's menu first fails if that takes 5 s (see
# shops_table.py). The total is 24 s. The function's timeout is 25 s and API Gateway's 29 s.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # DynamoDB checks every request itself
    user_agent="coffee-orders",  # the SDK builds its own text twice for each request
)

_SDK_DATA = Path(__file__).with_name("sdk")

_OPERATIONS = ("get_item", "put_item", "query", "update_item")

# A read and a write with every kind of attribute, and the field of the response with the item.
_PROBE_ITEM = {"text": {"S": "a"}, "map": {"M": {"number": {"N": "1"}}}}
_PROBES = {"get_item": ("Key", "Item"), "put_item": ("Item", "Attributes")}
_PROBE_RESPONSE = json.dumps({"Item": _PROBE_ITEM, "Attributes": _PROBE_ITEM}).encode()


class _TrimmedLoader(Loader):
    """Loads botocore's data from chalicelib/sdk first, then from the installed botocore."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services with data of this type, without reading 400 folders.

        DynamoDB's endpoint rules are left out, because botocore would evaluate them for each
        request. Without them it reads the address from endpoints.json, once.
        """
        return ["dynamodb"] if type_name == "service-2" else []


class _RootFallback:
    """Repeats a request with all of botocore's root certificates if Amazon's own do not suffice.

    Loading Amazon's five roots takes a thirtieth of the time that botocore's 130 take. If
    DynamoDB presents a certificate of another root, its requests still succeed.
    """

    _EVENT = "creating-client-class.dynamodb"

    def __init__(self, session: botocore.session.Session) -> None:
        self._session = session
        self._client: Any = None  # created by the first failure, then used for all requests
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
                except SSLError as error:
                    if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                        raise  # after the handshake, when the request may have been executed
                    logger.warning(
                        "TLS to DynamoDB fails with Amazon's root certificates in chalicelib/sdk;"
                        " all of botocore's are used from now on",
                        exc_info=True,
                    )
                    self._session.unregister(self._EVENT, self._wrap_operations)
                    self._client = self._session.create_client("dynamodb", config=_CONFIG)
            return getattr(self._client, name)(**request)

        return send


def _make_client() -> "DynamoDBClient":
    try:
        trimmed_client = _make_trimmed_client()
        _probe(trimmed_client)
    except Exception:  # if Lambda's botocore rejects the trimmed data, use its own
        logger.warning(
            "botocore cannot use chalicelib/sdk; cold starts will be slow", exc_info=True
        )
        session = botocore.session.get_session()
        return cast("DynamoDBClient", session.create_client("dynamodb", config=_CONFIG))
    return trimmed_client


def _make_trimmed_client() -> "DynamoDBClient":
    session = botocore.session.Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:  # most of them are for other services
        service = event.partition(".")[2]
        if not service or service.startswith("dynamodb"):
            session.register(event, handler)
    session.register_component("data_loader", _TrimmedLoader([str(_SDK_DATA)]))
    ca_bundle = None
    if session.get_config_variable("ca_bundle") is None:
        _RootFallback(session)
        ca_bundle = str(_SDK_DATA / "amazon_roots.pem")
    client = session.create_client("dynamodb", config=_CONFIG, verify=ca_bundle)
    return cast("DynamoDBClient", client)


def _probe(client: "DynamoDBClient") -> None:
    """Send a read and a write to a stub: no request leaves this machine.

    botocore reads some of its data only with the first request. Raises any exception of botocore,
    and ValueError for a response that it parses wrongly. On Lambda the credentials for the
    signature are in the environment. Elsewhere, finding them could take a request, so there is no
    probe.
    """
    if "AWS_ACCESS_KEY_ID" not in os.environ:
        return

    def respond(request: AWSPreparedRequest, **_: Any) -> Any:
        body = SimpleNamespace(stream=lambda: iter([_PROBE_RESPONSE]))
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    client.meta.events.register("before-send.dynamodb", respond)
    try:
        for name, (parameter, field) in _PROBES.items():
            request: dict[str, Any] = {"TableName": ORDERS_TABLE, parameter: _PROBE_ITEM}
            item = getattr(client, name)(**request).get(field)
            if item != _PROBE_ITEM:
                raise ValueError(f"{name}: {item}")
    finally:
        client.meta.events.unregister("before-send.dynamodb", respond)


client = _make_client()  # at import, because Lambda's init phase runs at full CPU

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLING_CODES = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_CONNECTION_ERRORS = (
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
    with translated_errors():
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})


def put_item(table: str, item: Item, **expressions: Unpack[Expressions]) -> tuple[bool, Item]:
    """Store an item if the condition holds.

    Return whether it holds, and the previous item, {} if there was none.
    """
    return _write(client.put_item, "ALL_OLD", TableName=table, Item=item, **expressions)


def update_item(table: str, key: Item, **expressions: Unpack[Expressions]) -> tuple[bool, Item]:
    """Update an item if the condition holds.

    Return whether it holds, and the item as it is stored now, {} if there is none.
    """
    return _write(client.update_item, "ALL_NEW", TableName=table, Key=key, **expressions)


def _write(method: Callable[..., Any], return_values: str, **request: Any) -> tuple[bool, Item]:
    request |= {"ReturnValues": return_values, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with translated_errors():
        try:
            return True, method(**request).get("Attributes", {})
        except client.exceptions.ConditionalCheckFailedException as error:
            # DynamoDB sends the item with this error; botocore's types do not declare it.
            response: Item = {**error.response}
            return False, response.get("Item", {})


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate the SDK's exceptions into errors for the client.

    Raises TooManyRequestsError if DynamoDB throttles, and ServiceUnavailableError if it cannot be
    reached. For a missing table or permission a retry does not help, so that error is raised
    unchanged: Chalice logs it and responds with 500.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLING_CODES:
            raise TooManyRequestsError("There are too many requests; try again soon") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
            raise ServiceUnavailableError(
                "Orders and menus are not available; try again soon"
            ) from error
        raise
    except _CONNECTION_ERRORS as error:
        raise ServiceUnavailableError(
            "Orders and menus are not available; try again soon"
        ) from error
