"""Which texts are readable, and which names are the same."""

import pytest

from chalicelib.text import fault, same_name

_NO_FACE = "must have a visible character"
_TOO_MANY_MARKS = "must have at most 2 combining marks on one character"


@pytest.mark.parametrize(
    "text",
    [
        *[
            "Flat White",
            "",
            "Café",
            "Cafe\u0301",
            "咖啡",
            "قهوة",
            "👨‍👩‍👧",
            "❤️",
            "1️⃣",
            "🏴\U000e0067\U000e007f",
        ],
        "e\u0302\u0301",  # Vietnamese: two marks on one letter
        "\u0915\u093c\u0940\u0902",  # Hindi: marks on both sides of a vowel sign that takes space
        "\u0e01\u0e35\u0e48",  # Thai: a vowel and a tone
        "\ue000",  # private use
    ],
)
def test_readable_text_is_accepted(text: str) -> None:
    assert fault(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "\u3164",
        "\u200b",
        "\u2800",
        "\u115f\u1160",
        "\ufe0f",
        "\u0301",
        "\u00a0\u200d",
        "\U000e0041",
    ],
)
def test_text_without_a_visible_character_is_rejected(text: str) -> None:
    assert fault(text) == _NO_FACE


@pytest.mark.parametrize(
    "text",
    [
        "Z" + "\u0301" * 3,
        "Z" + "\u0301" * 124,
        "Z\u0301\u0301\u200d\u0301",  # an invisible character is no base
        "Z\u0301\u0301\u034f\u0301",
        "\u0e01" + "\u0e47" * 3,
        "Z\u20dd\u20dd\u20dd",
        "fine Z" + "\u0301" * 3 + " fine",
    ],
)
def test_third_mark_on_a_character_is_rejected(text: str) -> None:
    assert fault(text) == _TOO_MANY_MARKS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "Cafe\u0301"),
        ("Flat White", "Flat\u200b White"),
        ("Flat White", "Flat White\ufe0f"),
        ("Mocha", "Mo\u00adcha"),
        ("Café", "Cafe\u200d\u0301"),
    ],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert same_name(one) == same_name(other)


@pytest.mark.parametrize(("one", "other"), [("Mocha", "mocha"), ("Café", "Cafe"), ("L", "XL")])
def test_other_names_differ(one: str, other: str) -> None:
    assert same_name(one) != same_name(other)
