"""Requests that have broken other services, each with the status that this one must return.

A pair has the statuses of `make run` and of the package, where API Gateway changes the body.
"""

import base64
import gzip
import json

from tests.samples import order

VALID = json.dumps({"order": order("nasty")}).encode()


def _price(number: str) -> bytes:
    return VALID.replace(b'"4.5"', number.encode())


def _type(text: bytes) -> bytes:
    return VALID.replace(b"Short Black", text)


Status = int | tuple[int, int]

BODIES: dict[str, tuple[bytes, Status]] = {
    "valid, for comparison": (VALID, 200),
    "lists nested 16,000 deep": (b"[" * 16_000, 400),
    "objects nested 2,700 deep": (b'{"order":' * 1_800, 400),
    "lists nested inside the order": (b'{"order":' + b"[" * 8_000 + b"]" * 8_000 + b"}", 400),
    "10 MB": (b" " * 10_000_000, 413),
    "one byte more than allowed": (VALID + b" " * (16 * 1024 + 1 - len(VALID)), 413),
    "as many bytes as allowed": (VALID + b" " * (16 * 1024 - len(VALID)), 200),
    # API Gateway passes text, in which it has replaced invalid UTF-8 by U+FFFD.
    "invalid UTF-8": (_type(b"Short\xff"), (400, 200)),
    "overlong UTF-8": (_type(b"\xc0\xaf"), (400, 200)),
    "a surrogate in UTF-8": (_type(b"\xed\xa0\x80"), (400, 200)),
    "UTF-16": (VALID.decode().encode("utf-16"), 400),
    "a BOM": (b"\xef\xbb\xbf" + VALID, 400),
    "NUL in a string": (_type(b"Sh\0rt"), 400),
    "NUL as an escape": (_type(b"Sh\\u0000rt"), 400),
    "NUL before": (b"\0" + VALID, 400),
    "NUL after": (VALID + b"\0", 400),
    "a terminal escape sequence": (_type(b"\\u001b[31m"), 400),
    "a line break in a string": (_type(b"Short\\r\\nX-Evil: 1"), 400),
    "a lone surrogate": (_type(b"\\ud800"), 400),
    "surrogates in the wrong order": (_type(b"\\udc00\\ud800"), 400),
    "a pair of surrogates": (_type(b"\\ud83d\\ude00"), 200),
    "right-to-left text, with an override": (_type("\u202e\u0642\u0647\u0648\u0629".encode()), 200),
    "sixty combining characters": (_type(("c" + "\u0336" * 60).encode()), 200),
    "duplicate keys, only the last valid": (_price('"x", "unitprice": "4.5"'), 400),
    "duplicate keys, both valid": (_price('"1", "unitprice": "4.5"'), 200),
    "NaN": (_price("NaN"), 400),
    "Infinity": (_price("Infinity"), 400),
    "-Infinity": (_price("-Infinity"), 400),
    "1e400": (_price("1e400"), 400),
    "1e-400": (_price("1e-400"), 400),
    "an exponent of 5,000 digits": (_price("1e" + "9" * 5_000), 400),
    "an integer of 15,000 digits": (_price("9" * 15_000), 400),
    "a fraction of 15,000 digits": (_price("0." + "1" * 15_000), 400),
    "2**63": (_price(str(2**63)), 400),
    "negative zero": (_price("-0.0"), 200),
    "a hexadecimal number": (_price("0x10"), 400),
    "a number with a plus": (_price("+1"), 400),
    "a number with a leading zero": (_price("01"), 400),
    "digits of another script": (_price('"٤"'), 400),
    "base64 of a valid body": (base64.b64encode(VALID), 400),
    "gzip of a valid body": (gzip.compress(VALID), 400),
    "an empty body": (b"", 400),
    "null": (b"null", 400),
    "a list": (b"[]", 400),
    "a string": (b'"order"', 400),
    "two documents": (VALID + VALID, 400),
    "a comment": (b"/**/" + VALID, 400),
    "a trailing comma": (VALID[:-1] + b",}", 400),
    "single quotes": (VALID.replace(b'"', b"'"), 400),
    "__proto__": (VALID.replace(b'"details"', b'"__proto__": {}, "details"'), 400),
    "constructor.prototype": (b'{"constructor": {"prototype": {}}, ' + VALID[1:], 400),
    "an attribute of the item": (VALID.replace(b'"details"', b'"placed_by": "", "details"'), 400),
    "a database operator": (_price('{"$gt": ""}'), 400),
    "a DynamoDB type": (_price('{"S": "4.5"}'), 400),
}

CONTENT_TYPES: dict[str, int] = {
    "application/json": 200,
    "APPLICATION/JSON; charset=UTF-8": 200,
    "text/plain": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "application/octet-stream": 415,
    "application/jsonp": 415,
    "application/problem+json": 415,
    "image/png": 415,
    "*/*": 415,
    "application/*": 415,
    "text/plain, application/json": 415,
    "application/json, text/plain": 415,
    "text/plain; application/json": 415,
    "": 415,
    ";": 415,
    "x" * 5_000: 415,
}

_KEY = "accountid=nobody&vendorid=nowhere"
# Queries of `GET /order`. A valid one gets 404, as there is no such order.
LOOKUP_QUERIES: dict[str, int] = {
    "": 400,
    "?": 400,
    "&&&": 400,
    "=x": 400,
    "accountid": 400,
    "accountid=&vendorid=": 400,
    "accountid=a&accountid=b&vendorid=c": 400,
    f"{_KEY}&vendorid=again": 400,
    "accountid[]=a&vendorid[]=b": 400,
    "accountid[$ne]=a&vendorid=b": 400,
    f"{_KEY}&__proto__=1": 400,
    f"{_KEY}&x=y": 400,
    "accountid=a;vendorid=b": 400,
    f"accountid={'a' * 128}&vendorid=b": 404,
    f"accountid={'a' * 129}&vendorid=b": 400,
    f"accountid={'%F0%9F%98%80' * 128}&vendorid=b": 404,
    f"accountid={'a' * 8_000}&vendorid=b": 400,
    "&".join(f"key{number}=v" for number in range(2_000)): 400,
    "accountid=%00&vendorid=b": 400,
    "accountid=a%0d%0aX-Evil:1&vendorid=b": 400,
    "accountid=%20a&vendorid=b": 400,
    "accountid=%ff&vendorid=b": 404,
    "accountid=%ed%a0%80&vendorid=b": 404,
    "accountid=%&vendorid=%zz": 404,
    "accountid=%E2%80%AE&vendorid=%D9%82": 404,
    "accountid=__proto__&vendorid=constructor": 404,
    "accountid='%20OR%201=1--&vendorid=${jndi:ldap:x}": 404,
    "accountid=../../etc/passwd&vendorid=..%2f..": 404,
    f"{_KEY}#fragment": 404,
}

# Queries of `GET /orders` by a signed-in user.
LIST_QUERIES: dict[str, int] = {
    "limit=0": 400,
    "limit=101": 400,
    "limit=-1": 400,
    "limit=1e2": 400,
    "limit=%D9%A1": 400,
    f"limit={'9' * 5_000}": 400,
    "limit=1&limit=2": 400,
    "status=": 400,
    "status=__proto__": 400,
    "status=PLACED": 400,
    "cursor=": 400,
    "cursor=AAAA": 400,
    "cursor=%00": 400,
    "cursor=%F0%9F%98%80": 400,
    f"cursor={'A' * 4_096}": 400,
    f"cursor={'A' * 5_000}": 400,
    "vendorid=": 400,
    "vendorid=%2C": 403,
    "vendorid=*": 403,
    "x=y": 400,
}
