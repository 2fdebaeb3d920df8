"""What names look like: which have a face, and which are the same."""

import re
import unicodedata

_MAX_MARKS = 2  # on one character; more of them draw over other rows
# Besides the category Cf (format), the characters that Unicode lets renderers ignore, and the
# empty Braille cell: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


def same_name(name: str) -> str:
    """Return a name in Unicode's normal form and without invisible characters."""
    if name.isascii():  # most names need no Unicode tables
        return name
    return unicodedata.normalize("NFC", "".join(char for char in name if not _is_invisible(char)))


def fault(text: str) -> str | None:
    """Return what makes a text unreadable, in the words of an error message; None for nothing."""
    has_base = not text  # what may be empty has no other fault
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if _is_invisible(char):  # it gives marks no new place
            continue
        if category in {"Mn", "Me"}:
            marks += 1
            if marks > _MAX_MARKS:
                return f"must have at most {_MAX_MARKS} combining marks on one character"
        else:
            marks = 0
            has_base = has_base or category[0] != "Z"
    return None if has_base else "must have a visible character"


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or _IGNORABLE.match(char) is not None
