"""The routes of the service: each reads the request, calls chalicelib and builds the response."""

import gc
import os
from importlib.util import find_spec
from typing import cast
from urllib.parse import urlencode

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    gc.disable()  # the modules below stay in memory, so there is no garbage to collect

from chalice import Chalice, CognitoUserPoolAuthorizer, CORSConfig, Response, TooManyRequestsError
from chalice.app import Request

if find_spec("chalice.local"):
    # Lambda does not have this module. Where it is installed, Chalice would accept any token.
    from local import chalice_local

    chalice_local.prepare()

import msgspec
from msgspec import Struct, structs

from chalicelib import (
    auth,
    conditions,
    log,
    messages,
    middleware,
    order_lists,
    orders_table,
    rate_limit,
    settings,
    shops,
    shops_table,
)
from chalicelib.orders import Key, PlacedOrder

settings.check()  # before the first order, not after it is stored
app = Chalice(app_name=log.SERVICE, configure_logs=False)
app.api.cors = CORSConfig(
    allow_headers=["If-Match", "If-None-Match"],
    expose_headers=["ETag", "Location", middleware.OUTCOME_HEADER, "Retry-After"],
    max_age=600,
)
app.register_middleware(middleware.log_request, "http")
app.register_middleware(middleware.add_headers, "http")

cognito_authorizer = CognitoUserPoolAuthorizer(
    "Customers", provider_arns=[settings.required("USER_POOL_ARN")]
)


@app.route("/order", methods=["POST"], authorizer=cognito_authorizer)
def post_order() -> Response:
    """Place an order, or replace the caller's own earlier one at the same key."""
    customer = _caller()
    request = messages.read_body(_request(), messages.PlaceOrderRequest)
    if seconds := rate_limit.count_order(customer.sub):
        message = f"You order too fast; try again in {seconds} s"
        error = {"Code": TooManyRequestsError.__name__, "Message": message}
        return Response(error, {"Retry-After": str(seconds)}, 429)
    preconditions = conditions.read(_request())
    order, outcome = orders_table.place(request.order, customer.sub, preconditions)
    response = _order_response(order, status=201 if outcome == "placed" else 200)
    response.headers[middleware.OUTCOME_HEADER] = outcome
    if outcome == "placed":
        # Relative to the URL of the request, which may have the prefix of a stage.
        key = urlencode({"accountid": order.accountid, "vendorid": order.vendorid})
        response.headers["Location"] = f"?{key}"
    return response


@app.route("/order", methods=["GET"])
def get_order() -> Response:
    """Look up an order by its key, without login."""
    return _unless_cached(_order_response(orders_table.get(_key())))


@app.route("/order", methods=["DELETE"], authorizer=cognito_authorizer)
def delete_order() -> Response:
    """Cancel the caller's own order before the shop has started on it."""
    customer = _caller()
    key, preconditions = _key(), conditions.read(_request())
    order = orders_table.change_status(key, "cancelled", preconditions, placed_by=customer.sub)
    return _order_response(order)


@app.route("/order", methods=["PATCH"], authorizer=cognito_authorizer)
def patch_order() -> Response:
    """Change the status of an order, as staff of its vendor."""
    barista = _caller()
    key = _key()
    update = messages.read_body(_request(), messages.StatusUpdateRequest)
    barista.require_staff_of(key.vendorid)
    order = orders_table.change_status(key, update.status, conditions.read(_request()))
    return _order_response(order)


@app.route("/order/push", methods=["PUT"], authorizer=cognito_authorizer)
def put_order_push() -> Response:
    """Say where to send a Web Push when the caller's own order is ready."""
    customer = _caller()
    key = _key()
    endpoint = messages.read_body(_request(), messages.PushRequest).endpoint
    return _order_response(orders_table.subscribe(key, endpoint, placed_by=customer.sub))


@app.route("/orders", methods=["GET"], authorizer=cognito_authorizer)
def list_orders() -> Response:
    """List the caller's orders, newest first; with a vendorid, the shop's queue, oldest first."""
    caller = _caller()
    query = messages.read_query(_request().query_params, messages.ListQuery)
    if query.vendorid is not None:
        caller.require_staff_of(query.vendorid)
    return _json_response(order_lists.get(caller.sub, query))


