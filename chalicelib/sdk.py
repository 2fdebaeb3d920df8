"""How the client of DynamoDB starts fast: with trimmed data of the SDK, and five root certificates.

The folder `sdk` beside this file has the data; `make sdk` writes it. docs/architecture.md says what
this saves. If the installed botocore rejects the data, the client uses botocore's own.
"""

import json
import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.exceptions import SSLError
from botocore.handlers import BUILTIN_HANDLERS
from botocore.loaders import Loader

from chalicelib.log import logger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_FOLDER = Path(__file__).with_name("sdk")

_OPERATIONS = ("get_item", "put_item", "query", "update_item")

# A read and a write with every kind of attribute, and the field of the response with the item.
_PROBE_ITEM: dict[str, Any] = {
    "map": {"M": {"text": {"S": "a"}, "number": {"N": "1"}, "none": {"NULL": True}}},
    "list": {"L": [{"BOOL": False}, {"B": b"a"}]},
    "sets": {"L": [{"SS": ["a"]}, {"NS": ["1"]}, {"BS": [b"a"]}]},
}
_PROBES = {"get_item": ("Key", "Item"), "put_item": ("Item", "Attributes")}
_PROBE_RESPONSE = json.dumps(
    {"Item": _PROBE_ITEM, "Attributes": _PROBE_ITEM}, default=lambda raw: b64encode(raw).decode()
).encode()


class _TrimmedLoader(Loader):
    """Loads botocore's data from chalicelib/sdk first, then from the installed botocore."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services with data of this type, without reading 400 folders.

        DynamoDB's endpoint rules are left out, because botocore would evaluate them for each
        request. Without them it reads the address from endpoints.json, once.
        """
        return ["dynamodb"] if type_name == "service-2" else []


class _RootFallback:
    """Repeats a request with all of botocore's root certificates if Amazon's own do not suffice."""

    _EVENT = "creating-client-class.dynamodb"

    def __init__(self, session: botocore.session.Session, config: Config) -> None:
        self._session = session
        self._config = config
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
                    self._client = self._session.create_client("dynamodb", config=self._config)
            return getattr(self._client, name)(**request)

        return send


def make_client(config: Config) -> "DynamoDBClient":
    """Return a client of DynamoDB, with the trimmed data if the installed botocore accepts it."""
    try:
        trimmed_client = _make_trimmed_client(config)
        _probe(trimmed_client)
    except Exception:  # if Lambda's botocore rejects the trimmed data, use its own
        logger.warning(
            "botocore cannot use chalicelib/sdk; cold starts will be slow", exc_info=True
        )
        session = botocore.session.get_session()
        return cast("DynamoDBClient", session.create_client("dynamodb", config=config))
    return trimmed_client


def _make_trimmed_client(config: Config) -> "DynamoDBClient":
    session = botocore.session.Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:  # most of them are for other services
        service = event.partition(".")[2]
        if not service or service.startswith("dynamodb"):
            session.register(event, handler)
    session.register_component("data_loader", _TrimmedLoader([str(_FOLDER)]))
    ca_bundle = None
    if session.get_config_variable("ca_bundle") is None:
        _RootFallback(session, config)
        ca_bundle = str(_FOLDER / "amazon_roots.pem")
    client = session.create_client("dynamodb", config=config, verify=ca_bundle)
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
            request: dict[str, Any] = {"TableName": "probe", parameter: _PROBE_ITEM}
            item = getattr(client, name)(**request).get(field)
            if item != _PROBE_ITEM:
                raise ValueError(f"{name}: {item}")
    finally:
        client.meta.events.unregister("before-send.dynamodb", respond)
