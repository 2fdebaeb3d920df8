"""The requests of the commands of `coffee` that change a shop."""

import json

import pytest

from tests.client.terminal import FakeCoffee
from tests.samples import shop_content, shop_response


def test_publish_sends_the_file_with_a_precondition(fake_coffee: FakeCoffee) -> None:
    for etag, options, headers in (
        (None, [], (None, "*")),
        ('"1"', [], ('"1"', None)),
        ('"1"', ["--replace"], (None, None)),
    ):
        content = json.dumps(shop_response("harbour", waiting=3) | ({"etag": etag} if etag else {}))
        (fake_coffee.folder / "menu.json").write_text(content.replace('"4.50"', "4.50"))
        fake_coffee.succeed("publish", "harbour", "menu.json", *options)
        sent = fake_coffee.service.requests[-1].headers
        assert (sent.get("If-Match"), sent.get("If-None-Match")) == headers
        # The number is sent as a string with the same digits.
        assert fake_coffee.service.last_body == {"shop": shop_content()}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        *[(content, "is not JSON") for content in (b"", b"{", b"[" * 100_000)],
        (b"[]", "is not a JSON object with name, currency and menu"),
        (b'{"name": "Caf\xe9"}', "is not valid text"),
        ('{"etag": "\u201c1\u201d"}'.encode(), "etag must be an ETag in straight double quotes"),
        (b'{"name": "\\ud83d"}', "name is not valid text"),
    ],
)
def test_invalid_file_is_a_usage_error(
    fake_coffee: FakeCoffee, content: bytes, problem: str
) -> None:
    (fake_coffee.folder / "menu.json").write_bytes(content)
    exit_code, message = fake_coffee.error("publish", "harbour", "menu.json")
    assert (exit_code, problem in message) == (2, True)
    assert fake_coffee.service.requests == []


def test_change_is_one_request(fake_coffee: FakeCoffee) -> None:
    for command, body in (
        ("soldout harbour Mocha", {"soldout": {"Mocha": True}}),
        ("available harbour Mocha", {"soldout": {"Mocha": False}}),
        ("open harbour", {"open": True, "note": ""}),
        ("close harbour --note Soon", {"open": False, "note": "Soon"}),
    ):
        fake_coffee.succeed(*command.split())
        assert fake_coffee.service.last_body == body
    assert [request.method for request in fake_coffee.service.requests] == ["PATCH"] * 4
