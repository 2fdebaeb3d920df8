"""Escapes characters of others that are invisible, move the cursor or reverse the direction."""

import json
import shlex
import unicodedata
from typing import Any

# Unicode's general categories: control (C0, DEL and C1), format (direction marks, zero-width
# characters, tags), surrogate, and the two separators that end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Several scripts and many emoji need these format characters.
_JOINERS = frozenset("\u200c\u200d")


def printable(text: str) -> str:
    r"""Return the text on one line, with unsafe characters as escapes such as `\u202e`."""
    escapes = {char: repr(char)[1:-1] for char in text if _is_unsafe(char)}
    return "".join(escapes.get(char, char) for char in text)


def dump_json(content: Any) -> str:
    """Return the value as JSON on one line, in ASCII if it has unsafe characters."""
    text = json.dumps(content, ensure_ascii=False)
    if any(map(_is_unsafe, text)):
        text = json.dumps(content).replace("\x7f", "\\u007f")
    return text


def shell_command(program: str, *arguments: str) -> str:
    """Return a command line for a POSIX shell, with each argument quoted."""
    # After `--`, an argument that begins with a dash is not an option.
    separator = ["--"] if any(argument.startswith("-") for argument in arguments) else []
    return " ".join([program, *separator, *map(shlex.quote, arguments)])


def _is_unsafe(char: str) -> bool:
    return unicodedata.category(char) in _UNSAFE and char not in _JOINERS
