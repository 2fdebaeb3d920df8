"""Coffee orders: the routes.

A route reads the request, calls chalicelib and builds the response. The rules of an order are in
chalicelib/orders.py.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalice import Chalice, CognitoUserPoolAuthorizer, CORSConfig, Response
from chalice.app import Request

if find_spec("chalice.local"):
    # On a laptop, the only place that has this module, Chalice would accept any token, and nothing
    # has set the variables that the imports below read: this takes care of both.
    from local import chalice_local

    chalice_local.prepare()

from chalicelib import (
    auth,
    messages,
    middleware,
    order_lists,
    orders_table,
    pagination,
    settings,
)
from chalicelib.orders import Key

if TYPE_CHECKING:
    from chalicelib import page

app = Chalice(app_name=middleware.SERVICE, configure_logs=False)
app.api.cors = CORSConfig(
    expose_headers=["Location", middleware.OUTCOME_HEADER, "Retry-After"], max_age=600
)
app.register_middleware(middleware.log_request, "http")
app.register_middleware(middleware.add_headers, "http")

signed_in = CognitoUserPoolAuthorizer(
    "Customers", provider_arns=[settings.required("USER_POOL_ARN")]
)


@app.route("/order", methods=["POST"], authorizer=signed_in)
def post_order() -> Response:
    """Place an order, or replace the caller's own earlier one at the same key."""
    customer = _caller()
    order = messages.read_body(_request(), messages.PlaceOrderRequest).order
    placed, outcome = orders_table.place(order, placed_by=customer.sub)
    headers: dict[str, str] = {middleware.OUTCOME_HEADER: outcome}
    if outcome != "placed":
        return _json_response(messages.OrderResponse(placed), headers)
    # Only a query: with the request's own path it is a URL that exists, whatever prefix a stage or
    # a custom domain adds, and with or without a slash at the end.
    key = urlencode({"accountid": order.accountid, "vendorid": order.vendorid})
    headers["Location"] = f"?{key}"
    return _json_response(messages.OrderResponse(placed), headers, status=201)


@app.route("/order", methods=["GET"])
def get_order() -> Response:
    """Look up an order by its key. Anybody may."""
    return _json_response(messages.OrderResponse(orders_table.get(_key())))


@app.route("/order", methods=["DELETE"], authorizer=signed_in)
def delete_order() -> Response:
    """Cancel one's own order before the shop has started on it."""
    customer = _caller()
    cancelled = orders_table.cancel(_key(), placed_by=customer.sub)
    return _json_response(messages.OrderResponse(cancelled))


@app.route("/order", methods=["PATCH"], authorizer=signed_in)
def patch_order() -> Response:
    """Change the status of an order. Only staff of its vendor may."""
    barista = _caller()
    key = _key()
    update = messages.read_body(_request(), messages.StatusUpdateRequest)
    barista.require_staff_of(key.vendorid)
    return _json_response(messages.OrderResponse(orders_table.advance(key, update.status)))


@app.route("/orders", methods=["GET"], authorizer=signed_in)
def list_orders() -> Response:
    """List one's own orders, newest first; with a vendorid, the shop's queue, oldest first."""
    reader = _caller()
    query = messages.read_query(_request().query_params, messages.ListQuery)
    list_id = (reader.sub, query.vendorid, query.status)
    after = pagination.decode(query.cursor, *list_id) if query.cursor is not None else None
    if query.vendorid is None:
        page = order_lists.for_customer(reader.sub, query.status, query.limit, after)
    else:
        reader.require_staff_of(query.vendorid)
        page = order_lists.for_shop(query.vendorid, query.status, query.limit, after)
    cursor = pagination.encode(page.end, *list_id) if page.end else None
    return _json_response(messages.OrderListResponse(page.orders, cursor))


@app.route("/openapi.json", methods=["GET"])
def get_openapi() -> Response:
    """Describe these routes in OpenAPI 3.1."""
    from chalicelib import page  # noqa: PLC0415 - orders do not pay for it

    return Response(
        page.openapi(),
        {"Content-Type": "application/json", "Cache-Control": "public, max-age=300"},
    )


@app.route("/", methods=["GET"])
def get_page() -> Response:
    """Serve the page, for people."""
    from chalicelib import page  # noqa: PLC0415 - orders do not pay for it

    return _file_response(page.html(_request().context.get("path", "/")))


@app.route("/static/{version}/{name}", methods=["GET"])
def get_static(version: str, name: str) -> Response:
    """Serve a file that the page refers to."""
    from chalicelib import page  # noqa: PLC0415 - orders do not pay for it

    return _file_response(page.static(version, name))


def _request() -> Request:
    request: Request | None = app.current_request
    assert request is not None, "only a route calls this"  # noqa: S101 # nosec
    return request


def _caller() -> auth.Caller:
    return auth.authenticate(_request().context)


def _key() -> Key:
    return messages.read_query(_request().query_params, Key)


def _file_response(file: "page.File") -> Response:
    """Return the file, or 304 if the browser already has it."""
    known = file.matches(_request().headers.get("If-None-Match"))
    headers: dict[str, str | list[str]] = {**file.headers}
    return Response("", headers, 304) if known else Response(file.content, headers)


def _json_response(
    content: messages.OrderResponse | messages.OrderListResponse,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    all_headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    all_headers |= headers or {}
    return Response(messages.to_json(content), all_headers, status)
