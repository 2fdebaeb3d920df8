"""Cursors: valid for one list and one day, if they are not changed."""

import base64
import time

import pytest
from chalice import BadRequestError

from chalicelib import pagination
from chalicelib.pagination import Position
from tests.properties import given, st

_POSITION = Position("2026-03-01T08:30:00.123456+00:00", "a0", "v0")
_LIST = ("the-sub", None, "placed")


_IDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=128)


@given(position=st.builds(Position, st.text(min_size=1, max_size=40), _IDS, _IDS))
def test_decode_reverses_encode(position: Position) -> None:
    assert pagination.decode(pagination.encode(position, *_LIST), *_LIST) == position


def test_cursor_is_url_safe() -> None:
    cursor = pagination.encode(Position("☕", "a?&=/+", "%"), *_LIST)
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "other_list",
    [
        ("another-sub", None, "placed"),
        ("the-sub", "v0", "placed"),
        ("the-sub", None, None),
        ("the-sub", "placed", None),
        ("the-sub", None),
    ],
)
def test_cursor_of_another_list_is_rejected(other_list: tuple[str | None, ...]) -> None:
    with pytest.raises(BadRequestError, match="cursor: does not belong to this list"):
        pagination.decode(pagination.encode(_POSITION, *_LIST), *other_list)


def test_changed_cursor_is_rejected() -> None:
    cursor = pagination.encode(_POSITION, *_LIST)
    for index in range(len(cursor)):
        for char in "A*=\n.é":
            changed_cursor = cursor[:index] + char + cursor[index + 1 :]
            if changed_cursor != cursor:
                with pytest.raises(BadRequestError, match=r"^cursor: "):
                    pagination.decode(changed_cursor, *_LIST)


@given(cursor=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_random_cursor_is_rejected(cursor: str) -> None:
    with pytest.raises(BadRequestError):
        pagination.decode(cursor, *_LIST)


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'[1,"t","a"]', b'[1,"t","a","v","x"]'],
        *[b'[null,"t","a","v"]', b'["1","t","a","v"]', b"[" + b"9" * 400 + b',"t","a","v"]'],
        *[b'[-1,"t","a","v"]', b'[4102444800,"t","a","v"]', b'[1e9,"t","a","v"]'],
        *[b'[NOW,"","a","v"]', b'[NOW,"t","","v"]', b'[NOW,"t","a",""]'],
        b'[NOW,"t","a\\u0000","v"]',
        *[b'[NOW,"t","' + b"a" * 129 + b'","v"]', b"[" * 5000],
    ],
)
def test_forged_cursor_is_rejected(content: bytes) -> None:
    content = content.replace(b"NOW", str(int(time.time())).encode())
    cursor = pagination._to_text(pagination._checksum(content, _LIST) + content)
    with pytest.raises(BadRequestError, match=r"^cursor: "):
        pagination.decode(cursor, *_LIST)


def test_cursor_expires_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = pagination.encode(_POSITION, *_LIST)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 23 * 3600)
    assert pagination.decode(cursor, *_LIST) == _POSITION
    monkeypatch.setattr("time.time", lambda: now + 25 * 3600)
    with pytest.raises(BadRequestError, match="cursor: has expired"):
        pagination.decode(cursor, *_LIST)
