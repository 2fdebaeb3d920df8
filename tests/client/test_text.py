"""Escapes for unsafe characters in text by other people."""

import json
import shlex
import unicodedata

import pytest

from coffee_client.text import dump_json, printable, shell_command
from tests.properties import example, given, st

_UNSAFE = ["\x1b[31m", "\x9b31m", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "\U000e0041"]
_ANY_TEXT = st.text(st.characters())  # with surrogates


def is_safe(text: str) -> bool:
    unsafe = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return not any(
        unicodedata.category(char) in unsafe and char not in "\u200c\u200d" for char in text
    )


@pytest.mark.parametrize("unsafe", _UNSAFE)
def test_unsafe_characters_are_escaped(unsafe: str) -> None:
    for text in (printable(unsafe), dump_json({unsafe: unsafe})):
        assert is_safe(text)


@pytest.mark.parametrize(
    "text", ["Café", "☕ :tea:", "[red]x[/]", r"\[/x]", "a\u200cb", "👩\u200d🍳"]
)
def test_other_characters_are_not_escaped(text: str) -> None:
    assert printable(text) == text


@given(text=_ANY_TEXT)
def test_json_is_safe_and_has_the_same_value(text: str) -> None:
    document = dump_json({text: [text]})
    assert is_safe(document)
    assert json.loads(document) == {text: [text]}


@given(words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
@example(words=["-x", "--help"])
@example(words=["a'b\\c\u202e", "$HOME", "`id`", "", "two  blanks"])
def test_command_has_the_same_arguments(words: list[str]) -> None:
    arguments = shlex.split(shell_command("coffee get", *words))[2:]
    assert [word for word in arguments if word != "--"] == [word for word in words if word != "--"]
