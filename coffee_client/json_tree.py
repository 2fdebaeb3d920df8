"""Readable JSON: a tree in a notebook, indented text elsewhere.

The tree can be folded and searched, and loads nothing from the network: `<details>` folds, and
a short script searches. Every value is escaped: a coffee called `<script>` is shown as text.
"""

import json
import uuid
from html import escape
from typing import TYPE_CHECKING, Any

from coffee_client.text import json_text, plain

if TYPE_CHECKING:
    from rich.text import Text

_OPEN_TO = 2  # levels

_STYLE = """
#ID {font: 12px/1.5 monospace; max-height: 600px; overflow: auto}
#ID details > div {margin-left: 1.5em}
#ID summary {cursor: pointer}
#ID .key {font-weight: bold}
#ID .string {color: #0a7d33} #ID .number {color: #1750eb} #ID .other {color: #9e480e}
#ID .size {opacity: .65}
#ID mark {background: #ffe28a; color: #000}
@media (prefers-color-scheme: dark) {
  #ID .string {color: #7ec699} #ID .number {color: #8ab4f8} #ID .other {color: #f0a45d}
}
"""

# Shows and opens the nodes that contain the words. An empty search restores the tree.
_SCRIPT = """
(() => {
  const tree = document.getElementById("ID");
  const nodes = [...tree.querySelectorAll("[data-node]")];
  const opened = nodes.map((node) => node.open);
  tree.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase();
    nodes.forEach((node, at) => {
      const found = node.textContent.toLowerCase().includes(words);
      node.hidden = !found;
      if (node.tagName === "DETAILS") node.open = words ? found : opened[at];
    });
  });
})();
"""


class JSONTree:
    """Shows JSON: write `JSONTree({"order": {...}})` as a cell's last line.

    Takes Python's dicts, lists and scalars, or JSON text; raises ValueError if a text is not
    JSON. In a terminal, `rich.print(JSONTree(...))` prints it indented and in colour.
    """

    def __init__(self, content: Any) -> None:
        self._content = json.loads(content) if isinstance(content, str | bytes) else content

    def __repr__(self) -> str:
        """Return indented JSON without HTML and colour."""
        return json_text(self._content, indent=2)

    def __rich__(self) -> "Text":
        """Return indented JSON in colour, for rich."""
        from rich.highlighter import JSONHighlighter  # noqa: PLC0415 - only a terminal needs rich
        from rich.text import Text  # noqa: PLC0415

        text = Text(repr(self))
        JSONHighlighter().highlight(text)
        return text

    def _repr_html_(self) -> str:
        """Return the tree as HTML, for notebooks."""
        id_ = f"json-{uuid.uuid4().hex}"
        search = '<input type="search" placeholder="Search" aria-label="Search this JSON">'
        return (
            f'<div id="{id_}"><style>{_STYLE.replace("ID", id_)}</style>{search}'
            f"{_node(None, self._content, 0)}<script>{_SCRIPT.replace('ID', id_)}</script></div>"
        )


def _node(key: object, value: Any, depth: int) -> str:
    label = "" if key is None else f'<span class="key">{escape(plain(str(key)))}</span>: '
    if isinstance(value, dict):
        return _branch(label, list(value.items()), ("{", "}"), depth)
    if isinstance(value, list | tuple):
        return _branch(label, list(enumerate(value)), ("[", "]"), depth)
    kind = "string" if isinstance(value, str) else "other"
    if isinstance(value, int | float) and not isinstance(value, bool):
        kind = "number"
    shown = escape(json_text(value))
    return f'<div data-node>{label}<span class="{kind}">{shown}</span></div>'


def _branch(
    label: str, children: list[tuple[Any, Any]], brackets: tuple[str, str], depth: int
) -> str:
    start, end = brackets
    if not children:
        return f"<div data-node>{label}{start}{end}</div>"
    inside = "".join(_node(key, value, depth + 1) for key, value in children)
    unfolded = " open" if depth < _OPEN_TO else ""
    size = f'<span class="size">{start}{len(children)}{end}</span>'
    return (
        f"<details data-node{unfolded}><summary>{label}{size}</summary>"
        f"<div>{inside}</div></details>"
    )
