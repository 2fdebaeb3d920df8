"""Generates chalicelib/openapi.json: openapi.yaml with the schemas of the service's types.

The YAML document has the operations, texts and examples. What the service checks comes from its
types, so that each rule stands once.
"""

import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from chalicelib import messages, page, shops
from chalicelib.orders import Id, Name, OrderDate, OrderNote, Outcome, Price, Quantity, Status
from tools.project import PROJECT

_REQUESTS = (
    messages.PlaceOrderRequest,
    messages.StatusUpdateRequest,
    messages.PushRequest,
    messages.PublishShopRequest,
    messages.UpdateShopRequest,
)
_RESPONSES = (messages.OrderResponse, messages.OrderListResponse, messages.ShopResponse)
# Each becomes a schema of its own, to which the others refer.
_NAMED = {
    "Currency": shops.Currency,
    "Id": Id,
    "Name": Name,
    "Note": shops.Note,
    "OrderNote": OrderNote,
    "Status": Status,
    "Outcome": Outcome,
}
_PARSED: tuple[Any, ...] = (Price, Quantity, OrderDate, messages.PushEndpoint)
# Requests may have these as JSON numbers, too. There is no multipleOf for the four decimals of a
# price, because validators compute it in binary floats.
_NUMBERS: dict[type, dict[str, Any]] = {
    type_: {"type": ["string", kind], "minimum": type_.minimum, "maximum": type_.maximum}
    for type_, kind in ((Price, "number"), (Quantity, "integer"))
}

Schemas = dict[str, Any]


def write() -> Path:
    """Write the document to the service's file; return its path."""
    path = PROJECT / "chalicelib" / "openapi.json"
    path.write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n")
    return path


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    template = yaml.safe_load(Path(__file__).with_name("openapi.yaml").read_text("utf-8"))
    texts = template["components"]["schemas"]
    components = {"schemas": _merged(_schemas(), texts)}
    result: dict[str, Any] = {**template, "components": {**template["components"], **components}}
    return result


def _schemas() -> Schemas:
    """Return the schemas of all types that requests and responses consist of."""
    requests = _struct_schemas(_REQUESTS, number_prefix="Requested")
    responses = _struct_schemas(_RESPONSES)
    for name in requests.keys() & responses.keys():  # a size: its price differs
        requests = json.loads(json.dumps(requests).replace(f'/{name}"', f'/Requested{name}"'))
        requests[f"Requested{name}"] = requests.pop(name)
    numbers = {
        f"Requested{type_.__name__}": {**_text_schema(type_), **number}
        for type_, number in _NUMBERS.items()
    }
    named = {name: msgspec.json.schema(type_) for name, type_ in _NAMED.items()}
    parsed = {type_.__name__: _text_schema(type_) for type_ in _PARSED}
    file_names = {"FileName": {"type": "string", "enum": page.names()}}
    return {**requests, **responses, **named, **parsed, **numbers, **file_names}


def _struct_schemas(types: tuple[type, ...], number_prefix: str = "") -> Schemas:
    """Return the schemas of structs, which refer to those of named and parsed types."""

    def refer(type_: type) -> dict[str, str]:
        return _reference(f"{number_prefix if type_ in _NUMBERS else ''}{type_.__name__}")

    _, schemas = msgspec.json.schema_components(
        types, schema_hook=refer, ref_template=_reference("{name}")["$ref"]
    )
    inline = {json.dumps(msgspec.json.schema(type_)): name for name, type_ in _NAMED.items()}

    def tidy(node: dict[str, Any]) -> dict[str, Any]:
        """Refer to a named type, and describe a struct by the first paragraph of its docstring."""
        # msgspec gives the schema of a name no type.
        for form in (node, {"type": "string", **node}):
            if name := inline.get(json.dumps(form)):
                return _reference(name)
        if "description" in node:
            paragraph = inspect.cleandoc(node["description"]).partition("\n\n")[0]
            node["description"] = " ".join(paragraph.split())
        return {key: value for key, value in node.items() if key != "title"}

    result: Schemas = json.loads(json.dumps(schemas), object_hook=tidy)
    return result


def _text_schema(type_: Any) -> dict[str, Any]:
    """Return the schema of a type that is parsed from a text, from its rule."""
    description = str(inspect.getdoc(type_)).partition("\n")[0]
    return {"type": "string", "description": description, "pattern": f"^({type_.rule.pattern})$"}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _merged(generated: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return both trees as one. Where both have a value, the hand-written text counts."""
    result = {**generated}
    for name, text in texts.items():
        both_are_trees = isinstance(text, Mapping) and isinstance(generated.get(name), Mapping)
        result[name] = _merged(generated[name], text) if both_are_trees else text
    return result
