"""Cursors: valid for one list and one day, if they are not changed."""

import time

import pytest

from tests.api.conftest import Api, error
from tests.cursors import forge_cursor

_FOREIGN = (400, "cursor: does not belong to this list")


@pytest.fixture
def cursor(api: Api) -> str:
    """Return the cursor of a customer's first page."""
    for api.accountid in ("☕ a?&=/+%", "b"):
        api.place()
    page = api.send("GET", "/orders", api.customer, limit="1").json_body
    return str(page["cursor"])


def status_of(api: Api, cursor: str) -> int:
    return api.send("GET", "/orders", api.customer, cursor=cursor).status_code


def test_cursor_is_url_safe(api: Api, cursor: str) -> None:
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert status_of(api, cursor) == 200


def test_changed_cursor_is_rejected(api: Api, cursor: str) -> None:
    for index in range(0, len(cursor), 7):
        for char in "A*=\n.é":
            changed_cursor = cursor[:index] + char + cursor[index + 1 :]
            if changed_cursor != cursor:
                response = api.send("GET", "/orders", api.customer, cursor=changed_cursor)
                assert error(response) == _FOREIGN
    ignored = f"{cursor[:9]}*{cursor[9:]}"  # a decoder of base64 may skip the asterisk
    assert error(api.send("GET", "/orders", api.customer, cursor=ignored)) == _FOREIGN


@pytest.mark.parametrize("cursor", ["A", "AAAA", "-", "☕", "e30", "A" * 4096])
def test_any_other_text_is_rejected(api: Api, cursor: str) -> None:
    assert status_of(api, cursor) == 400


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'[1,"t","a"]', b'[1,"t","a","v","x"]'],
        *[b'[null,"t","a","v"]', b'["1","t","a","v"]', b"[" + b"9" * 400 + b',"t","a","v"]'],
        *[b'[-1,"t","a","v"]', b'[1e9,"t","a","v"]'],
        *[b'[NOW,"","a","v"]', b'[NOW,"t","","v"]', b'[NOW,"t","a",""]'],
        b'[NOW,"t","a\\u0000","v"]',
        *[b'[NOW,"t","' + b"a" * 129 + b'","v"]', b"[" * 2000],
    ],
)
def test_forged_cursor_is_rejected(api: Api, content: bytes) -> None:
    assert status_of(api, forge_cursor(content, api.customer.sub, None, None)) == 400


def test_forged_cursor_reads_the_callers_own_list(api: Api) -> None:
    cursor = forge_cursor(b'[NOW,"9999","a","v"]', api.customer.sub, None, None)
    assert status_of(api, cursor) == 200


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, 200), (23.9, 200), (24.1, 400), (-1 / 120, 200), (-1 / 30, 400)]
)
def test_cursor_is_valid_for_a_day(
    api: Api, cursor: str, monkeypatch: pytest.MonkeyPatch, hours: float, expected: int
) -> None:
    """The clock of the server that created it may be up to a minute ahead."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + hours * 3600)
    assert status_of(api, cursor) == expected
