"""A page of another origin cannot use the local cloud of `make run`."""

import pytest
from playwright.sync_api import Browser
from pytest_httpserver import HTTPServer

from local.service import Service

pytestmark = pytest.mark.slow

# The requests of an attacker's page. The browser sends a preflight request only for the two before
# the last. MiniStack accepts the signature in each query.
_ATTACKS = """
async (cloud) => {
  const mails = "/_ministack/ses/messages";
  const createStack = "/?Action=CreateStack&StackName=evil&"
    + "X-Amz-Credential=test%2F20261125%2Fap-southeast-2%2Fcloudformation%2Faws4_request";
  const send = (path, options) => fetch(cloud + path, options).then(
    (response) => response.type, () => "failed");
  const post = { method: "POST", mode: "no-cors", body: "{}",
    headers: { "Content-Type": "text/plain" } };
  const load = (element, properties) => new Promise((resolve) => {
    element.onload = element.onerror = () => resolve("tried");
    Object.assign(element, properties);
    document.body.append(element);
  });
  const form = (path) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", target: "frame", action: cloud + path });
    document.body.append(form);
    const loaded = load(document.createElement("iframe"), { name: "frame" });
    form.submit();
    return loaded;
  };
  const socket = () => new Promise((resolve) => {
    const socket = new WebSocket(cloud.replace("http", "ws") + "/");
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("failed");
  });
  return [
    await send(createStack, post),
    await send("/_ministack/reset", post),
    await send(mails, { mode: "no-cors" }),
    await load(new Image(), { src: cloud + mails }),
    await load(new Image(), { src: cloud + createStack }),
    await form("/_ministack/reset"),
    await send(mails),
    await send("/", { method: "POST", body: "{}", headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools" } }),
    await send("/_ministack/reset", { method: "PUT" }),
    await socket(),
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
    responses: list[tuple[str, int]] = []
    with browser.new_page() as page:
        page.goto(f"http://{host}:{httpserver.port}/")
        page.on("response", lambda response: responses.append((response.url, response.status)))
        results = page.evaluate(_ATTACKS, cloud_url)
    statuses = [status for url, status in responses if url.startswith(cloud_url)]
    assert len(statuses) >= 4, "the browser hides the responses to images and CORS requests"
    assert set(statuses) == {403}, responses
    assert set(results) <= {"opaque", "tried", "failed"}
    assert results[-4:] == ["failed"] * 4, "the page could read a response"
    assert dynamodb.list_tables()["TableNames"] == tables


def test_dns_rebinding_gets_403(browser: Browser, service: Service) -> None:
    port = service.cloud.endpoint_url.rpartition(":")[2]
    with browser.new_page() as page:
        # Chromium resolves every name below localhost to this machine, without DNS.
        response = page.goto(f"http://rebound.localhost:{port}/_ministack/ses/messages")
        assert response is not None
        assert response.status == 403
        assert response.text() == "The local cloud answers only to its own address"
