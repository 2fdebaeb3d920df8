"""Readable JSON: a tree in a notebook, indented text elsewhere.

The tree can be folded and searched. It loads nothing from the network, and every value is escaped.
"""

import json
import uuid
from html import escape
from typing import Any

from rich.highlighter import JSONHighlighter
from rich.text import Text

from coffee_client.text import dump_json, printable

_OPEN_LEVELS = 2

# The colours are those of the code in JupyterLab's theme; elsewhere all text has one colour.
_STYLE = """
#ID {font: 12px/1.5 monospace; max-height: 600px; overflow: auto}
#ID details > div {margin-left: 1.5em}
#ID summary {cursor: pointer}
#ID .key {font-weight: bold}
#ID .string {color: var(--jp-mirror-editor-string-color, inherit)}
#ID .number {color: var(--jp-mirror-editor-number-color, inherit)}
#ID .other {color: var(--jp-mirror-editor-keyword-color, inherit)}
"""

# Shows and opens the nodes that contain the text. An empty search restores the tree.
_SCRIPT = """
(() => {
  const tree = document.getElementById("ID");
  const nodes = [...tree.querySelectorAll("[data-node]")];
  const initiallyOpen = nodes.map((node) => node.open);
  tree.querySelector("input").addEventListener("input", (event) => {
    const query = event.target.value.toLowerCase();
    nodes.forEach((node, index) => {
      const matches = node.textContent.toLowerCase().includes(query);
      node.hidden = !matches;
      if (node.tagName === "DETAILS") node.open = query ? matches : initiallyOpen[index];
    });
  });
})();
"""


class JSONTree:
    """Shows JSON as a tree if it is the last line of a notebook's cell.

    `content` is JSON text, or dicts, lists and scalars. Raises ValueError if a text is not JSON.
    In a terminal, `rich.print(JSONTree(...))` prints it indented and in colour.
    """

    def __init__(self, content: Any) -> None:
        self._content = json.loads(content) if isinstance(content, str | bytes) else content

    def __repr__(self) -> str:
        """Return indented JSON."""
        return dump_json(self._content, indent=2)

    def __rich__(self) -> Text:
        """Return indented JSON in colour, for rich."""
        return JSONHighlighter()(repr(self))

    def _repr_html_(self) -> str:
        """Return the tree as HTML, for notebooks."""
        id_ = f"json-{uuid.uuid4().hex}"
        search = '<input type="search" placeholder="Search" aria-label="Search this JSON">'
        return (
            f'<div id="{id_}"><style>{_STYLE.replace("ID", id_)}</style>{search}'
            f"{_node(None, self._content, 0)}<script>{_SCRIPT.replace('ID', id_)}</script></div>"
        )


def _node(key: object, value: Any, depth: int) -> str:
    label = "" if key is None else f'<span class="key">{escape(printable(str(key)))}</span>: '
    if not isinstance(value, dict | list | tuple):
        kind = "string" if isinstance(value, str) else "other"
        if isinstance(value, int | float) and not isinstance(value, bool):
            kind = "number"
        text = escape(dump_json(value))
        return f'<div data-node>{label}<span class="{kind}">{text}</span></div>'
    start, end = "{}" if isinstance(value, dict) else "[]"
    if not value:
        return f"<div data-node>{label}{start}{end}</div>"
    children = value.items() if isinstance(value, dict) else enumerate(value)
    nodes = "".join(_node(key, child, depth + 1) for key, child in children)
    is_open = " open" if depth < _OPEN_LEVELS else ""
    summary = f"<summary>{label}{start}{len(value)}{end}</summary>"
    return f"<details data-node{is_open}>{summary}<div>{nodes}</div></details>"
