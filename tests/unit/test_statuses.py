"""The service, the client and the page have the same statuses and transitions."""

import re
from typing import Any, get_args

from chalicelib.orders import CLOSED, IN_PROGRESS, OPEN, TRANSITIONS, Status
from tools.project import PROJECT

_STATUSES = set(get_args(Status))
_CLIENT, _PAGE = "coffee_client/**/*.py", "chalicelib/static/*.js"


def words_of(name: str, files: str, pattern: str) -> set[Any]:
    """Return the matches in the literal of the only constant with this name in these files."""
    sources = [path.read_text() for path in sorted(PROJECT.glob(files))]
    constant = rf"^(?:const )?_?{name}(?:: .*?)? = ([(\[{{].*?[)\]}}]);?$"
    (value,) = re.findall(constant, "\n".join(sources), re.MULTILINE | re.DOTALL)
    return set(re.findall(pattern, value))


def test_transitions_cover_every_status() -> None:
    assert set(TRANSITIONS) == {*TRANSITIONS, *sum(TRANSITIONS.values(), ())} == _STATUSES
    assert set(OPEN) == {status for status, following in TRANSITIONS.items() if following}
    assert set(CLOSED) == _STATUSES - set(OPEN)
    assert set(IN_PROGRESS) == set(OPEN) - {"placed"}


def test_command_line_and_page_have_the_same_statuses() -> None:
    assert words_of("STATUSES", _CLIENT, r'"(\w+)"') == _STATUSES
    assert words_of("STATUSES", _PAGE, r'"(\w+)"') == _STATUSES
    assert words_of("STATUS_TEXTS", _PAGE, r'(\w+): "') == _STATUSES


def test_next_status_of_command_line_and_page_is_the_same() -> None:
    """It is the status that the shop sets for an order which is not cancelled."""
    pairs = {(status, to) for status, following in TRANSITIONS.items() for to in following}
    steps = pairs - {("placed", "cancelled")}
    assert words_of("NEXT(?:_STATUS)?", _CLIENT, r'"(\w+)": "(\w+)"') == steps
    assert words_of("LISTS", _PAGE, r'(\w+): \{ .*?next: "(\w+)"') == steps
