"""Which texts are readable, and which names are the same."""

import pytest

from chalicelib.text import fault, same_name

_NO_FACE = "must have a visible character"
_TOO_MANY_MARKS = "must have at most 2 combining marks on one character"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(text, None) for text in ("Flat White", "", "Cafe\u0301", "咖啡", "قهوة")],
        *[(text, None) for text in ("👨‍👩‍👧", "❤️", "1️⃣", "🏴\U000e0067\U000e007f", "\ue000")],
        ("e\u0302\u0301", None),  # Vietnamese: two marks on one letter
        ("\u0915\u093c\u0940\u0902", None),  # Hindi: one of the vowel signs takes space
        ("\u0e01\u0e35\u0e48", None),  # Thai: a vowel and a tone
        *[(text, _NO_FACE) for text in ("\u3164", "\u200b", "\u2800", "\ufe0f", "\u0301")],
        *[(text, _NO_FACE) for text in ("\u115f\u1160", "\u00a0\u200d", "\U000e0041")],
        *[(text, _TOO_MANY_MARKS) for text in ("Z" + "\u0301" * 3, "Z\u20dd\u20dd\u20dd")],
        ("Z\u0301\u0301\u200d\u0301", _TOO_MANY_MARKS),  # an invisible character is no base
        ("fine Z" + "\u0301" * 3 + " fine", _TOO_MANY_MARKS),
    ],
)
def test_text_is_readable_or_has_a_fault(text: str, expected: str | None) -> None:
    assert fault(text) == expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Café", "Cafe\u0301", True),
        ("Flat White", "Flat\u200b White\ufe0f", True),
        ("Café", "Cafe\u200d\u0301", True),
        *[("Mocha", "mocha", False), ("Café", "Cafe", False), ("L", "XL", False)],
    ],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str, is_same: bool) -> None:
    assert (same_name(one) == same_name(other)) == is_same
