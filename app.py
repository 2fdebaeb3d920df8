"""Coffee orders: the routes.

A route takes the request apart, calls chalicelib, and puts the response together. What an
order is stands in chalicelib/orders.py.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalice import Chalice, CognitoUserPoolAuthorizer, CORSConfig, Response
from chalice.app import Request

if find_spec("chalice.local"):
    # A laptop, where Chalice stands in for API Gateway, but would believe any token. The
    # deployment package has no such module: there API Gateway itself is in front. This comes
    # before the imports below, which read the stage's settings as they load.
    from local import chalice_local

    chalice_local.prepare()

from chalicelib import (
    cursors,
    errors,
    messages,
    openapi,
    orders_table,
    parsing,
    security_headers,
    settings,
    telemetry,
)
from chalicelib.callers import Caller, caller
from chalicelib.orders import Key

if TYPE_CHECKING:
    from chalicelib import page

app = Chalice(app_name=telemetry.SERVICE, configure_logs=False)
app.api.cors = CORSConfig(expose_headers=["Location", "Retry-After"], max_age=600)
app.register_middleware(telemetry.observe, "http")
app.register_middleware(errors.say_when_to_retry, "http")
app.register_middleware(security_headers.add, "http")

signed_in = CognitoUserPoolAuthorizer(
    "Customers", provider_arns=[settings.required("USER_POOL_ARN")]
)


@app.route("/order", methods=["POST"], authorizer=signed_in)
def post_order() -> Response:
    """Place an order, or replace the caller's own earlier one at the same key."""
    customer = _caller()
    order = parsing.body(_request(), messages.Placing).order
    placed, is_new = orders_table.place(order, placed_by=customer.sub)
    if not is_new:
        return _answer(messages.Found(placed))
    # Relative to the request's own URL, whose stage prefix only the gateway knows.
    key = urlencode({"accountid": order.accountid, "vendorid": order.vendorid})
    return _answer(messages.Found(placed), status=201, location=f"order?{key}")


@app.route("/order", methods=["GET"])
def get_order() -> Response:
    """Look an order up by its key; anybody may."""
    key = parsing.query(_request(), Key)
    return _answer(messages.Found(orders_table.get(key)))


@app.route("/order", methods=["DELETE"], authorizer=signed_in)
def delete_order() -> Response:
    """Cancel one's own order, while the shop has not begun with it."""
    customer = _caller()
    key = parsing.query(_request(), Key)
    return _answer(messages.Found(orders_table.cancel(key, placed_by=customer.sub)))


@app.route("/order", methods=["PATCH"], authorizer=signed_in)
def patch_order() -> Response:
    """Move an order on; only staff of its vendor may."""
    barista = _caller()
    key = parsing.query(_request(), Key)
    step = parsing.body(_request(), messages.Step)
    barista.require_staff_of(key.vendorid)
    return _answer(messages.Found(orders_table.advance(key, step.status)))


@app.route("/orders", methods=["GET"], authorizer=signed_in)
def list_orders() -> Response:
    """List one's own orders, newest first; or with a vendorid a shop's queue, oldest first."""
    reader = _caller()
    wanted = parsing.query(_request(), messages.Listing)
    bound_to = (reader.sub, wanted.vendorid, wanted.status)
    after = cursors.unseal(wanted.cursor, *bound_to) if wanted.cursor is not None else None
    if wanted.vendorid is None:
        listed = orders_table.of_customer(reader.sub, wanted.status, wanted.limit, after)
    else:
        reader.require_staff_of(wanted.vendorid)
        listed = orders_table.of_shop(wanted.vendorid, wanted.status, wanted.limit, after)
    cursor = cursors.seal(listed.end, *bound_to) if listed.end else None
    return _answer(messages.Page(listed.orders, cursor))


@app.route("/openapi.json", methods=["GET"])
def get_openapi() -> Response:
    """Describe these routes in OpenAPI 3.1."""
    return Response(
        openapi.document(),
        {"Content-Type": "application/json", "Cache-Control": "public, max-age=300"},
    )


@app.route("/", methods=["GET"])
def get_page() -> Response:
    """Serve the page, for people."""
    from chalicelib import page  # noqa: PLC0415 - so that no order pays for it

    return _unless_known(page.html(_request().context.get("path", "/")))


@app.route("/static/{version}/{name}", methods=["GET"])
def get_static(version: str, name: str) -> Response:
    """Serve a file that the page asks for."""
    from chalicelib import page  # noqa: PLC0415 - so that no order pays for it

    return _unless_known(page.static(version, name))


def _request() -> Request:
    request: Request | None = app.current_request
    assert request is not None, "a route runs only while there is a request"  # noqa: S101 # nosec
    return request


def _caller() -> Caller:
    return caller(_request().context)


def _unless_known(file: "page.File") -> Response:
    """Answer 304 to a browser that has the file already."""
    known = file.is_known_as(_request().headers.get("If-None-Match"))
    headers: dict[str, str | list[str]] = {**file.headers}
    return Response("", headers, 304) if known else Response(file.content, headers)


def _answer(
    content: messages.Found | messages.Page, *, status: int = 200, location: str | None = None
) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    if location is not None:
        headers["Location"] = location
    return Response(messages.to_json(content), headers, status)