@app.route("/shop", methods=["GET"])
def get_shop() -> Response:
    """Look up a shop and its menu, without login."""
    vendorid = _vendorid()
    shop, etag = shops_table.get(vendorid)
    shop = structs.replace(shop, waiting=order_lists.count_waiting(vendorid))
    return _json_response(messages.ShopResponse(shop), etag)


@app.route("/shop", methods=["PUT"], authorizer=cognito_authorizer)
def put_shop() -> Response:
    """Publish a shop's name, currency and menu, as staff of the vendor."""
    barista = _caller()
    vendorid = _vendorid()
    content = messages.read_body(_request(), messages.PublishShopRequest).shop
    barista.require_staff_of(vendorid)
    expected = conditions.read(_request())
    shop, etag, is_new = shops_table.publish(vendorid, content, expected)
    return _json_response(messages.ShopResponse(shop), etag, 201 if is_new else 200)


@app.route("/shop", methods=["PATCH"], authorizer=cognito_authorizer)
def patch_shop() -> Response:
    """Open or close a shop, change its note, mark coffees as sold out, as staff."""
    barista = _caller()
    vendorid = _vendorid()
    changes = messages.read_body(_request(), shops.ShopChanges)
    barista.require_staff_of(vendorid)
    shop, etag = shops_table.update(vendorid, changes, conditions.read(_request()))
    return _json_response(messages.ShopResponse(shop), etag)


@app.route("/shop/qr.svg", methods=["GET"])
def get_shop_qr() -> Response:
    """Draw the QR code that leads to the page of a shop."""
    from chalicelib import page  # noqa: PLC0415 - the routes of orders do not need it

    vendorid = _vendorid()
    shops_table.get(vendorid)  # raises NotFoundError without a menu
    return _unless_cached(page.qr_code(_request(), vendorid))


@app.route("/openapi.json", methods=["GET"])
def get_openapi() -> Response:
    """Return the OpenAPI 3.1 document of these routes."""
    from chalicelib import page  # noqa: PLC0415 - the routes of orders do not need it

    return _unless_cached(page.openapi(_request()))


@app.route("/", methods=["GET"])
def get_page() -> Response:
    """Serve the web page."""
    from chalicelib import page  # noqa: PLC0415 - the routes of orders do not need it

    return _unless_cached(page.html(_request().context.get("path", "/")))


@app.route("/static/{version}/{name}", methods=["GET"])
def get_static(version: str, name: str) -> Response:
    """Serve a stylesheet, script or icon of the page."""
    from chalicelib import page  # noqa: PLC0415 - the routes of orders do not need it

    return _unless_cached(page.static(version, name))


@app.route("/sw.js", methods=["GET"])
def get_service_worker() -> Response:
    """Serve the page's service worker, which shows a push as a notification."""
    from chalicelib import page  # noqa: PLC0415 - the routes of orders do not need it

    return _unless_cached(page.service_worker())


def _request() -> Request:
    return cast("Request", app.current_request)


def _caller() -> auth.Caller:
    return auth.authenticate(_request().context)


def _key() -> Key:
    return messages.read_query(_request().query_params, Key)


def _vendorid() -> str:
    return messages.read_query(_request().query_params, messages.ShopQuery).vendorid


def _order_response(order: PlacedOrder, status: int = 200) -> Response:
    return _json_response(messages.OrderResponse(order), order.etag, status)


def _unless_cached(response: Response) -> Response:
    """Return the response to a GET; 304 if the client has it already (RFC 9110, 13.2.2)."""
    preconditions, etag = conditions.read(_request()), str(response.headers["ETag"])
    preconditions._replace(if_none_match=None).require(etag, f"If-Match: the ETag is now {etag}")
    if not preconditions.none_match(etag):
        return Response(response.body[:0], response.headers, 304)  # an image's is bytes
    return response


def _json_response(content: Struct, etag: str | None = None, status: int = 200) -> Response:
    headers = {"Content-Type": "application/json"} | ({"ETag": etag} if etag else {})
    body = msgspec.json.encode(content, enc_hook=str).decode()
    return Response(body, {**headers}, status)


if not gc.isenabled():
    gc.freeze()  # later collections skip the modules that are loaded by now
    gc.enable()
