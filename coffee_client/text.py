"""Makes text that other people wrote safe to print, paste and read.

A name may have characters that move the cursor, reverse the reading direction or are invisible.
They are written as escapes, so that a terminal shows them.
"""

import json
import re
import shlex
import unicodedata
from typing import Any

# Unicode's general categories: control (C0, DEL and C1), format (direction marks, zero-width
# characters, tags), surrogate, and the two separators that end a line.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Joiners are format characters that names in several scripts, and many emoji, need.
_JOINERS = frozenset("\u200c\u200d")
_BEYOND_BMP = 0x10000  # from here on JSON needs two escapes for a character


def plain(text: str) -> str:
    r"""Return the text on one line, with unsafe characters as escapes such as `\u202e`."""
    return "".join(_escape(char) if _is_unsafe(char) else char for char in text)


def one_line(text: str) -> str:
    """Return a message on one line: line breaks and tabs become blanks."""
    return plain(re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", text).strip())


def json_text(content: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Return JSON of the same value without unsafe characters.

    A value for which JSON has no type is written as its `str`.
    """
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_only, default=str)
    return "".join(
        # A line break here is indentation: inside a string, `json` has escaped it.
        _json_escape(char) if char != "\n" and _is_unsafe(char) else char
        for char in text
    )


def shell_command(program: str, *words: str) -> str:
    r"""Return a command line for a POSIX shell in which each of the words is one argument.

    A word with unsafe characters becomes `$'...\u202e...'`, which bash and zsh understand.
    """
    # Behind `--` a word that begins with a dash is an argument, not an option.
    dashes = ["--"] if any(word.startswith("-") for word in words) else []
    return " ".join([program, *dashes, *map(_shell_word, words)])


def _shell_word(word: str) -> str:
    if not any(map(_is_unsafe, word)):
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{plain(escaped)}'"


def _is_unsafe(char: str) -> bool:
    return unicodedata.category(char) in _UNSAFE and char not in _JOINERS


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code >= _BEYOND_BMP else f"\\u{code:04x}"


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) != 0x7F else "\\u007f"  # noqa: PLR2004
