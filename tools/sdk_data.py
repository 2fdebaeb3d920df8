"""Generates chalicelib/sdk: the part of botocore's data that the service needs.

botocore reads its data when a client is made: 1.2 MB of endpoints of all services, and 58
operations of DynamoDB. The service needs one service's endpoints and four operations, and ships
those; botocore finds them first. docs/architecture.md says what that saves.
"""

import json
import shutil
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

from deploy.project import PROJECT

FOLDER = PROJECT / "chalicelib/sdk"
_MODEL = "dynamodb/2012-08-10/service-2"
_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")
# The kinds of attributes in an item: text, number and map. botocore tries each of the ten kinds
# in its data on every attribute that it reads.
_KINDS = ("S", "N", "M")
# What Amazon Trust Services recommends for custom trust stores: https://www.amazontrust.com/repository/
_ROOTS = (
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
)


def write() -> Path:
    """Replace chalicelib/sdk with the data of the installed botocore; return the folder."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in files().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return FOLDER


def files() -> dict[str, str]:
    """Return the content of each file, by its path in chalicelib/sdk."""
    loader = Loader()
    return {
        "endpoints.json": _json(_endpoints(loader.load_data("endpoints"))),
        f"{_MODEL}.json": _json(_model(loader.load_data(_MODEL))),
        "amazon_roots.pem": _amazon_roots(),
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":")) + "\n"


def _amazon_roots() -> str:
    """Return Amazon's root certificates, as botocore has them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(Path(botocore.__file__).with_name("cacert.pem"))
    roots: dict[str, str] = {}
    both_forms = zip(context.get_ca_certs(), context.get_ca_certs(binary_form=True), strict=True)
    for certificate, der in both_forms:
        subject: Any = certificate["subject"]
        for ((field, value),) in subject:
            if field == "commonName":
                roots[value] = ssl.DER_cert_to_PEM_cert(der)
    return "".join(f"# {name}\n{roots[name]}" for name in _ROOTS)


def _endpoints(everything: dict[str, Any]) -> dict[str, Any]:
    partitions = [
        {**partition, "services": {"dynamodb": partition["services"]["dynamodb"]}}
        for partition in everything["partitions"]
        if "dynamodb" in partition["services"]
    ]
    return {**everything, "partitions": partitions}


def _model(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the service's model with the operations that are used, and no documentation."""
    operations = {name: whole["operations"][name] for name in _OPERATIONS}
    shapes = dict(whole["shapes"])
    kinds = {name: shapes["AttributeValue"]["members"][name] for name in _KINDS}
    shapes["AttributeValue"] = {**shapes["AttributeValue"], "members": kinds}
    ends = [
        end["shape"]
        for operation in operations.values()
        for end in (operation["input"], operation["output"], *operation["errors"])
    ]
    needed = _reachable(ends, shapes)
    kept = {name: shape for name, shape in shapes.items() if name in needed}
    model: dict[str, Any] = _undocumented({**whole, "operations": operations, "shapes": kept})
    return model


def _reachable(names: Iterable[str], shapes: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            shape = shapes[name]
            inner = [shape[part] for part in ("member", "key", "value") if part in shape]
            todo += [each["shape"] for each in (*inner, *shape.get("members", {}).values())]
    return found


def _undocumented(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _undocumented(value)
            for name, value in part.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    if isinstance(part, list):
        return [_undocumented(each) for each in part]
    return part
