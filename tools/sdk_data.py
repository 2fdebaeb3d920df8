"""Generates chalicelib/sdk: the part of botocore's data that the service uses.

botocore reads its data when it creates a client: 1.2 MB of endpoints, and 58 operations of
DynamoDB. The service has a copy with the endpoints of one service and four operations, which
botocore finds first. docs/architecture.md has the savings.
"""

import json
import re
from typing import Any

from botocore.loaders import Loader

from tools.project import PROJECT

FOLDER = PROJECT / "chalicelib/sdk"
_MODEL = "dynamodb/2012-08-10/service-2"
_OPERATIONS = ("GetItem", "PutItem", "Query", "UpdateItem")


def files() -> dict[str, str]:
    """Return the content of each file in chalicelib/sdk by its path."""
    loader = Loader()
    endpoints, model = loader.load_data("endpoints"), loader.load_data(_MODEL)
    for partition in endpoints["partitions"]:
        partition["services"] = {"dynamodb": partition["services"].get("dynamodb", {})}
    contents = {"endpoints": endpoints, _MODEL: _trimmed(model)}
    return {
        f"{name}.json": json.dumps(content, separators=(",", ":")) + "\n"
        for name, content in contents.items()
    }


def _trimmed(model: dict[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's model with the used operations and their shapes, without documentation."""
    operations = {name: model["operations"][name] for name in _OPERATIONS}
    used_names: set[str] = set()
    queue: list[Any] = [operations]
    while queue:
        names = set(re.findall(r'"shape": "(\w+)"', json.dumps(queue.pop()))) - used_names
        used_names |= names
        queue += [model["shapes"][name] for name in names]
    shapes = {name: shape for name, shape in model["shapes"].items() if name in used_names}
    result: dict[str, Any] = json.loads(
        json.dumps({**model, "operations": operations, "shapes": shapes}),
        object_hook=lambda node: {key: node[key] for key in node if key != "documentation"},
    )
    return result


def main() -> None:
    """Write chalicelib/sdk from the data of the installed botocore."""
    for name, content in files().items():
        (FOLDER / name).write_text(content)


if __name__ == "__main__":
    main()
