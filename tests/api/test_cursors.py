"""Cursors: valid for one list, if they are not changed."""

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
        *[b"", b"{", b"null", b"[]", b'"x"', b"\xff", b'["t","a"]', b'["t","a","v","x"]'],
        *[b'[null,"a","v"]', b'["","a","v"]', b'["t","","v"]', b'["t","a",""]'],
        *[b'["t","a\\u0000","v"]', b'["t","' + b"a" * 129 + b'","v"]', b"[" * 2000],
        *[b'["\xff","a","v"]', b'["' + b"9" * 41 + b'","a","v"]'],
    ],
)
def test_forged_cursor_is_rejected(api: Api, content: bytes) -> None:
    assert status_of(api, forge_cursor(content, api.customer.sub, None, None)) == 400


def test_forged_cursor_reads_the_callers_own_list(api: Api) -> None:
    cursor = forge_cursor(b'["9999","a","v"]', api.customer.sub, None, None)
    assert status_of(api, cursor) == 200
