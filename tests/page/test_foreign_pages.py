"""A page of another origin cannot use the local cloud of `make run`."""

import pytest
from playwright.sync_api import Browser
from pytest_httpserver import HTTPServer

from local.service import Service

pytestmark = pytest.mark.slow

# An attacker's page: requests whose answer a page may not read, which need no question first, and
# requests that ask the server first. MiniStack accepts the signature in the query.
_ATTACKS = """
async (cloud) => {
  const stack = "/?Action=CreateStack&StackName=evil&"
    + "X-Amz-Credential=test%2F20261125%2Fap-southeast-2%2Fcloudformation%2Faws4_request";
  const send = (path, options) => fetch(cloud + path, options).then(
    (response) => response.type, () => "failed");
  const image = new Image();
  const loaded = new Promise((done) => { image.onload = image.onerror = done; });
  image.src = cloud + stack;
  document.body.append(image);
  await loaded;
  return [
    await send(stack, { mode: "no-cors", method: "POST", body: "{}" }),
    await send("/_ministack/ses/messages", { mode: "no-cors" }),
    await send("/_ministack/ses/messages"),
    await send("/_ministack/reset", { method: "PUT" }),
    await new Promise((done) => {
      const socket = new WebSocket(cloud.replace("http", "ws") + "/");
      Object.assign(socket, { onopen: () => done("open"), onerror: () => done("failed") });
    }),
  ];
}
"""


# Another port of the same host is the same site; another name is not.
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_foreign_page_gets_403(
    browser: Browser, httpserver: HTTPServer, service: Service, host: str
) -> None:
    dynamodb, cloud_url = service.cloud.client("dynamodb"), service.cloud.endpoint_url
    tables = dynamodb.list_tables()["TableNames"]
    httpserver.expect_request("/").respond_with_data("<title>x</title>", content_type="text/html")
    statuses: list[int] = []
    with browser.new_page() as page:
        page.goto(f"http://{host}:{httpserver.port}/")
        page.on("response", lambda response: statuses.append(response.status))
        results = page.evaluate(_ATTACKS, cloud_url)
    assert set(statuses) == {403}
    assert results[2:] == ["failed"] * 3, "the page could read a response"
    assert dynamodb.list_tables()["TableNames"] == tables


def test_dns_rebinding_gets_403(browser: Browser, service: Service) -> None:
    port = service.cloud.endpoint_url.rpartition(":")[2]
    with browser.new_page() as page:
        # Chromium resolves every name below localhost to this machine, without DNS.
        response = page.goto(f"http://rebound.localhost:{port}/_ministack/ses/messages")
        assert response
        assert response.status == 403
