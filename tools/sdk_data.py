"""Generates chalicelib/sdk: the part of botocore's data that the service uses.

botocore reads its data when it creates a client: 1.2 MB of endpoints, and 58 operations of
DynamoDB. The service has a copy with the endpoints of one service and four operations, which
botocore finds first. docs/architecture.md has the savings.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from tools.project import PROJECT

FOLDER = PROJECT / "chalicelib/sdk"
_MODEL = "dynamodb/2012-08-10/service-2"
_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")


def write() -> Path:
    """Write chalicelib/sdk from the data of the installed botocore; return the folder."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in files().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return FOLDER


def files() -> dict[str, str]:
    """Return the content of each file in chalicelib/sdk by its path."""
    loader = Loader()
    return {
        "endpoints.json": _json(_dynamodb_endpoints(loader.load_data("endpoints"))),
        f"{_MODEL}.json": _json(_model(loader.load_data(_MODEL))),
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":")) + "\n"


def _dynamodb_endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    partitions = [
        {**partition, "services": {"dynamodb": partition["services"]["dynamodb"]}}
        for partition in endpoints["partitions"]
        if "dynamodb" in partition["services"]
    ]
    return {**endpoints, "partitions": partitions}


def _model(model: dict[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's model with the used operations and without documentation."""
    operations = {name: model["operations"][name] for name in _OPERATIONS}
    shapes = model["shapes"]
    start_names = [
        reference["shape"]
        for operation in operations.values()
        for reference in (operation["input"], operation["output"], *operation["errors"])
    ]
    used_names = _reachable_shapes(start_names, shapes)
    used_shapes = {name: shape for name, shape in shapes.items() if name in used_names}
    return _without_documentation({**model, "operations": operations, "shapes": used_shapes})


def _reachable_shapes(start_names: Iterable[str], shapes: dict[str, Any]) -> set[str]:
    names: set[str] = set()
    queue = list(start_names)
    while queue:
        name = queue.pop()
        if name not in names:
            names.add(name)
            shape = shapes[name]
            references = [shape[key] for key in ("member", "key", "value") if key in shape]
            references += shape.get("members", {}).values()
            queue += [reference["shape"] for reference in references]
    return names


def _without_documentation(model: dict[str, Any]) -> dict[str, Any]:
    def remove(node: dict[str, Any]) -> dict[str, Any]:
        if isinstance(node.get("documentation"), str):
            del node["documentation"]
        return node

    result: dict[str, Any] = json.loads(json.dumps(model), object_hook=remove)
    return result
