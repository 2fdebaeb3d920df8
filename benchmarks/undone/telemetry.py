"""What the service tells its operators: a JSON log line and a counter for each request.

A line says which route answered what, how fast. It never has a token, a body or a query in
it. The counters are CloudWatch metrics in the embedded metric format, so they cost no call.
"""

import time
from collections.abc import Callable, Mapping

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from chalice import Response
from chalice.app import Request

from chalicelib import settings

SERVICE = "coffee-orders"
NAMESPACE = "CoffeeOrders"
_STAGE = settings.required("STAGE")

# Chalice logs what it can't handle to the logger named like the app: that is this one.
logger = Logger(service=SERVICE, location=None)

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
    status = response.status_code
    logger.info(
        "answered",
        request_id=request.context.get("requestId"),
        function_request_id=getattr(request.lambda_context, "aws_request_id", None),
        route=f"{request.method} {request.path}",
        status=status,
        error=response.body.get("Code") if isinstance(response.body, Mapping) else None,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )
    if counter := _COUNTERS.get((request.method, status)):
        _count(counter)
    elif request.method != "GET" and status in _REFUSED:
        _count("OrdersRefused")
    return response


def _count(name: str) -> None:
    # A metric of its own for each call: Powertools' shared collection is not made for the
    # threads of `chalice local`.
    with single_metric(name=name, unit=MetricUnit.Count, value=1, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="service", value=SERVICE)
        metric.add_dimension(name="stage", value=_STAGE)
