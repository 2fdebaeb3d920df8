"""The JSON tree: folding, escaping, and the output in a terminal."""

import io
import json
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from coffee_client.json_tree import JSONTree
from tests.properties import given, st

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Tree(HTMLParser):
    """The elements, attributes and text of a tree's HTML, as a browser parses them."""

    def __init__(self, content: Any) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(JSONTree(content)._repr_html_())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return [name for name, _ in self.tags].count(tag)


def test_tree_is_open_to_the_second_level() -> None:
    tags = Tree({"a": {"b": {"c": {"d": 1}}}}).tags
    is_open = ["open" in attrs for tag, attrs in tags if tag == "details"]
    assert is_open == [True, True, False, False]


def test_every_key_and_value_is_shown() -> None:
    text = Tree({"order": {"coffee": "Flat White", "n": 2, "hot": True, "milk": None}}).text
    for part in ("order", "coffee", '"Flat White"', "2", "true", "null"):
        assert part in text


def test_html_in_a_value_is_shown_as_text() -> None:
    script = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    tree = Tree({script: [script, {"coffeetype": script}]})
    assert tree.count("script") == 1  # the tree's own
    assert tree.count("img") == 0
    assert tree.text.count("alert(1)") == 6


@given(content=_JSON)
def test_no_value_adds_an_element(content: Any) -> None:
    tags = {tag for tag, _ in Tree([content]).tags}
    assert tags <= {"div", "style", "input", "details", "summary", "span", "script"}
    assert Tree([content]).count("script") == 1


@given(content=_JSON)
def test_repr_is_json(content: Any) -> None:
    assert json.loads(repr(JSONTree([content]))) == [content]


def test_html_loads_nothing() -> None:
    html = JSONTree({"a": 1})._repr_html_()
    for reference in ("http:", "https:", "//", "src=", "@import", "require("):
        assert reference not in html


def test_two_trees_have_different_ids() -> None:
    first, second = (Tree({"a": 1}).tags[0][1]["id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("content", ['{"a": [1, 2]}', b'{"a": [1, 2]}', {"a": [1, 2]}])
def test_dump_json_is_parsed(content: Any) -> None:
    assert json.loads(repr(JSONTree(content))) == {"a": [1, 2]}


def test_terminal_output_is_indented_and_coloured() -> None:
    terminal, pipe = io.StringIO(), io.StringIO()
    Console(file=terminal, force_terminal=True).print(JSONTree({"a": 1}))
    assert "\x1b[" in terminal.getvalue()
    Console(file=pipe).print(JSONTree({"a": {"b": 1}}))
    assert pipe.getvalue() == '{\n  "a": {\n    "b": 1\n  }\n}\n'
