"""Generates chalicelib/openapi.json: openapi.yaml with the schemas of the service's types.

The YAML document has the operations, texts and examples. What the service checks comes from its
types, so that each rule stands once.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from chalicelib import messages, orders, shops
from chalicelib.orders import Price, Quantity
from tools.project import PROJECT

_REF = "#/components/schemas/{name}"
# Each becomes a schema of its own, to which the others refer.
_NAMED = {name: getattr(orders, name) for name in ("Id", "Name", "OrderNote", "Outcome", "Status")}
_NAMED |= {name: getattr(shops, name) for name in ("Currency", "Note")}
# Requests may have these as JSON numbers, too. There is no multipleOf for the four decimals of a
# price, because validators compute it in binary floats.
_NUMBERS: tuple[tuple[Any, str], ...] = ((Price, "number"), (Quantity, "integer"))


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    text = Path(__file__).with_suffix(".yaml").read_text("utf-8")
    template: dict[str, Any] = yaml.safe_load(text)
    bodies = sorted(set(re.findall(r"/schemas/(\w+(?:Request|Changes|Response))\b", text)))
    components = template["components"]
    components["schemas"] = _merged(_schemas(bodies), components["schemas"])
    return template


def _schemas(bodies: list[str]) -> dict[str, Any]:
    """Return the schemas of these bodies, and of the types in them, without texts."""
    schemas = {name: msgspec.json.schema(type_) for name, type_ in _NAMED.items()}
    names = {json.dumps(schema): name for name, schema in schemas.items()}

    def refer(type_: Any) -> dict[str, str]:
        """Refer to a type that is parsed from a text, by its rule."""
        schemas[type_.__name__] = {"type": "string", "pattern": f"^({type_.rule.pattern})$"}
        return {"$ref": _REF.format(name=type_.__name__)}

    def tidy(node: dict[str, Any]) -> dict[str, Any]:
        """Refer to a named type, and omit the names and docstrings of structs."""
        for form in (node, {"type": "string", **node}):  # msgspec gives the keys of a map no type
            if name := names.get(json.dumps(form)):
                return {"$ref": _REF.format(name=name)}
        return {key: value for key, value in node.items() if key not in {"title", "description"}}

    _, structs = msgspec.json.schema_components(
        [getattr(messages, body) for body in bodies], schema_hook=refer, ref_template=_REF
    )
    for type_, kind in _NUMBERS:
        limits = {"minimum": type_.minimum, "maximum": type_.maximum}
        number = {**schemas[type_.__name__], "type": ["string", kind], **limits}
        schemas[f"Requested{type_.__name__}"] = number
    return {**json.loads(json.dumps(structs), object_hook=tidy), **schemas}


def _merged(generated: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return both trees as one. Where both have a value, the hand-written text counts."""
    result = {**generated}
    for name, text in texts.items():
        both_are_trees = isinstance(text, Mapping) and isinstance(generated.get(name), Mapping)
        result[name] = _merged(generated[name], text) if both_are_trees else text
    return result


def main() -> None:
    """Write the document to the service's file."""
    text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    (PROJECT / "chalicelib/openapi.json").write_text(text)


if __name__ == "__main__":
    main()
