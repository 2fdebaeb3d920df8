"""What the service tells its operators: a line of JSON for each request, with a counter in it.

A line says which route answered what, how fast. It never has a token, a body or a query in
it. The counters are CloudWatch metrics in the embedded metric format, so they cost no call.
Standard Python does it: a library for it would be a fifth of a cold start.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalice import Response
from chalice.app import Request

from chalicelib import settings

SERVICE = "coffee-orders"
NAMESPACE = "CoffeeOrders"
_STAGE = settings.required("STAGE")

_COUNTERS = {
    ("POST", 201): "OrdersPlaced",
    ("POST", 200): "OrdersReplaced",
    ("DELETE", 200): "OrdersCancelled",
    ("PATCH", 200): "OrdersAdvanced",
}
_REFUSED = range(400, 500)


def observe(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice middleware: log the request and count what became of an order."""
    started = time.perf_counter()
    response = get_response(request)
    moment = time.time()
    status = response.status_code
    fields = {
        "request_id": request.context.get("requestId"),
        "function_request_id": getattr(request.lambda_context, "aws_request_id", None),
        "route": f"{request.method} {request.path}",
        "status": status,
        "error": response.body.get("Code") if isinstance(response.body, Mapping) else None,
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
    }
    if counter := _COUNTERS.get((request.method, status)):
        fields |= _metric(counter, moment)
    elif request.method != "GET" and status in _REFUSED:
        fields |= _metric("OrdersRefused", moment)
    _write("INFO", "answered", moment, fields)
    return response


class FailureLog(logging.Handler):
    """Writes what is logged, a failure that nobody planned, as a line of the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; an exception is told with its trace."""
        fields = {}
        if record.exc_info and record.exc_info[0]:
            fields["exception_name"] = record.exc_info[0].__name__
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        _write(record.levelname, record.getMessage(), record.created, fields)


# Chalice logs what it can't handle to the logger named like the app: that is this one.
logger = logging.getLogger(SERVICE)
logger.addHandler(FailureLog())
logger.propagate = False  # Lambda's own handler would write each line once more


def _write(level: str, message: str, moment: float, fields: dict[str, Any]) -> None:
    line = {
        "level": level,
        "message": message,
        "timestamp": datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds"),
        "service": SERVICE,
        "stage": _STAGE,
        **fields,
    }
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):  # Lambda sets it anew for each call
        line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    # One write, so that the threads of `chalice local` leave each other's lines whole.
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _metric(name: str, moment: float) -> dict[str, Any]:
    """Return what makes CloudWatch read a metric out of a line.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["service", "stage"]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    return {name: 1, "_aws": {"Timestamp": int(moment * 1000), "CloudWatchMetrics": [directive]}}
