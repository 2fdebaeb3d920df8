"""Middleware for every request: the log line and metric, `Retry-After`, security headers.

Each request is logged as one line of JSON with route, status and duration. A line never contains a
token, a body or a query. The same line is a CloudWatch metric in the embedded metric format, so a
metric needs no API call. Only the standard library is used, because a logging library would take a
fifth of a cold start.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from chalice import Response
from chalice.app import Request

from chalicelib import settings

SERVICE = "coffee-orders"

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
_METRICS: dict[tuple[str, object], str] = {
    ("POST", "placed"): "OrdersPlaced",
    ("POST", "replaced"): "OrdersReplaced",
    ("POST", "unchanged"): "OrdersUnchanged",
    ("DELETE", None): "OrdersCancelled",
    ("PATCH", None): "OrdersAdvanced",
}
_CLIENT_ERRORS = range(400, 500)

GetResponse = Callable[[Request], Response]


def log_request(request: Request, get_response: GetResponse) -> Response:
    """Chalice middleware: log the request, and count changes of orders."""
    start = time.perf_counter()
    response = get_response(request)
    timestamp = time.time()
    status = response.status_code
    fields = {
        "request_id": request.context.get("requestId"),
        "function_request_id": getattr(request.lambda_context, "aws_request_id", None),
        "route": f"{request.method} {request.path}",
        "status": status,
        "error": response.body.get("Code") if isinstance(response.body, Mapping) else None,
        "duration_ms": round((time.perf_counter() - start) * 1000, 1),
    }
    if metric := _metric_name(request, response):
        fields |= _metric(metric, timestamp)
    _write_line("INFO", "answered", timestamp, fields)
    return response


def add_headers(request: Request, get_response: GetResponse) -> Response:
    """Chalice middleware: add `Retry-After` and the security headers.

    A route may override them: the page has its own policy, and the OpenAPI document may be cached.
    """
    response = get_response(request)
    response.headers = {**SECURITY_HEADERS, **response.headers}
    if seconds := _RETRY_AFTER.get(response.status_code):
        response.headers["Retry-After"] = seconds
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 15.5.2
    return response


class JsonLogHandler(logging.Handler):
    """Writes log records, such as an unexpected exception, as lines of the same format."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; an exception with its traceback."""
        fields = {}
        if record.exc_info and record.exc_info[0]:
            fields["exception_name"] = record.exc_info[0].__name__
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        _write_line(record.levelname, record.getMessage(), record.created, fields)


# Chalice logs unexpected exceptions to the logger with the app's name, which is this one.
logger = logging.getLogger(SERVICE)
logger.addHandler(JsonLogHandler())
logger.propagate = False  # Lambda's own handler would write each line a second time


def _write_line(level: str, message: str, timestamp: float, fields: dict[str, Any]) -> None:
    line = {
        "level": level,
        "message": message,
        "timestamp": datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="milliseconds"),
        "service": SERVICE,
        "stage": settings.required("STAGE"),
        **fields,
    }
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):  # Lambda sets it for each invocation
        line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    # One call, so that the lines of `chalice local`'s threads do not mix.
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _metric_name(request: Request, response: Response) -> str | None:
    """Return the name of the metric for this request; None for reads and for server errors."""
    if request.path != "/order" or request.method == "GET":
        return None
    if response.status_code in _CLIENT_ERRORS:
        return "OrdersRefused"
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    return _METRICS.get((request.method, response.headers.get(OUTCOME_HEADER)))


def _metric(name: str, timestamp: float) -> dict[str, Any]:
    """Return the fields from which CloudWatch extracts a metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": "CoffeeOrders",
        "Dimensions": [["service", "stage"]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    return {
        name: 1,
        "_aws": {"Timestamp": int(timestamp * 1000), "CloudWatchMetrics": [directive]},
    }
