"""The page and its files: content, settings, caching and Content-Security-Policy."""

import gzip
import re
from collections.abc import Callable

import pytest
from chalice.test import HTTPResponse

from chalicelib import page
from tests.api.conftest import Send
from tests.fixtures import Cloud
from tools.project import PROJECT

_FOLDER = PROJECT / "chalicelib" / "static"
# The page refers to these; the worker has a route of its own.
_FILES = sorted(
    {path.name for path in _FOLDER.iterdir() if path.suffix != ".png"} - {"index.html", "sw.js"}
)

Fetch = Callable[..., HTTPResponse]


@pytest.fixture
def fetch(send: Send) -> Fetch:
    """Return a function that GETs a path, with the ETag of a cached response."""
    return lambda path, etag=None: send("GET", path, headers={"If-None-Match": etag})


@pytest.mark.parametrize("name", _FILES)
def test_files_are_served_without_comments_and_indentation(fetch: Fetch, name: str) -> None:
    response = fetch(f"/static/any/{name}")
    assert response.status_code == 200
    source = (_FOLDER / name).read_text()
    if name.endswith(".css"):
        source = re.sub(r"/\*.*?\*/", "", source)
    if name.endswith(".js"):
        source = re.sub(r"^\s*(//|/?\*).*| // .*", "", source, flags=re.MULTILINE)
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    assert [line.rstrip() for line in response.body.decode().splitlines()] == lines


@pytest.mark.parametrize("size", [180, 192, 512])
def test_icons_of_the_home_screen_are_served(send: Send, size: int) -> None:
    path, accept = f"/static/any/icon-{size}.png", {"Accept": "image/avif,image/webp,*/*"}
    response = send("GET", path, headers=accept)
    assert response.headers["Content-Type"] == "image/png"
    assert response.body[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(response.body[at : at + 4]) for at in (16, 20)] == [size, size]
    cached = send("GET", path, headers=accept | {"If-None-Match": response.headers["ETag"]})
    assert (cached.status_code, cached.body) == (304, b"")


@pytest.mark.parametrize("name", ["index.html", "none.js", "..", "page.py", "%2e%2e%2fpage.py"])
def test_no_other_file_is_served(fetch: Fetch, name: str) -> None:
    assert fetch(f"/static/any/{name}").status_code == 404


def test_page_has_the_limits_of_an_order_and_no_push_without_a_key(fetch: Fetch) -> None:
    body = fetch("/").body.decode()
    for setting in (
        'name="push-key" content=""',
        'data-min="1" data-max="1000"',
        f'maxlength="{len("100000000.0000")}"',
    ):
        assert setting in body


@pytest.mark.usefixtures("cloud")
def test_path_without_trailing_slash_gets_a_base() -> None:
    assert '<base href="/prod/">' in page.html("/prod").body
    assert "<base" not in page.html("/prod/").body
    assert "<script>" not in page.html('/"><script>alert(1)</script>').body


@pytest.mark.parametrize("path", ["/", "/static/any/main.js", "/static/any/style.css"])
def test_conditional_request_gets_304(fetch: Fetch, path: str) -> None:
    etag = fetch(path).headers["ETag"]
    response = fetch(path, f'"other", W/{etag}')
    assert (response.status_code, response.body, response.headers["ETag"]) == (304, b"", etag)
    assert fetch(path, '"other"').status_code == 200


def test_files_are_cached_until_a_deployment(fetch: Fetch) -> None:
    response = fetch("/")
    assert response.headers["Cache-Control"] == "public, no-cache"
    (path,) = re.findall(r'<script type="module" async src="([^"]+)">', response.body.decode())
    current_file, earlier_file = fetch(f"/{path}"), fetch("/static/another-version/start.js")
    assert "immutable" in current_file.headers["Cache-Control"]
    assert earlier_file.body == current_file.body
    for changing_file in (earlier_file, fetch("/sw.js")):
        assert changing_file.headers["Cache-Control"] == "public, no-cache"


def test_policy_allows_only_own_files_and_cognito(fetch: Fetch, cloud: Cloud) -> None:
    rules = fetch("/").headers["Content-Security-Policy"].split("; ")
    assert dict(rule.split(" ", 1) for rule in rules) == {
        **dict.fromkeys(("default-src", "form-action", "frame-ancestors"), "'none'"),
        **dict.fromkeys(("script-src", "style-src", "img-src", "manifest-src"), "'self'"),
        **dict.fromkeys(("worker-src", "base-uri"), "'self'"),
        "connect-src": f"'self' {cloud.endpoint_url}",
        "require-trusted-types-for": "'script'",
    }
    worker = fetch("/sw.js").headers["Content-Security-Policy"]
    assert worker == "default-src 'none'; connect-src 'self'"


def test_page_is_smaller_than_44_kb(fetch: Fetch) -> None:
    code = [name for name in _FILES if name.endswith((".js", ".css"))]
    paths = ["/", "/sw.js", *(f"/static/any/{name}" for name in code)]
    responses = [fetch(path) for path in paths]
    assert sum(len(gzip.compress(response.body)) for response in responses) < 44 * 1024
    assert len({response.headers["ETag"] for response in responses}) == len(responses)


# Features that browsers of 2022 lack, by the compatibility tables of MDN.
_TOO_NEW = (
    r"AbortSignal\.(timeout|any)|\.(toSpliced|toSorted|toReversed|with|findLast)\(|groupBy\("
    r"|withResolvers|Array\.fromAsync|isWellFormed|startViewTransition|\.at\(-|URL\.canParse"
    r"|:has\(|@layer|@scope|@starting-style|color-mix\(|light-dark\(|^\s*&"
)


@pytest.mark.parametrize("name", _FILES)
def test_files_avoid_new_features(name: str) -> None:
    source = (_FOLDER / name).read_text()
    assert not re.search(_TOO_NEW, source, re.MULTILINE)
