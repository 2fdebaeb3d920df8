"""How the client of DynamoDB starts fast: with trimmed data of the SDK.

The folder `sdk` beside this file has the data; `make sdk` writes it. docs/architecture.md says what
this saves. If the installed botocore rejects the data, the client uses botocore's own.
"""

import encodings.idna  # noqa: F401 - the first connection loads it
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HTTPHeaders
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS, add_retry_headers
from botocore.loaders import Loader

from chalicelib.log import logger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_FOLDER = Path(__file__).with_name("sdk")


class _TrimmedLoader(Loader):
    """Loads botocore's data from chalicelib/sdk first, then from the installed botocore."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services with data of this type, without reading 400 folders.

        DynamoDB's endpoint rules are left out, because botocore would evaluate them for each
        request. Without them it reads the address from endpoints.json, once.
        """
        return ["dynamodb"] if type_name == "service-2" else []


def make_client(config: Config) -> "DynamoDBClient":
    """Return a client of DynamoDB, with the trimmed data if the installed botocore accepts it."""
    try:
        client: DynamoDBClient = _make_trimmed_client(config)
        if "AWS_ACCESS_KEY_ID" in os.environ:  # as on Lambda; to look elsewhere may take a request
            _check(client)
    except Exception:  # Lambda's botocore changes on its own
        logger.warning("botocore cannot use chalicelib/sdk; cold starts are slow", exc_info=True)
        session = botocore.session.get_session()
        return cast("DynamoDBClient", session.create_client("dynamodb", config=config))
    return client


def _make_trimmed_client(config: Config) -> Any:
    session = botocore.session.Session(include_builtin_handlers=False)
    for event, handler, *_ in BUILTIN_HANDLERS:  # most of them are for other services
        service = event.partition(".")[2]
        only_informs = handler is add_retry_headers  # AWS counts them
        if not only_informs and (not service or service.startswith("dynamodb")):
            session.register(event, handler)
    session.register_component("data_loader", _TrimmedLoader([str(_FOLDER)]))
    # Amazon's own root certificates: to load botocore's 130 takes 14 ms of the first request.
    roots = None if os.environ.get("AWS_CA_BUNDLE") else str(_FOLDER.with_name("amazon_roots.pem"))
    return session.create_client("dynamodb", config=config, verify=roots)


def _check(client: "DynamoDBClient") -> None:
    """Read and write an item with a stub, as botocore reads some data only then."""
    item: dict[str, Any] = {"map": {"M": {"text": {"S": "a"}, "number": {"N": "1"}}}}
    response = json.dumps({"Item": item, "Attributes": item}).encode()

    def respond(request: AWSPreparedRequest, **_: Any) -> Any:
        body = SimpleNamespace(stream=lambda: [response])
        return AWSResponse(request.url, 200, HTTPHeaders(), body)

    client.meta.events.register("before-send.dynamodb", respond)
    read_item = client.get_item(TableName="check", Key=item).get("Item")
    stored_item = client.put_item(TableName="check", Item=item).get("Attributes")
    client.meta.events.unregister("before-send.dynamodb", respond)
    if read_item != item or stored_item != item:
        raise ValueError(f"the item was read as {read_item} and {stored_item}")
