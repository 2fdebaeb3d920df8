"""No input causes a 5xx: every bad request gets a 4xx.

tests/unit and tests/api have the rules of each field. The requests here are those that an HTTP
server, a gateway or a parser could treat differently.
"""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import AddToReport
from tests.hardening.target import Target
from tests.samples import order

# API Gateway answers 403 to a method that a route does not have, on AWS as well. The local cloud's
# ignores the headers of gateway responses, which tests/e2e/test_template.py checks.
_NOT_AT_THE_GATEWAY = "unsupported_method,response_headers_conformance"
_PROMISE = "No input causes a 5xx response"
_VALID = json.dumps({"order": order("nasty", "nasty")}).encode()


def _with_coffee(text: bytes) -> bytes:
    return _VALID.replace(b"Short Black", text)


_BODIES = {
    "lists nested 16,000 deep": (b"[" * 16_000, 400),
    "10 MB": (b" " * 10_000_000, 413),
    "invalid UTF-8": (_with_coffee(b"Short\xff"), 400),
    "a surrogate in UTF-8": (_with_coffee(b"\xed\xa0\x80"), 400),
    "UTF-16": (_VALID.decode().encode("utf-16"), 400),
    "a BOM": (b"\xef\xbb\xbf" + _VALID, 400),
    "a lone surrogate": (_with_coffee(b"\\ud800"), 400),
    "NUL after": (_VALID + b"\0", 400),
    "a pair of surrogates": (_with_coffee(b"\\ud83d\\ude00"), 200),
    "an exponent of 5,000 digits": (_VALID.replace(b'"4.5"', b"1e" + b"9" * 5_000), 400),
    "gzip of a valid body": (gzip.compress(_VALID), 400),
    "an empty body": (b"", 400),
}
# API Gateway passes text in which it has replaced invalid UTF-8 by U+FFFD.
_REPAIRED = {"invalid UTF-8", "a surrogate in UTF-8"}
_CONTENT_TYPES = {
    "multipart/form-data; boundary=x": 415,
    "text/plain, application/json": 415,
    "x" * 5_000: 415,
}
_QUERIES = {
    "/order?" + "&".join(f"key{number}=v" for number in range(2_000)): 400,
    f"/order?accountid={'a' * 8_000}&vendorid=b": 400,
    f"/order?accountid={'%F0%9F%98%80' * 128}&vendorid=b": 404,
    "/order?accountid=a%0d%0aX-Evil:1&vendorid=b": 400,
    "/order?accountid=%ed%a0%80&vendorid=b": 404,
    "/order?accountid=%&vendorid=%zz": 404,
    "/order?accountid=nobody&vendorid=nowhere#fragment": 404,
    f"/orders?limit={'9' * 5_000}": 400,
    "/orders?cursor=%F0%9F%98%80": 400,
}


def test_nasty_request_has_its_status(target: Target, add_to_report: AddToReport) -> None:
    user = target.sign_in("nasty")
    target.succeed("POST", "/order", user, _VALID)
    statuses, expected = {}, {}
    for name, (body, status) in _BODIES.items():
        statuses[name] = target.request("POST", "/order", user, body).status_code
        expected[name] = 200 if target.is_packaged and name in _REPAIRED else status
    for content_type, status in _CONTENT_TYPES.items():
        response = target.request("POST", "/order", user, _VALID, {"Content-Type": content_type})
        statuses[content_type[:40]], expected[content_type[:40]] = response.status_code, status
    for path, status in _QUERIES.items():
        response = target.request("GET", path, user)
        statuses[path[:80]], expected[path[:80]] = response.status_code, status
    assert statuses == expected
    add_to_report(_PROMISE, f"the list of nasty requests, {target.name}", len(statuses))


def test_schemathesis_checks_pass(
    target: Target, full: bool, add_to_report: AddToReport, tmp_path: Path
) -> None:
    """All checks of schemathesis pass on every route of openapi.json."""
    report, traffic = tmp_path / "report.json", tmp_path / "traffic.har"
    # The examples of openapi.json are about v0, and the shop's staff may publish and close it.
    user = target.sign_in("v0")
    process = subprocess.run(
        [
            *[str(Path(sys.executable).with_name("st")), "--no-color"],
            *["--config-file", str(Path(__file__).with_name("schemathesis.toml"))],
            *["run", f"{target.api_url}/openapi.json", "--url", target.api_url],
            *["--max-examples", "3" if not full else "900" if target.is_packaged else "2500"],
            *["--report-json-path", str(report), "--report-har-path", str(traffic)],
            *(["--exclude-checks", _NOT_AT_THE_GATEWAY] if target.is_packaged else []),
        ],
        cwd=tmp_path,
        env={**os.environ, "ID_TOKEN": user.id_token},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout[-8_000:] + process.stderr
    results = json.loads(report.read_text())
    assert results["complete"]
    assert results["failures"] == results["errors"] == []
    assert results["operations"]["tested"] == results["operations"]["total"]
    assert {phase["status"] for phase in results["phases"].values()} == {"success"}
    entries = json.loads(traffic.read_text())["log"]["entries"]
    for entry in entries:
        assert entry["response"]["status"] < 500
        target.expect_no_secret(json.dumps(entry["response"]))
    add_to_report(_PROMISE, f"schemathesis, every check, {target.name}", len(entries))
