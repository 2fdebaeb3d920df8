"""Escapes unsafe characters in text by other people, so that it is safe to print and paste.

Unsafe characters are invisible, move the cursor or reverse the reading direction.
"""

import json
import re
import shlex
import unicodedata
from typing import Any

# Unicode's general categories: control (C0, DEL and C1), format (direction marks, zero-width
# characters, tags), surrogate, and the two separators that end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Several scripts and many emoji need these format characters.
_JOINERS = frozenset("\u200c\u200d")
_BEYOND_BMP = 0x10000  # from here on JSON needs two escapes for a character


def printable(text: str) -> str:
    r"""Return the text on one line, with unsafe characters as escapes such as `\u202e`."""
    return "".join(_escape(char) if _is_unsafe(char) else char for char in text)


def one_line(text: str) -> str:
    """Return a message on one line, with blanks instead of line breaks and tabs."""
    return printable(re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", text).strip())


def dump_json(content: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Return the value as JSON, with unsafe characters as escapes.

    A value of a type that JSON does not have becomes its `str`.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_only, default=str)
    return "".join(
        # A line break is indentation, because `json` escapes those in strings.
        _json_escape(char) if char != "\n" and _is_unsafe(char) else char
        for char in text
    )


def shell_command(program: str, *arguments: str) -> str:
    r"""Return a command line for a POSIX shell, with each argument quoted.

    An argument with unsafe characters becomes `$'...\u202e...'`, which bash and zsh understand.
    """
    # After `--`, an argument that begins with a dash is not an option.
    separator = ["--"] if any(argument.startswith("-") for argument in arguments) else []
    return " ".join([program, *separator, *map(_quote, arguments)])


def _quote(argument: str) -> str:
    if not any(map(_is_unsafe, argument)):
        return shlex.quote(argument)
    escaped = argument.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{printable(escaped)}'"


def _is_unsafe(char: str) -> bool:
    return unicodedata.category(char) in _UNSAFE and char not in _JOINERS


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code >= _BEYOND_BMP else f"\\u{code:04x}"


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) != 0x7F else "\\u007f"  # noqa: PLR2004
