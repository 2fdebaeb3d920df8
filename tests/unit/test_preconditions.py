"""If-Match and If-None-Match (RFC 9110, section 13): how they are read."""

from types import SimpleNamespace
from typing import Any

import pytest
from chalice import BadRequestError

from chalicelib import conditions
from chalicelib.conditions import ANY, Preconditions

_TAG, _WEAK = '"a"', 'W/"a"'


def read(name: str, *values: str) -> Preconditions:
    """Read a header. Chalice knows its last value only, API Gateway's event has all of them."""
    event = {"multiValueHeaders": {name.upper(): [*values]}}
    request: Any = SimpleNamespace(headers={name: values[-1]}, to_original_event=lambda: event)
    return conditions.read(request)


@pytest.mark.parametrize(
    ("values", "tags"),
    [
        *[(["*"], ANY), ([" * "], ANY), ([_WEAK], (_WEAK,)), (['"*"'], ('"*"',))],
        *[([' "a" \t, W/"b" '], (_TAG, 'W/"b"')), ([',"a",,"b",'], (_TAG, '"b"'))],
        *[(['"a,b"'], ('"a,b"',)), (['""'], ('""',)), (['"é"'], ('"é"',))],
        *[([",".join([_TAG] * 20)], (_TAG,) * 20), ([_TAG, '"b"'], (_TAG, '"b"'))],
        (["", _TAG], (_TAG,)),
    ],
)
def test_header_is_any_or_a_list_of_tags(values: list[str], tags: tuple[str, ...]) -> None:
    assert read("If-Match", *values) == (tags, None)
    assert read("If-None-Match", *values) == (None, tags)


@pytest.mark.parametrize(
    "values",
    [
        *[[""], [","], ["a"], ['"a'], ['"a" "b"'], ["'a'"], ['"a""b"'], ["**"], ['*, "a"']],
        *[['w/"a"'], ['W/ "a"'], ["W/*"], ['"a b"'], ['"a\x7f"'], ['"a\x00"'], ["*", _TAG]],
        *[['"' * 4096 + "!"], ['"a" ' * 2000], [",".join([_TAG] * 21)]],
    ],
)
def test_anything_else_is_rejected(values: list[str]) -> None:
    for name in ("If-Match", "If-None-Match"):
        with pytest.raises(BadRequestError, match=f"^{name}: "):
            read(name, *values)
