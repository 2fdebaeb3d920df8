"""What the SDK has to know of DynamoDB, cut down to what the service asks of it.

botocore reads its data when a client is made: 1.2 MB of endpoints of every service, and each of
DynamoDB's 58 operations. Of that the service needs four operations and one service's endpoints,
so it ships those, and botocore finds them first: docs/architecture.md says what that saves.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from deploy.project import PROJECT

FOLDER = PROJECT / "chalicelib/sdk"
_MODEL = "dynamodb/2012-08-10/service-2"
_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")
# What the attributes of an item are: text, numbers, and a map. botocore asks each attribute that
# it reads whether it is any of the ten kinds that there are.
_KINDS = ("S", "N", "M")


def write() -> Path:
    """Write chalicelib/sdk anew, from the botocore that is installed; return where it is."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in data().items():
        file = FOLDER / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    return FOLDER


def data() -> dict[str, Any]:
    """Return what ships, by the names that botocore asks for."""
    own = Loader()
    return {
        "endpoints": _endpoints(own.load_data("endpoints")),
        _MODEL: _model(own.load_data(_MODEL)),
    }


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
