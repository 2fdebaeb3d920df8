"""Log lines and metrics: one line of JSON each.

A line never contains a token, a body or a query. A line with a metric is in CloudWatch's embedded
metric format, so a metric needs no API call.
"""

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from chalicelib import settings

SERVICE = "coffee-orders"


class JsonLogHandler(logging.Handler):
    """Writes log records as lines of JSON."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; an exception with its traceback."""
        fields = {}
        if record.exc_info and record.exc_info[0]:
            fields["exception_name"] = record.exc_info[0].__name__
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        write(record.levelname, record.getMessage(), fields)


def write(level: str, message: str, fields: dict[str, Any]) -> None:
    """Write a line with these fields, without the cost of a log record."""
    line = {
        "level": level,
        "message": message,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "service": SERVICE,
        "stage": settings.required("STAGE"),
        **fields,
    }
    if trace := os.environ.get("_X_AMZN_TRACE_ID"):  # Lambda sets it for each invocation
        line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    # One call, so that the lines of `chalice local`'s threads do not mix.
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


# Chalice logs unexpected exceptions to the logger with the app's name, which is this one.
logger = logging.getLogger(SERVICE)
logger.setLevel(logging.INFO)
logger.addHandler(JsonLogHandler())
logger.propagate = False  # Lambda's own handler would write each line a second time


def metric(name: str) -> dict[str, Any]:
    """Return the fields of a line from which CloudWatch counts one event with this name."""
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    directive = {
        "Namespace": "CoffeeOrders",
        "Dimensions": [["service", "stage"]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    return {
        name: 1,
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
    }
