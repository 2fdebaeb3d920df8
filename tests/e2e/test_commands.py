"""`make demo`, `notebook`, `mail` and their kin, as their users meet them."""

import contextlib
import json
import re
import signal
import time

import requests

from local.server import free_port, is_free
from local.state import LocalStack
from tests.e2e.project import Project

_JWT = re.compile(r"eyJ[\w-]{10,}")


def test_the_demo_tells_the_story_and_leaves_nothing_behind(project: Project) -> None:
    before = project.files()
    code, printed = project.run("local", "demo")
    assert code == 0, printed
    for expected in (
        "Your confirmation code is",
        '"cognito:username": "Paul"',
        "201 placed    a0:v0",
        "201 placed    a1:v1",
        "200 replaced  a0:v0",
        "200 replaced  a1:v1",
        '"coffeetype": "Short Black"',
    ):
        assert expected in printed
    assert printed.count('401 {"message":"Unauthorized"}') == 2
    assert not _JWT.search(printed)
    assert project.files() == before
    assert list((project.folder / ".local").iterdir()) == []
    for port in re.findall(r"127\.0\.0\.1:(\d+)", printed):
        assert is_free(int(port))


def test_staff_and_mail_without_a_local_cloud_are_clear_errors(project: Project) -> None:
    words = ["local", "staff", "--vendor", "v0", "--user", "Paul"]
    nothing = "No local cloud is running: start one with `make run`"
    for command in (words, ["local", "mail", "--to", "ann@example.com"]):
        code, printed = project.run(*command)
        assert (code, printed.strip()) == (1, nothing)
    stale = {
        name: "http://127.0.0.1:1" if name.endswith("url") else "eu-west-1"
        for name in LocalStack._fields
    }
    (project.folder / ".local").mkdir()
    (project.folder / ".local/stack.json").write_text(json.dumps(stale))
    for command in (words, ["local", "mail", "--to", "ann@example.com"]):
        code, printed = project.run(*command)
        assert code == 1
        assert "127.0.0.1" in printed
        assert "Traceback" not in printed


def test_a_proxy_does_not_stand_between_this_machine_and_itself(project: Project) -> None:
    nowhere = "http://127.0.0.1:1"
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere}
    code, printed = project.run("local", "demo", **proxies)
    assert code == 0, printed


def test_the_notebook_opens_beside_a_running_service(project: Project) -> None:
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    process = project.start("local", "notebook", *options, "--IdentityProvider.token=known")
    stack_json = project.folder / ".local/stack.json"
    url = f"http://127.0.0.1:{port}/api/contents/coffee_orders.ipynb"
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(requests.ConnectionError):
                answer = requests.get(url, params={"token": "known"}, timeout=10)
                if answer.ok:
                    break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert answer.json()["type"] == "notebook"
        api_url = json.loads(stack_json.read_text())["api_url"]
        assert requests.get(f"{api_url}/order", timeout=10).status_code == 400
    finally:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    assert is_free(port)
    assert not stack_json.exists()


def test_the_openapi_document_is_written_anew_without_a_difference(project: Project) -> None:
    before = project.files()
    code, printed = project.run("tools", "openapi")
    assert (code, printed.strip()) == (0, "chalicelib/openapi.json")
    assert project.files() == before
