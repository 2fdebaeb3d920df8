"""The service, the client, the page and the tests have the same statuses and transitions."""

import re
from typing import get_args

import pytest

from chalicelib.orders import CLOSED, IN_PROGRESS, OPEN, TRANSITIONS, Status
from tests.hardening import one_order
from tools.project import PROJECT

_STATUSES = set(get_args(Status))
# The next statuses that the shop sets for an order which is not cancelled.
_NEXT = {status: set(following) - {"cancelled"} for status, following in TRANSITIONS.items()}


def value_of(name: str, files: str) -> str:
    """Return the literal of the only constant with this name in these files."""
    sources = [path.read_text() for path in sorted(PROJECT.glob(files))]
    pattern = rf"^(?:const )?_?{name}(?:: .*?)? = ([(\[{{].*?[)\]}}]);?$"
    (value,) = re.findall(pattern, "\n".join(sources), re.MULTILINE | re.DOTALL)
    return str(value)


def test_transitions_cover_every_status() -> None:
    assert set(TRANSITIONS) == {*TRANSITIONS, *sum(TRANSITIONS.values(), ())} == _STATUSES
    assert set(OPEN) == {status for status, following in TRANSITIONS.items() if following}
    assert set(CLOSED) == _STATUSES - set(OPEN)
    assert set(IN_PROGRESS) == set(OPEN) - {"placed"}


def test_hardening_model_has_the_same_transitions() -> None:
    transitions = {status: set(following) for status, following in TRANSITIONS.items()}
    assert transitions == one_order.NEXT
    assert (set(OPEN), set(IN_PROGRESS)) == (one_order.OPEN, one_order.IN_PROGRESS)


@pytest.mark.parametrize(
    ("name", "files", "pattern"),
    [
        ("STATUSES", "coffee_client/**/*.py", r'"(\w+)"'),
        ("STATUSES", "chalicelib/static/*.js", r'"(\w+)"'),
        ("STATUS_TEXTS", "chalicelib/static/*.js", r'(\w+): "'),
    ],
)
def test_statuses_of_command_line_and_page_are_the_same(
    name: str, files: str, pattern: str
) -> None:
    assert set(re.findall(pattern, value_of(name, files))) == _STATUSES


@pytest.mark.parametrize(
    ("name", "files", "pattern"),
    [
        ("NEXT(?:_STATUS)?", "coffee_client/**/*.py", r'"(\w+)": "(\w+)"'),
        ("LISTS", "chalicelib/static/*.js", r'(\w+): \{ .*?next: "(\w+)"'),
    ],
)
def test_next_status_of_command_line_and_page_is_the_same(
    name: str, files: str, pattern: str
) -> None:
    transitions = {status: {to} for status, to in re.findall(pattern, value_of(name, files))}
    assert transitions == {status: following for status, following in _NEXT.items() if following}
