"""Middleware for every request: the log line and metric, `Retry-After`, security headers."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from chalice import Response
from chalice.app import Request

from chalicelib import log

# The list is OWASP's for JSON APIs:
# https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
SECURITY_HEADERS = {
    "Cache-Control": "no-store",  # orders are for the caller only, never for a shared cache
    # If a browser renders a response as a page, no script in it runs.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Long enough for a burst to pass, short enough for somebody who is waiting for a coffee.
_RETRY_AFTER = {429: "1", 503: "2"}  # seconds

# This response header says what POST /order did. Clients and the metrics read it.
OUTCOME_HEADER = "Order-Outcome"
# By the outcome of a POST, or by another method.
_METRICS = {
    "placed": "OrdersPlaced",
    "replaced": "OrdersReplaced",
    "unchanged": "OrdersUnchanged",
    "DELETE": "OrdersCancelled",
    "PATCH": "OrdersAdvanced",
}

GetResponse = Callable[[Request], Response]


def log_request(request: Request, get_response: GetResponse) -> Response:
    """Chalice middleware: log route, status and duration, and count changes of orders."""
    start = time.perf_counter()
    response = get_response(request)
    fields = {
        "request_id": request.context.get("requestId"),
        "function_request_id": getattr(request.lambda_context, "aws_request_id", None),
        "route": f"{request.method} {request.path}",
        "status": response.status_code,
        "error": response.body.get("Code") if isinstance(response.body, Mapping) else None,
        "duration_ms": round((time.perf_counter() - start) * 1000, 1),
    }
    if name := _metric_name(request, response):
        fields |= log.metric(name)
    log.write("INFO", "answered", fields)
    return response


def add_headers(request: Request, get_response: GetResponse) -> Response:
    """Chalice middleware: add `Retry-After` and the security headers, unless the route has them."""
    response = get_response(request)
    response.headers = {**SECURITY_HEADERS, **response.headers}
    if seconds := _RETRY_AFTER.get(response.status_code):
        response.headers.setdefault("Retry-After", seconds)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 15.5.2
    return response


def _metric_name(request: Request, response: Response) -> str | None:
    """Return the name of the metric for this request; None for reads and for server errors."""
    if request.path != "/order" or request.method == "GET":
        return None
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return _METRICS[str(response.headers.get(OUTCOME_HEADER, request.method))]
    return "OrdersRefused" if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else None
