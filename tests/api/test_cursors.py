"""Cursors: valid for one list and one day, if they are not changed."""

import json
import time
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
    """Return a cursor of the customer's list with this content; NOW becomes the time.

    Anybody who knows the format, which is public, can compute its checksum.
    """
    content = content.replace(b"NOW", str(int(time.time())).encode())
    list_id = json.dumps([api.customer.sub, None, None], separators=(",", ":")).encode()
    checksum = blake2b(list_id + content, digest_size=12).digest()
    return urlsafe_b64encode(checksum + content).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [
        *[b"", b"{", b"null", b'"x"', b"\xff", b'[1,"t","a"]', b'[1,"t","a","v","x"]'],
        *[b'[null,"t","a","v"]', b'["1","t","a","v"]', b"[" + b"9" * 400 + b',"t","a","v"]'],
        *[b'[-1,"t","a","v"]', b'[1e9,"t","a","v"]'],
        *[b'[NOW,"","a","v"]', b'[NOW,"t","","v"]', b'[NOW,"t","a",""]'],
        *[b'[NOW,"t","a\\u0000","v"]', b'[NOW,"t","' + b"a" * 129 + b'","v"]', b"[" * 2000],
    ],
)
def test_forged_cursor_is_rejected(api: Api, content: bytes) -> None:
    assert api.own_orders(cursor=forge_cursor(api, content)).status_code == 400


def test_forged_cursor_reads_the_callers_own_list(api: Api) -> None:
    cursor = forge_cursor(api, b'[NOW,"9999","a","v"]')
    assert api.own_orders(cursor=cursor).status_code == 200


@pytest.mark.parametrize(
    ("hours", "expected"), [(23.9, 200), (24.1, 400), (-1 / 120, 200), (-1 / 30, 400)]
)
def test_cursor_is_valid_for_a_day(
    api: Api, cursor: str, monkeypatch: pytest.MonkeyPatch, hours: float, expected: int
) -> None:
    """The clock of the server that created it may be up to a minute ahead."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + hours * 3600)
    assert api.own_orders(cursor=cursor).status_code == expected
