"""A page of another origin cannot use the local cloud of `make run`."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pytest_httpserver import HTTPServer

from local.service import Service

# The requests of an attacker's page. The browser sends a preflight request only for the two before
# the last. MiniStack accepts the signature in each query.
_ATTACKS = """
async (cloud) => {
  const signedFor = (service) =>
    `X-Amz-Credential=test%2F20261125%2Fap-southeast-2%2F${service}%2Faws4_request`;
  const send = (path, options) => fetch(cloud + path, options).then(
    (answer) => answer.type, () => "failed");
  const text = (body) => ({ method: "POST", mode: "no-cors", body,
    headers: { "Content-Type": "text/plain" } });
  const image = (path) => new Promise((done) => {
    const image = new Image();
    image.onload = image.onerror = () => done("tried");
    image.src = cloud + path;
  });
  const form = (path) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.name = "target";
    frame.onload = () => done("tried");
    document.body.append(frame);
    const form = document.createElement("form");
    Object.assign(form, { method: "POST", target: "target", action: cloud + path });
    document.body.append(form);
    form.submit();
  });
  const socket = () => new Promise((done) => {
    const socket = new WebSocket(cloud.replace("http", "ws") + "/");
    socket.onopen = () => done("open");
    socket.onerror = () => done("failed");
  });
  return [
    await send(`/?Action=CreateRole&RoleName=evil&${signedFor("iam")}`, text("{}")),
    await send(`/2015-03-31/functions?${signedFor("lambda")}`, text("{}")),
    await send(`/?Action=CreateStack&StackName=evil&${signedFor("cloudformation")}`, text("")),
    await send("/_ministack/reset", text("")),
    await send("/_ministack/config", text("{}")),
    await send("/_ministack/ses/messages", { mode: "no-cors" }),
    await image("/_ministack/ses/messages"),
    await image(`/?Action=DeleteStack&StackName=x&${signedFor("cloudformation")}`),
    await form("/_ministack/reset"),
    await send("/_ministack/ses/messages"),
    await send("/", { method: "POST", body: "{}", headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools" } }),
    await send("/_ministack/reset", { method: "PUT" }),
    await socket(),
  ];
}
"""


@pytest.fixture
def foreign_page(
    request: pytest.FixtureRequest, browser: Browser, httpserver: HTTPServer
) -> Iterator[Page]:
    """Return a page whose host is the parameter."""
    httpserver.expect_request("/").respond_with_data(
        "<title>Foreign</title>", content_type="text/html"
    )
    page = browser.new_page()
    page.goto(f"http://{request.param}:{httpserver.port}/")
    yield page
    page.close()


# Another port of the same host is the same site; another name is not.
@pytest.mark.parametrize("foreign_page", ["127.0.0.1", "localhost"], indirect=True)
def test_a_foreign_page_gets_403_for_every_request(foreign_page: Page, service: Service) -> None:
    dynamodb = service.cloud.client("dynamodb")
    tables = dynamodb.list_tables()["TableNames"]
    cloud = service.cloud.endpoint_url
    responses: list[tuple[str, int]] = []
    foreign_page.on("response", lambda response: responses.append((response.url, response.status)))
    results = foreign_page.evaluate(_ATTACKS, cloud)
    statuses = [status for url, status in responses if url.startswith(cloud)]
    assert len(statuses) >= 7, "the browser hides the responses to images and CORS requests"
    assert set(statuses) == {403}, responses
    assert set(results) <= {"opaque", "tried", "failed"}
    assert results[-4:] == ["failed"] * 4, "the page could read a response"
    assert dynamodb.list_tables()["TableNames"] == tables


def test_dns_rebinding_gets_403(browser: Browser, service: Service) -> None:
    port = service.cloud.endpoint_url.rpartition(":")[2]
    page = browser.new_page()
    # Chromium resolves every name below localhost to this machine, without DNS.
    response = page.goto(f"http://rebound.localhost:{port}/_ministack/ses/messages")
    assert response is not None
    assert (response.status, response.json()) == (
        403,
        {"message": "The local cloud answers only to its own address"},
    )
    page.close()
