"""Escapes for unsafe characters in text by other people."""

import json
import subprocess
import unicodedata

import pytest

from coffee_client.text import dump_json, one_line, printable, shell_command
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
    for text in (printable(unsafe), one_line(unsafe), dump_json({unsafe: unsafe})):
        assert is_safe(text)


@pytest.mark.parametrize(
    "text", ["Café", "☕ :tea:", "[red]x[/]", r"\[/x]", "a\u200cb", "👩\u200d🍳"]
)
def test_other_characters_are_not_escaped(text: str) -> None:
    assert printable(text) == one_line(text) == text


def test_message_is_on_one_line() -> None:
    assert one_line("not\r\nthere:\t'a  b'\n") == "not there: 'a  b'"


@given(text=_ANY_TEXT)
def test_json_is_safe_and_has_the_same_value(text: str) -> None:
    for document in (dump_json([text]), dump_json({text: [text]}, indent=2)):
        assert is_safe(document.replace("\n", ""))
    assert json.loads(dump_json([text])) == [text]
    assert dump_json([text], ascii_only=True).isascii()


@given(words=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
@example(words=["-x", "--help"])
@example(words=["a'b\\c\u202e", "$HOME", "`id`", ""])
@example(words=["two  blanks", "\x1b[31m", "\U000e0041"])
def test_shell_passes_the_same_arguments(words: list[str]) -> None:
    line = shell_command("print_arguments", *words)
    assert is_safe(line)
    script = f'print_arguments() {{ printf "%s\\0" "$@"; }}; {line}'
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, check=True, env=environment, timeout=10
    )
    arguments = result.stdout.decode().split("\0")[:-1] if words else []
    assert [word for word in arguments if word != "--"] == [word for word in words if word != "--"]
