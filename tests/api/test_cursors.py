"""Cursors: valid for one list, if they are not changed."""

import json
from base64 import urlsafe_b64encode
from hashlib import blake2b

import pytest

from tests.api.conftest import Api, error

_FOREIGN = (400, "cursor: does not belong to this list")


@pytest.fixture
def cursor(api: Api) -> str:
    """Return the cursor of a customer's first page."""
    for api.accountid in ("☕ a?&=/+%", "b"):
        api.place()
    return str(api.own_orders(limit="1").json_body["cursor"])


def test_only_the_unchanged_cursor_is_accepted(api: Api, cursor: str) -> None:
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert api.own_orders(cursor=cursor).status_code == 200
    changed_cursors = {
        *[cursor[:-1], cursor + "A", "A" + cursor, cursor.swapcase(), "☕", "e30", "A" * 4096],
        f"{cursor[:9]}*{cursor[9:]}",  # a decoder of base64 may skip the asterisk
        *[
            cursor[:index] + char + cursor[index + 1 :]
            for index in range(0, len(cursor), 7)
            for char in "A*=\n.é"
        ],
    }
    for changed_cursor in changed_cursors - {cursor}:
        assert error(api.own_orders(cursor=changed_cursor)) == _FOREIGN


def forge_cursor(api: Api, content: bytes) -> str:
    """Return a cursor of the customer's list with this content.

    Anybody who knows the format, which is public, can compute its checksum.
    """
    list_id = json.dumps([api.customer.sub, None, None], separators=(",", ":")).encode()
    checksum = blake2b(list_id + content, digest_size=12).digest()
    return urlsafe_b64encode(checksum + content).decode().rstrip("=")


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
    assert api.own_orders(cursor=forge_cursor(api, content)).status_code == 400


def test_forged_cursor_reads_the_callers_own_list(api: Api) -> None:
    cursor = forge_cursor(api, b'["9999","a","v"]')
    assert api.own_orders(cursor=cursor).status_code == 200
