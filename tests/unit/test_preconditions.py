"""If-Match and If-None-Match (RFC 9110, section 13): how they are read and compared."""

import pytest
from chalice import BadRequestError
from chalice.app import Request

from chalicelib import conditions
from chalicelib.conditions import ANY

_NAMES = ("If-Match", "If-None-Match")
_TAG, _WEAK = '"a"', 'W/"a"'


def request(headers: dict[str, str], **repeated: list[str]) -> Request:
    return Request(
        {
            "headers": headers,
            "multiValueHeaders": repeated,
            "multiValueQueryStringParameters": None,
            "pathParameters": None,
            "requestContext": {"httpMethod": "PATCH", "resourcePath": "/order"},
            "body": None,
            "stageVariables": None,
        }
    )


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        *[("*", ANY), (" * ", ANY), (_TAG, (_TAG,)), (_WEAK, (_WEAK,))],
        *[('"a","b"', (_TAG, '"b"')), (' "a" \t, W/"b" ', (_TAG, 'W/"b"'))],
        *[(',"a",,"b",', (_TAG, '"b"')), ('"a,b"', ('"a,b"',)), ('""', ('""',))],
        *[('"*"', ('"*"',)), ('"é"', ('"é"',)), (",".join([_TAG] * 20), (_TAG,) * 20)],
    ],
)
@pytest.mark.parametrize("name", _NAMES)
def test_header_is_any_or_a_list_of_tags(name: str, value: str, tags: tuple[str, ...]) -> None:
    read = conditions.read(request({name: value}))
    assert read == ((tags, None) if name == "If-Match" else (None, tags))


@pytest.mark.parametrize(
    "value",
    [
        *["", " ", ",", "a", '"a', 'a"', '"a" "b"', '"a";"b"', "'a'", '"a""b"', "**", '*, "a"'],
        *['w/"a"', 'W"a"', 'W/ "a"', "W/*", '"a b"', '"a\tb"', '"a\x7f"', '"a\x00"', '"a",b'],
        *['"' * 4096 + "!", '"a" ' * 2000, ",".join([_TAG] * 21)],
    ],
)
@pytest.mark.parametrize("name", _NAMES)
def test_anything_else_is_rejected(name: str, value: str) -> None:
    with pytest.raises(BadRequestError, match=f"^{name}: "):
        conditions.read(request({name: value}))


@pytest.mark.parametrize(
    ("values", "tags"), [([_TAG, '"b"'], (_TAG, '"b"')), (["", _TAG], (_TAG,)), (["*"], ANY)]
)
def test_repeated_header_is_one_list(values: list[str], tags: tuple[str, ...]) -> None:
    read = conditions.read(request({"if-match": values[-1]}, **{"IF-MATCH": values}))
    assert read.if_match == tags


def test_star_in_a_repeated_header_is_rejected() -> None:
    with pytest.raises(BadRequestError):
        conditions.read(request({"if-match": "*"}, **{"if-match": ["*", _TAG]}))


@pytest.mark.parametrize(
    ("value", "etag", "match", "none_match"),
    [
        *[("*", _TAG, True, False), ("*", None, False, True)],
        *[(_TAG, _TAG, True, False), (_TAG, '"b"', False, True), (_TAG, None, False, True)],
        *[('"b", "a"', _TAG, True, False), ('"A"', _TAG, False, True)],
        (_WEAK, _TAG, False, False),  # If-Match compares strongly, If-None-Match weakly
    ],
)
def test_tags_are_compared_with_the_present_etag(
    value: str, etag: str | None, match: bool, none_match: bool
) -> None:
    assert conditions.read(request({"If-Match": value})).match(etag) is match
    assert conditions.read(request({"If-None-Match": value})).none_match(etag) is none_match


def test_request_without_the_headers_has_no_precondition() -> None:
    read = conditions.read(request({}))
    assert tuple(read) == (None, None)
    for etag in (None, _TAG):
        assert read.match(etag)
        assert read.none_match(etag)
