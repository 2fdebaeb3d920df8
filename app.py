"""Coffee orders: the routes.

A route takes the request apart, calls chalicelib, and puts the response together. What an
order is stands in chalicelib/orders.py.
"""

from importlib.util import find_spec
from urllib.parse import urlencode

from chalice import Chalice, CognitoUserPoolAuthorizer, CORSConfig, Response
from chalice.app import Request

if find_spec("chalice.local"):
    # A laptop, where Chalice stands in for API Gateway, but would believe any token. The
    # deployment package has no such module: there API Gateway itself is in front. This comes
    # before chalicelib is imported, which reads the stage's settings as it loads.
    from cloud import laptop

    laptop.prepare()

from chalicelib import callers, errors, orders, orders_table, parsing, settings, telemetry

app = Chalice(app_name=telemetry.SERVICE, configure_logs=False)
app.api.cors = CORSConfig(expose_headers=["Location", "Retry-After"], max_age=600)
app.register_middleware(telemetry.observe, "http")
app.register_middleware(errors.say_when_to_retry, "http")

signed_in = CognitoUserPoolAuthorizer(
    "Customers", provider_arns=[settings.required("USER_POOL_ARN")]
)


@app.route("/order", methods=["POST"], authorizer=signed_in)
def post_order() -> Response:
    """Place an order, or replace the caller's own earlier one at the same key."""
    caller = callers.caller(_request().context)
    order = parsing.order(_request())
    is_new = orders_table.place(order, placed_by=caller.sub)
    return _answer(order, status=201 if is_new else 200)


@app.route("/order", methods=["GET"])
def get_order() -> Response:
    """Look an order up by its key; anybody may."""
    return _answer(orders_table.get(parsing.key(_request())))


def _request() -> Request:
    request: Request | None = app.current_request
    assert request is not None, "a route runs only while there is a request"  # noqa: S101
    return request


def _answer(order: orders.Order, status: int = 200) -> Response:
    headers: dict[str, str | list[str]] = {"Content-Type": "application/json"}
    if status == 201:  # noqa: PLR2004
        # Relative to the request's own URL, whose stage prefix only the gateway knows.
        key = urlencode({"accountid": order.accountid, "vendorid": order.vendorid})
        headers["Location"] = f"order?{key}"
    return Response(orders.to_json(order), headers, status)
